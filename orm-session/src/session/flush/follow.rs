//! A key that changes, and what points to it.
//!
//! 1. Where the database does not carry a new key on (no ON UPDATE CASCADE), the columns that repeat it
//!    are written with it: rows that were never loaded, link tables and keys made of the key included.
//! 2. Rows of a table that points to itself change their keys one after the other.
//! 3. Objects in memory are told, whoever carried the key on: references hold the new key, an object
//!    whose own key repeats it is found by its new one, and what plain columns repeat is stale. Rollback
//!    gives all of it back.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::scope::Scope;
use super::super::state::State;
use super::edges::Edges;
use super::plan::{Batch, FlushPlan, Operation};
use super::rows::{self, rows, rows_per_statement};
use super::stored::{in_database, value};
use super::version::{self, Versions};
use crate::engine::transaction::{Plan, Transaction};
use orm_core::compile::follow as sql;
use orm_core::dialect::Dialect;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::schema::{
    Follower, ForeignKey, NotFollowed, ReferentialAction, RelationshipKind, Table, followers,
};
use orm_core::statement::Parameters;
use orm_core::types::{Key, KeyParts};
use rustc_hash::{FxHashMap, FxHashSet};

impl FlushPlan {
    /// Whether a batch changes columns that rows of other tables may repeat.
    pub fn changes_keys(&self) -> bool {
        self.batches.iter().any(|batch| changes_a_key(self.tables[batch.model], batch))
    }
}

/// Adds what follows the keys that the batches of a plan change. `tables` are those that may point to
/// what it changes.
pub(crate) fn add(
    map: &IdentityMap,
    plan: &mut FlushPlan,
    tables: &[&'static Table],
) -> Result<()> {
    let mut batches = Vec::with_capacity(plan.batches.len());
    for batch in std::mem::take(&mut plan.batches) {
        let table = plan.tables[batch.model];
        let found = if changes_a_key(table, &batch) {
            followers(tables, table, &batch.columns).map_err(|why| refused(table, &why))?
        } else {
            Vec::new()
        };
        if found.is_empty() {
            batches.push(batch);
        } else if found.iter().any(|follower| *follower.table.model == *table.model) {
            for &id in &batch.objects {
                plan.followers.insert(batches.len(), found.clone());
                batches.push(alone(map, table, &batch, id));
            }
        } else {
            plan.followers.insert(batches.len(), found);
            batches.push(batch);
        }
    }
    plan.batches = batches;
    Ok(())
}

/// Whether a batch changes columns that others may point to.
fn changes_a_key(table: &Table, batch: &Batch) -> bool {
    let changed = |columns: &[usize]| columns.iter().any(|index| batch.columns.contains(index));
    batch.operation == Operation::Update
        && !batch.columns.is_empty()
        && (changed(&table.primary_key)
            || table.uniques.iter().any(|unique| changed(&unique.columns))
            || table.indexes.iter().any(|index| index.unique && changed(&index.columns)))
}

/// One row of a batch; where it points to itself, its own reference is written with its key.
fn alone(map: &IdentityMap, table: &Table, batch: &Batch, id: ObjectId) -> Batch {
    let mut alone = Batch { objects: vec![id], ..batch.clone() };
    for key in &table.foreign_keys {
        if key.field.is_some_and(|field| map.pointed_at(id, field) == Some(id)) {
            alone.columns.extend(&key.columns);
        }
    }
    alone.columns.sort_unstable();
    alone.columns.dedup();
    alone
}

fn refused(changed: &Table, why: &NotFollowed) -> Error {
    let (model, key) = (why.table.model, &why.table.foreign_keys[why.key]);
    let place = match key.field {
        Some(field) => format!("`{}.{}`", model.name, model.fields[field].name),
        None => format!("the foreign key `{}` of `{}`", key.name, model.name),
    };
    let collection = key.target.table().relationships.iter().find(|relationship| {
        *relationship.target == *model
            && matches!(
                relationship.kind,
                RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference }
                    if Some(reference) == key.field
            )
    });
    let side = collection.map(|relationship| {
        let target = key.target;
        format!(" (the other side of `{}.{}`)", target.name, target.fields[relationship.field].name)
    });
    Error::new(
        ErrorKind::InvalidState,
        format!(
            "a key of `{}` changes and {place}{} can't follow it, for only a part of it is repeated \
             further on; declare `on_update = cascade` there",
            changed.model.name,
            side.unwrap_or_default()
        ),
    )
}

