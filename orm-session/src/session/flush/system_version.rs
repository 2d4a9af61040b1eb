//! Versions that the database keeps (`xmin`) of rows that follow a key: they are written behind the
//! back of their objects.
//!
//! 1. An object that is changed by the same flush is compared with its row before that (the row is
//!    locked), and has the row's new version from then on.
//! 2. The others are read again behind the flush ([`IdentityMap::rewritten`]), whole: a version alone
//!    would hide what another transaction changed.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::missing::stale;
use super::plan::{Batch, Operation};
use super::returned;
use super::rows::rows;
use super::version;
use crate::engine::transaction::{Plan, Transaction};
use orm_core::compile::batch as sql;
use orm_core::error::Result;
use orm_core::statement::Parameters;
use orm_core::types::{KeptCell, decode_error};
use rustc_hash::FxHashSet;

/// The changed objects among these, by model; the others are remembered.
pub(super) fn changed(map: &mut IdentityMap, objects: &[ObjectId]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut seen = FxHashSet::default();
    for &id in objects {
        let Some(version) = map.models[id.model].meta.table().system_version() else { continue };
        let changed = map.values(id.model).is_some_and(|values| values.original(id.slot).is_some());
        if !changed {
            map.rewritten.push(id);
            continue;
        }
        if !seen.insert(id) {
            continue;
        }
        match batches.iter_mut().find(|batch| batch.model == id.model) {
            Some(batch) => batch.objects.push(id),
            None => batches.push(Batch {
                operation: Operation::Update,
                model: id.model,
                columns: Vec::new(),
                nulled: Vec::new(),
                returning: vec![version],
                versioned: true,
                objects: vec![id],
            }),
        }
    }
    batches
}

/// Compares objects with their rows, and locks these.
pub(super) fn check(
    map: &IdentityMap,
    batches: &[Batch],
    transaction: &mut Transaction,
) -> Result<()> {
    for batch in batches {
        let there = read(map, batch, " FOR UPDATE", transaction)?;
        let there: FxHashSet<ObjectId> = there.into_iter().map(|(id, _)| id).collect();
        let gone: Vec<ObjectId> =
            batch.objects.iter().copied().filter(|id| !there.contains(id)).collect();
        if !gone.is_empty() {
            return Err(stale(map, batch, &gone, true));
        }
    }
    Ok(())
}

/// Gives objects the versions that their rows have by now.
pub(super) fn read_again(
    map: &mut IdentityMap,
    batches: &mut [Batch],
    transaction: &mut Transaction,
) -> Result<()> {
    for batch in batches {
        batch.versioned = false; // found by the key alone
        let table = map.models[batch.model].meta.table();
        for (id, cells) in read(map, batch, "", transaction)? {
            let (Some(cell), Some(values)) = (cells.first(), map.values_mut(batch.model)) else {
                continue;
            };
            let column = table.column(batch.returning[0]);
            let fault = |why| decode_error(&column.name, &why);
            if let Some(object) = values.get_mut(id.slot) {
                object.field_mut(column.field).decode(0, cell.lend()).map_err(fault)?;
            }
            if let Some(original) = values.original_mut(id.slot) {
                original.field_mut(column.field).decode(0, cell.lend()).map_err(fault)?;
            }
        }
    }
    Ok(())
}

/// The rows of a batch that are there, with their versions.
fn read(
    map: &IdentityMap,
    batch: &Batch,
    lock: &str,
    transaction: &mut Transaction,
) -> Result<Vec<(ObjectId, Vec<KeptCell>)>> {
    let table = map.models[batch.model].meta.table();
    let (key, found_by) = (&table.primary_key, version::found_by(table, batch));
    let text = sql::found(table, &found_by, &batch.returning, transaction.dialect())? + lock;
    let (known, types) = rows(map, batch, &batch.objects, &[])?;
    let parameters = Parameters::Arrays { types: &types, rows: &known };
    let mut back = Vec::with_capacity(batch.objects.len());
    transaction.query(&text, parameters, Plan::Cached, &mut |row| {
        let cells = returned::cells(key.len(), key.len() + 1, row);
        back.push((returned::key(table, key, row)?, cells));
        Ok(())
    })?;
    Ok(returned::by_key(map, &batch.objects, back))
}
