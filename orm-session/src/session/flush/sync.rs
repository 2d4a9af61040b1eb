//! Keys into references before a batch, what the database made into objects behind it.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::scope::Scope;
use super::super::state::State;
use super::plan::{Batch, Operation};
use super::stored::in_database;
use super::version::Versions;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::types::Cell;

/// Puts the keys of the objects that references point to into the references of a batch.
pub(super) fn resolve_references(map: &mut IdentityMap, batch: &Batch) -> Result<()> {
    if batch.operation == Operation::Delete || map.models[batch.model].references.is_empty() {
        return Ok(());
    }
    let references = map.models[batch.model].references.clone();
    let table = map.models[batch.model].meta.table();
    for &id in &batch.objects {
        for &(field, target) in &references {
            let handle = map
                .object(id)
                .and_then(|object| object.field(field).reference())
                .and_then(orm_core::model::RefValue::handle);
            let Some(handle) = handle else { continue };
            let target = ObjectId { model: target, slot: handle.slot() as usize };
            // of a row that points to itself the key is the one it is written with
            let own = || map.object(target).and_then(<dyn orm_core::model::Object + 'static>::key);
            let known = map.entry(target).key.clone().filter(|_| target != id);
            let key = known.or_else(own);
            let left_out = batch.nulled.iter().any(|&index| table.column(index).field == field);
            if key.is_none()
                && !left_out
                && batch.columns.iter().any(|&index| table.column(index).field == field)
            {
                return Err(Error::new(
                    ErrorKind::InvalidState,
                    format!(
                        "{} points to {}, which has no row",
                        map.describe(id),
                        map.describe(target)
                    ),
                ));
            }
            if let Some(value) =
                map.object_mut(id).and_then(|object| object.field_mut(field).reference_mut())
            {
                value.set_key(key);
            }
        }
    }
    Ok(())
}

/// Generated keys in the order of the rows sent: the INSERT draws them in that order from a counter
/// that grows, and nothing promises the order in which they come back.
pub(super) fn in_order_of_rows(mut returned: Vec<i64>) -> Vec<i64> {
    returned.sort_unstable();
    returned
}

/// Puts generated values into their objects.
pub(super) fn generated(
    map: &mut IdentityMap,
    batch: &Batch,
    column: usize,
    mut values: Vec<i64>,
) -> Result<()> {
    if planted(Fault::KeysMispaired) {
        values.reverse();
    }
    let column = map.models[batch.model].meta.table().column(column);
    for (&id, value) in batch.objects.iter().zip(values) {
        if let Some(object) = map.object_mut(id) {
            object
                .field_mut(column.field)
                .decode(column.part, Cell::Integer(value))
                .map_err(|why| orm_core::types::decode_error(&column.name, &why))?;
        }
        map.entry_mut(id).generated |= 1 << column.field.min(63);
    }
    Ok(())
}

/// Keeps the books of a batch that was written: states, keys, what rollback puts back.
pub(super) fn written(
    map: &mut IdentityMap,
    batch: &Batch,
    versions: Versions,
    scope: &mut Scope,
    transaction_number: u32,
) {
    if batch.operation == Operation::Insert {
        map.models[batch.model].reserve_keys(batch.objects.len());
    }
    for &id in &batch.objects {
        match batch.operation {
            Operation::Insert => {
                scope.record(map, id, None);
                let key = map.object(id).and_then(<dyn orm_core::model::Object + 'static>::key);
                map.set_key(id, key);
                map.set_state(id, State::Persistent);
            }
            Operation::Update if map.state(id) == State::Pending => take_over(map, id, scope),
            Operation::Update => {
                let original =
                    map.values_mut(batch.model).and_then(|values| values.take_original(id.slot));
                let as_it_is = || map.object(id).filter(|_| batch.versioned).map(Object::boxed);
                let original = original.or_else(as_it_is);
                if original.is_some() {
                    scope.record(map, id, original);
                }
                let key = map.object(id).and_then(<dyn orm_core::model::Object + 'static>::key);
                if key.is_some() && map.entry(id).key != key {
                    map.set_key(id, key);
                }
            }
            Operation::Delete => {
                // changes that were not written any more: rollback gives the row's values back
                let original =
                    map.values_mut(batch.model).and_then(|values| values.take_original(id.slot));
                scope.record(map, id, original);
                map.set_state(id, State::Deleted);
            }
        }
        map.entry_mut(id).read_in = transaction_number;
    }
    let Some(version) = map.models[batch.model].meta.table().version else { return };
    let field = map.models[batch.model].meta.table().column(version).field;
    for (&id, version) in batch.objects.iter().zip(versions) {
        if let (Some(version), Some(object)) = (version, map.object_mut(id))
            && !planted(Fault::VersionNotTold)
        {
            object.field_mut(field).assign(&*version);
        }
    }
}

/// A new object has taken over the row of one that was to be deleted: that one is deleted, and what
/// the new one left to the database is as it was in the row.
fn take_over(map: &mut IdentityMap, new: ObjectId, scope: &mut Scope) {
    let key = map.object(new).and_then(<dyn orm_core::model::Object + 'static>::key);
    let Some(old) = key.as_ref().and_then(|key| map.by_key(new.model, key)) else { return };
    let row = in_database(map, old).map(orm_core::model::Object::boxed);
    if let (Some(row), Some(object)) = (row, map.object_mut(new)) {
        let unset: Vec<usize> =
            (0..row.meta().fields.len()).filter(|&field| object.field(field).is_unset()).collect();
        for &field in &unset {
            object.field_mut(field).assign(row.field(field));
        }
        for field in unset {
            map.entry_mut(new).generated |= 1 << field.min(63);
        }
    }
    let original = map.values_mut(old.model).and_then(|values| values.take_original(old.slot));
    scope.record(map, old, original);
    map.set_state(old, State::Deleted);
    scope.record(map, new, None);
    map.set_key(new, key);
    map.set_state(new, State::Persistent);
}