/// The text of the UPDATE of a batch, and of what follows it.
pub(super) fn text(
    table: &Table,
    (batch, followers): (&Batch, &[Follower]),
    versions: &Versions,
    dialect: &Dialect,
) -> Result<String> {
    let (found_by, written) = sent(table, batch, versions);
    sql::update(table, (&found_by, &written), &batch.returning, followers, dialect)
}

/// Has what repeats the keys of a batch follow them, before these change: nothing is checked until
/// the transaction ends.
pub(super) fn send(
    map: &IdentityMap,
    (batch, followers): (&Batch, &[Follower]),
    versions: &Versions,
    transaction: &mut Transaction,
) -> Result<()> {
    let dialect = transaction.dialect();
    if let Some(text) = dialect.features.defer_foreign_keys {
        transaction.execute(text, Parameters::NONE, Plan::Cached)?;
    }
    let table = map.models[batch.model].meta.table();
    let (found_by, written) = sent(table, batch, versions);
    let sent = (&found_by[..], &written[..]);
    let most = rows_per_statement(table, batch, &dialect.features);
    for (number, part) in batch.objects.chunks(most).enumerate() {
        let versions = versions.chunks(most).nth(number).unwrap_or_default();
        let (rows, types) = rows(map, batch, part, versions)?;
        let parameters = || Parameters::Grid { types: &types, rows: &rows };
        for follower in followers {
            let text = sql::statement(table, sent, follower, part.len(), dialect)?;
            transaction.execute(&text, parameters(), Plan::Once)?;
        }
    }
    Ok(())
}

/// The columns that the rows of a batch are found by, and those that are written.
fn sent(table: &Table, batch: &Batch, versions: &Versions) -> (Vec<usize>, Vec<usize>) {
    (version::found_by(table, batch), rows::written(table, batch, versions))
}

/// A row in memory that points to one whose key changes.
pub(super) struct Pointing {
    pub child: ObjectId,
    /// The position among the foreign keys of the child's table.
    key: usize,
    parent: ObjectId,
    /// Whether the row in the database points there too.
    in_database: bool,
}

/// The objects that point to rows whose keys a batch changes, and to those that change with these:
/// the ones pointed to first.
pub(super) fn pointing(map: &IdentityMap, batch: &Batch) -> Vec<Pointing> {
    if !changes_a_key(map.models[batch.model].meta.table(), batch) {
        return Vec::new();
    }
    let mut found: Vec<Pointing> = Vec::new();
    let mut seen: FxHashSet<(ObjectId, usize)> = FxHashSet::default();
    let mut open = vec![(batch.model, batch.columns.clone(), batch.objects.clone())];
    while let Some((model, columns, parents)) = open.pop() {
        for child_model in 0..map.models.len() {
            let table = map.models[child_model].meta.table();
            for (index, key) in table.foreign_keys.iter().enumerate() {
                let target = key.target.table();
                let moves = map.known_model((key.target.type_id)()) == Some(model)
                    && key.pointed_to(target).iter().any(|column| columns.contains(column));
                if !moves {
                    continue;
                }
                let mut of_key = children(map, child_model, (index, key), &parents);
                of_key.retain(|pointing| seen.insert((pointing.child, index)));
                let mut own = key.columns.clone();
                own.retain(|column| table.primary_key.contains(column));
                let moved = of_key.iter().filter(|pointing| pointing.in_database);
                let moved: Vec<ObjectId> = moved.map(|pointing| pointing.child).collect();
                found.extend(of_key);
                if !own.is_empty() && !moved.is_empty() {
                    open.push((child_model, own, moved));
                }
            }
        }
    }
    found
}

