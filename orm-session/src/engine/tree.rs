//! Plain trees: what `include` names is read into the values themselves, without a session.
//!
//! One statement per relationship and level, as for a session. What is read deeper is filled in
//! first; a value that several owners point to is copied into each.

use super::transaction::{Plan, Transaction};
use orm_core::compile::compile;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Arena, Object, RefValue};
use orm_core::query::{Selection, Statement, collection_statement, owner_key, targets_statement};
use orm_core::schema::{Relationship, RelationshipKind};
use orm_core::statement::{IncludeNode, Parameters, SelectStatement, Source};
use orm_core::types::{Key, RowReader};
use rustc_hash::{FxHashMap, FxHashSet};

/// Fills in what is included.
pub(super) fn fill<S: Selection>(
    transaction: &mut Transaction,
    rows: &mut [S::Plain],
    include: &[IncludeNode],
) -> Result<()> {
    if include.is_empty() {
        return Ok(());
    }
    let mut owners: Vec<&mut dyn Object> = rows.iter_mut().filter_map(S::object).collect();
    fill_nodes(transaction, &mut owners, include)
}

fn fill_nodes(
    transaction: &mut Transaction,
    owners: &mut [&mut dyn Object],
    nodes: &[IncludeNode],
) -> Result<()> {
    for node in nodes {
        let Some(relationship) = node.model.table().relationship_of(node.field) else {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "`{}.{}` can't be included: {}",
                    node.model.name,
                    node.model.fields[node.field].name,
                    node.model.table().problems.join("; ")
                ),
            ));
        };
        let Some(arena) = owners.first().and_then(|owner| owner.field(node.field).target_arena())
        else {
            continue;
        };
        match relationship.kind {
            RelationshipKind::ManyToOne => {
                fill_references(transaction, owners, node, relationship, &*arena)?;
            }
            _ => fill_collections(transaction, owners, node, relationship, &*arena)?,
        }
    }
    Ok(())
}

fn fill_references(
    transaction: &mut Transaction,
    owners: &mut [&mut dyn Object],
    node: &IncludeNode,
    relationship: &Relationship,
    arena: &dyn Arena,
) -> Result<()> {
    let keys: FxHashSet<&Key> = owners
        .iter()
        .filter_map(|owner| owner.field(node.field).reference().and_then(RefValue::key))
        .collect();
    let mut keys: Vec<Key> = keys.into_iter().cloned().collect();
    keys.sort_unstable();
    let mut targets: Vec<Box<dyn Object>> = Vec::new();
    for keys in chunks(transaction, &keys) {
        read(transaction, &targets_statement(relationship.target, keys), &mut |row| {
            targets.push(arena.read_object(row)?);
            Ok(())
        })?;
    }
    fill_values(transaction, &mut targets, &node.children)?;
    let by_key: FxHashMap<Key, &Box<dyn Object>> =
        targets.iter().filter_map(|target| Some((target.key()?, target))).collect();
    for owner in owners {
        let Some(reference) = owner.field_mut(node.field).reference_mut() else { continue };
        if let Some(target) = reference.key().and_then(|key| by_key.get(key)) {
            let value = target.boxed();
            reference.set_value(value);
        }
    }
    Ok(())
}

fn fill_collections(
    transaction: &mut Transaction,
    owners: &mut [&mut dyn Object],
    node: &IncludeNode,
    relationship: &Relationship,
    arena: &dyn Arena,
) -> Result<()> {
    let from = Source::of(node.model);
    let width = from.table().primary_key.len();
    let keys: FxHashSet<Key> = owners.iter().filter_map(|owner| owner.key()).collect();
    let mut keys: Vec<Key> = keys.into_iter().collect();
    keys.sort_unstable();
    let mut members: Vec<Box<dyn Object>> = Vec::new();
    let mut owned_by: Vec<Option<Key>> = Vec::new();
    for keys in chunks(transaction, &keys) {
        read(transaction, &collection_statement(relationship, from, keys), &mut |row| {
            owned_by.push(owner_key(from.table(), width, row)?);
            row.skip(width);
            members.push(arena.read_object(row)?);
            Ok(())
        })?;
    }
    fill_values(transaction, &mut members, &node.children)?;
    let mut collections: FxHashMap<Key, Vec<Box<dyn Object>>> = FxHashMap::default();
    for (owner, member) in owned_by.into_iter().zip(members) {
        if let Some(owner) = owner {
            collections.entry(owner).or_default().push(member);
        }
    }
    for owner in owners {
        let key = owner.key();
        let values = key.and_then(|key| {
            let values = collections.get(&key)?;
            Some(values.iter().map(|value| value.boxed()).collect())
        });
        if let Some(collection) = owner.field_mut(node.field).collection_mut() {
            collection.set_values(values.unwrap_or_default());
        }
    }
    Ok(())
}

fn fill_values(
    transaction: &mut Transaction,
    values: &mut [Box<dyn Object>],
    nodes: &[IncludeNode],
) -> Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    let mut owners: Vec<&mut dyn Object> = values.iter_mut().map(|value| &mut **value).collect();
    fill_nodes(transaction, &mut owners, nodes)
}

fn read(
    transaction: &mut Transaction,
    statement: &SelectStatement,
    each: &mut dyn FnMut(&mut RowReader<'_>) -> Result<()>,
) -> Result<()> {
    let compiled = compile(Statement::Rows(statement), transaction.dialect(), &|_, meta| {
        Err(Error::new(ErrorKind::InvalidStatement, format!("a handle of `{}`", meta.name)))
    })?;
    let parameters = Parameters::Values(&compiled.parameters);
    transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
        each(&mut RowReader::new(row))
    })?;
    Ok(())
}

/// Lists of keys that fit a statement.
fn chunks<'k>(transaction: &Transaction, keys: &'k [Key]) -> Vec<&'k [Key]> {
    const COMPOSITE_KEYS: usize = 10_000;
    let composite = keys.first().is_some_and(|key| key.width() > 1);
    let most = if composite && !transaction.dialect().features.array_parameters {
        COMPOSITE_KEYS
    } else {
        keys.len().max(1)
    };
    keys.chunks(most).collect()
}
