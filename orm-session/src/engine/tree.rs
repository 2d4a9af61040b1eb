//! Plain trees: what `include` names is read into the values themselves, without a session.
//!
//! One statement per relationship and level, as for a session. What is read deeper is filled in
//! first; a value that several owners point to is copied into each.

use super::transaction::{Plan, Transaction};
use orm_core::compile::compile;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Arena, Object, RefValue};
use orm_core::query::{
    PartOwners, Selection, Statement, collection_statement, owner_key, part_arenas, part_statement,
    targets_statement,
};
use orm_core::schema::{ModelMeta, Relationship, RelationshipKind};
use orm_core::statement::{Criteria, IncludeNode, Parameters, SelectStatement, Source};
use orm_core::types::{Key, Row, RowReader};
use rustc_hash::{FxHashMap, FxHashSet};

/// Where related rows are read, and the criteria that hold there.
pub(crate) struct Reading<'t> {
    pub transaction: &'t mut Transaction,
    pub criteria: Criteria,
}

/// Rows of a statement as plain values; what belongs to them is filled in when all are read.
pub(crate) struct PlainRows<'s, S: Selection> {
    statement: &'s SelectStatement,
    rows: Vec<S::Plain>,
    owners: PartOwners,
}

impl<'s, S: Selection> PlainRows<'s, S> {
    /// None yet.
    pub fn of(statement: &'s SelectStatement) -> PlainRows<'s, S> {
        PlainRows { statement, rows: Vec::new(), owners: PartOwners::of(statement) }
    }

    /// Reads one more.
    pub fn read(&mut self, row: &dyn Row) -> Result<()> {
        let mut reader = RowReader::new(row);
        if self.rows.is_empty() {
            self.rows.reserve(reader.rest() + 1);
        }
        self.owners.read(row)?;
        self.rows.push(S::plain(&mut reader)?);
        Ok(())
    }

    /// Fills in what is included, and parts of collections.
    pub fn fill(mut self, reading: &mut Reading<'_>) -> Result<Vec<S::Plain>> {
        if !self.statement.include.is_empty() {
            let mut owners: Vec<&mut dyn Object> =
                self.rows.iter_mut().filter_map(S::object).collect();
            fill_nodes(reading, &mut owners, &self.statement.include)?;
        }
        if !self.statement.parts.is_empty() {
            fill_parts::<S>(reading, &mut self.rows, self.statement, self.owners)?;
        }
        Ok(self.rows)
    }
}

/// Reads parts of collections and puts them beside their owners.
fn fill_parts<S: Selection>(
    reading: &mut Reading<'_>,
    rows: &mut [S::Plain],
    statement: &SelectStatement,
    owners: PartOwners,
) -> Result<()> {
    let arenas = part_arenas::<S>(statement)?;
    let mut found: Vec<std::vec::IntoIter<Vec<Box<dyn Object>>>> = Vec::new();
    for ((part, keys), arena) in statement.parts.iter().zip(owners.keys).zip(arenas) {
        let relationship = resolved(part.start.model, part.field)?;
        let table = part.start.table();
        let width = table.primary_key.len();
        let different = different(keys.iter().flatten().cloned());
        let mut members: Vec<Box<dyn Object>> = Vec::new();
        let mut owned_by: Vec<Option<Key>> = Vec::new();
        for some in chunks(reading, &different) {
            read(reading, &part_statement(relationship, part, some), &mut |row| {
                owned_by.push(owner_key(table, width, row)?);
                row.skip(width);
                members.push(arena.read_object(row)?);
                Ok(())
            })?;
        }
        fill_values(reading, &mut members, &part.include)?;
        let mut of_owners: FxHashMap<Key, Vec<Box<dyn Object>>> = FxHashMap::default();
        for (owner, member) in owned_by.into_iter().zip(members) {
            if let Some(owner) = owner {
                of_owners.entry(owner).or_default().push(member);
            }
        }
        let of_row = keys.into_iter().map(|key| {
            let members = key.and_then(|key| of_owners.get(&key)).map_or(&[][..], Vec::as_slice);
            members.iter().map(|member| member.boxed()).collect()
        });
        found.push(of_row.collect::<Vec<_>>().into_iter());
    }
    for row in rows {
        let mut parts = found.iter_mut();
        S::put_values(row, &mut || parts.next().and_then(Iterator::next).unwrap_or_default());
    }
    Ok(())
}

/// Keys without repetition, in order.
fn different(keys: impl Iterator<Item = Key>) -> Vec<Key> {
    let keys: FxHashSet<Key> = keys.collect();
    let mut keys: Vec<Key> = keys.into_iter().collect();
    keys.sort_unstable();
    keys
}

/// The relationship that a field is.
fn resolved(model: &'static ModelMeta, field: usize) -> Result<&'static Relationship> {
    model.table().relationship_of(field).ok_or_else(|| {
        Error::new(
            ErrorKind::Configuration,
            format!(
                "`{}.{}` can't be included: {}",
                model.name,
                model.fields[field].name,
                model.table().problems.join("; ")
            ),
        )
    })
}

pub(super) fn fill_nodes(
    reading: &mut Reading<'_>,
    owners: &mut [&mut dyn Object],
    nodes: &[IncludeNode],
) -> Result<()> {
    for node in nodes {
        let relationship = resolved(node.model, node.field)?;
        // an owner of another variant has no such field
        let arena = owners.iter().find_map(|owner| owner.field(node.field).target_arena());
        let Some(arena) = arena else { continue };
        match relationship.kind {
            RelationshipKind::ManyToOne => {
                fill_references(reading, owners, node, relationship, &*arena)?;
            }
            _ => fill_collections(reading, owners, node, relationship, &*arena)?,
        }
    }
    Ok(())
}

fn fill_references(
    reading: &mut Reading<'_>,
    owners: &mut [&mut dyn Object],
    node: &IncludeNode,
    relationship: &Relationship,
    arena: &dyn Arena,
) -> Result<()> {
    let key_of =
        |owner: &dyn Object| owner.field(node.field).reference().and_then(RefValue::key).cloned();
    let mut wanted = Wanted::of(owners.iter().filter_map(|owner| key_of(&**owner)));
    let mut targets: Vec<Box<dyn Object>> = Vec::new();
    for keys in chunks(reading, &wanted.keys()) {
        read(reading, &targets_statement(relationship.target, keys), &mut |row| {
            targets.push(arena.read_object(row)?);
            Ok(())
        })?;
    }
    fill_values(reading, &mut targets, &node.children)?;
    for target in targets {
        wanted.found(target.key(), target);
    }
    for owner in owners {
        let value = key_of(&**owner).and_then(|key| wanted.take(&key).pop());
        if let (Some(reference), Some(value)) = (owner.field_mut(node.field).reference_mut(), value)
        {
            reference.set_value(value);
        }
    }
    Ok(())
}

fn fill_collections(
    reading: &mut Reading<'_>,
    owners: &mut [&mut dyn Object],
    node: &IncludeNode,
    relationship: &Relationship,
    arena: &dyn Arena,
) -> Result<()> {
    let from = Source::of(node.model);
    let width = from.table().primary_key.len();
    let mut wanted = Wanted::of(owners.iter().filter_map(|owner| owner.key()));
    let mut members: Vec<Box<dyn Object>> = Vec::new();
    let mut owned_by: Vec<Option<Key>> = Vec::new();
    for keys in chunks(reading, &wanted.keys()) {
        read(reading, &collection_statement(relationship, from, keys), &mut |row| {
            owned_by.push(owner_key(from.table(), width, row)?);
            row.skip(width);
            members.push(arena.read_object(row)?);
            Ok(())
        })?;
    }
    fill_values(reading, &mut members, &node.children)?;
    for (owner, member) in owned_by.into_iter().zip(members) {
        wanted.found(owner, member);
    }
    for owner in owners {
        let values = owner.key().map(|key| wanted.take(&key)).unwrap_or_default();
        if let Some(collection) = owner.field_mut(node.field).collection_mut() {
            collection.set_values(values);
        }
    }
    Ok(())
}

/// What is read for owners, by the key that they are found by.
struct Wanted(FxHashMap<Key, Found>);

#[derive(Default)]
struct Found {
    /// How many owners still wait for it.
    owners: usize,
    objects: Vec<Box<dyn Object>>,
}

impl Wanted {
    /// The keys of owners, one for each.
    fn of(keys: impl Iterator<Item = Key>) -> Wanted {
        let mut wanted: FxHashMap<Key, Found> = FxHashMap::default();
        for key in keys {
            wanted.entry(key).or_default().owners += 1;
        }
        Wanted(wanted)
    }

    /// The keys without repetition, in order.
    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.0.keys().cloned().collect();
        keys.sort_unstable();
        keys
    }

    fn found(&mut self, key: Option<Key>, object: Box<dyn Object>) {
        if let Some(found) = key.and_then(|key| self.0.get_mut(&key)) {
            found.objects.push(object);
        }
    }

    /// What was found for one owner: a copy, but for the last owner of the key.
    fn take(&mut self, key: &Key) -> Vec<Box<dyn Object>> {
        let Some(found) = self.0.get_mut(key) else { return Vec::new() };
        found.owners -= 1;
        if found.owners == 0 {
            return std::mem::take(&mut found.objects);
        }
        found.objects.iter().map(|object| object.boxed()).collect()
    }
}

fn fill_values(
    reading: &mut Reading<'_>,
    values: &mut [Box<dyn Object>],
    nodes: &[IncludeNode],
) -> Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    let mut owners: Vec<&mut dyn Object> = values.iter_mut().map(|value| &mut **value).collect();
    fill_nodes(reading, &mut owners, nodes)
}

fn read(
    reading: &mut Reading<'_>,
    statement: &SelectStatement,
    each: &mut dyn FnMut(&mut RowReader<'_>) -> Result<()>,
) -> Result<()> {
    let no_handle = |_, meta: &'static ModelMeta| {
        Err(Error::new(ErrorKind::InvalidStatement, format!("a handle of `{}`", meta.name)))
    };
    let dialect = reading.transaction.dialect();
    let compiled = compile(Statement::Rows(statement), dialect, &no_handle, &reading.criteria)?;
    let parameters = Parameters::Values(&compiled.parameters);
    reading.transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
        each(&mut RowReader::new(row))
    })?;
    Ok(())
}

/// Lists of keys that fit a statement.
fn chunks<'k>(reading: &Reading<'_>, keys: &'k [Key]) -> Vec<&'k [Key]> {
    const COMPOSITE_KEYS: usize = 10_000;
    let composite = keys.first().is_some_and(|key| key.width() > 1);
    let most = if composite && !reading.transaction.dialect().features.array_parameters {
        COMPOSITE_KEYS
    } else {
        keys.len().max(1)
    };
    keys.chunks(most).collect()
}