/// The objects of a model that point to some by one foreign key.
fn children(
    map: &IdentityMap,
    model: usize,
    (index, key): (usize, &ForeignKey),
    parents: &[ObjectId],
) -> Vec<Pointing> {
    let all: FxHashSet<ObjectId> = parents.iter().copied().collect();
    let pointed_to = key.pointed_to(key.target.table());
    let by_value: FxHashMap<Key, ObjectId> = if key.field.is_some() {
        FxHashMap::default()
    } else {
        let old = |id: ObjectId| value(map, in_database(map, id)?, id, &pointed_to);
        parents.iter().filter_map(|&id| Some((old(id)?, id))).collect()
    };
    let mut found = Vec::new();
    for slot in 0..map.models[model].entries.len() {
        let child = ObjectId { model, slot };
        let has_row =
            matches!(map.state(child), State::Persistent | State::Stale | State::ToBeDeleted);
        let (Some(now), Some(row)) = (map.object(child), in_database(map, child)) else { continue };
        if !has_row {
            continue;
        }
        let parent_of = |object: &dyn Object| match key.field {
            Some(_) => Edges::by_handle(map, child, key, object).filter(|id| all.contains(id)),
            None => by_value.get(&value(map, object, child, &key.columns)?).copied(),
        };
        let stored = parent_of(row);
        if let Some(parent) = stored.or_else(|| parent_of(now)) {
            found.push(Pointing { child, key: index, parent, in_database: stored.is_some() });
        }
    }
    found
}

/// Tells objects that what they point to has a new key.
pub(super) fn tell(map: &mut IdentityMap, pointing: &[Pointing], scope: &mut Scope) {
    for &Pointing { child, key, parent, in_database: stored } in pointing {
        let table = map.models[child.model].meta.table();
        let key = &table.foreign_keys[key];
        let before = in_database(map, child).map(Object::boxed);
        scope.record(map, child, before);
        let nulls =
            matches!(key.on_update, ReferentialAction::SetNull | ReferentialAction::SetDefault);
        match key.field {
            Some(field) if nulls && stored => {
                if map.pointed_at(child, field) == Some(parent)
                    && let Some(object) = map.object_mut(child)
                {
                    object.field_mut(field).set_null();
                }
            }
            Some(field) => {
                let new = map.entry(parent).key.clone();
                let handle = map.handle(parent);
                let values = map.values_mut(child.model);
                let Some(values) = values else { continue };
                let to_parent = |object: Option<&mut dyn Object>| {
                    let value = object.and_then(|object| object.field_mut(field).reference_mut());
                    if let Some(value) = value.filter(|value| value.handle() == Some(handle)) {
                        value.set_key(new.clone());
                    }
                };
                to_parent(values.get_mut(child.slot));
                to_parent(values.original_mut(child.slot));
            }
            None if map.state(child) == State::Persistent => map.set_state(child, State::Stale),
            None => {}
        }
        if stored && !nulls {
            move_key(map, child, key, parent);
        }
    }
}

/// Has an object be found by a key that repeats a new one.
fn move_key(map: &mut IdentityMap, child: ObjectId, key: &ForeignKey, parent: ObjectId) {
    let table = map.models[child.model].meta.table();
    if !key.columns.iter().any(|column| table.primary_key.contains(column)) {
        return;
    }
    let pointed_to = key.pointed_to(key.target.table());
    let new = map.object(parent).and_then(|object| value(map, object, parent, &pointed_to));
    let (Some(new), Some(old)) = (new, map.entry(child).key.clone()) else { return };
    let mut parts = KeyParts::default();
    for (place, column) in table.primary_key.iter().enumerate() {
        let repeated = key.columns.iter().position(|own| own == column);
        let part = repeated.map_or_else(|| old.part(place), |own| new.part(own));
        parts.add(part.cloned());
    }
    map.set_key(child, parts.finish());
}
