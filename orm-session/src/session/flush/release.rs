//! UNIQUE values that one row gives up and another takes in the same flush.
//!
//! 1. An update that sets a UNIQUE column NULL, and points to no row that is still to be inserted,
//!    is sent before everything else.
//! 2. Deletes come before inserts and updates where a table with a UNIQUE constraint has both, and
//!    nothing forbids it: no update of the flush changes a foreign key, no ring has to be severed,
//!    the database deletes nothing in memory by itself.
//!
//! Values handed on in chains and exchanged in rings are left to the database, which refuses them.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::diff::Change;
use super::order::Ordered;
use orm_core::model::RefValue;
use orm_core::types::{BindWriter, ValueRef};

/// Whether an update gives up a UNIQUE value and can be sent first.
pub(super) fn gives_up(map: &IdentityMap, change: &Change) -> bool {
    let model = &map.models[change.id.model];
    let table = model.meta.table();
    let unique = |index: &usize| table.uniques.iter().any(|unique| unique.columns.contains(index));
    let gives_up = change.columns.iter().any(|index| unique(index) && is_null(map, change, *index));
    gives_up
        && model.references.iter().all(|&(field, target)| {
            let handle = map
                .object(change.id)
                .and_then(|object| object.field(field).reference())
                .and_then(RefValue::handle);
            let changed = table.columns_of(field).any(|index| change.columns.contains(&index));
            let there = |slot| map.entry(ObjectId { model: target, slot }).key.is_some();
            !changed || handle.is_none_or(|handle| there(handle.slot() as usize))
        })
}

/// Whether the deletes of a flush are sent before its inserts and updates.
pub(super) fn deletes_first(map: &IdentityMap, ordered: &Ordered, by_database: bool) -> bool {
    if by_database || !ordered.severed.is_empty() || ordered.deletes.is_empty() {
        return false;
    }
    let changes_a_key = ordered.updates.iter().any(|change| {
        let keys = &map.models[change.id.model].meta.table().foreign_keys;
        keys.iter().any(|key| key.columns.iter().any(|index| change.columns.contains(index)))
    });
    let inserted = ordered.inserts.iter().flatten().map(|id| id.model);
    let written: Vec<usize> =
        inserted.chain(ordered.updates.iter().map(|change| change.id.model)).collect();
    let wanted = ordered.deletes.iter().flatten().any(|id| {
        !map.models[id.model].meta.table().uniques.is_empty() && written.contains(&id.model)
    });
    wanted && !changes_a_key
}

fn is_null(map: &IdentityMap, change: &Change, index: usize) -> bool {
    let mut probe = Probe(false);
    if let Some(object) = map.object(change.id) {
        object.encode(index, &mut probe);
    }
    probe.0
}

/// Notes whether it was given NULL.
struct Probe(bool);

impl BindWriter for Probe {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = matches!(value, ValueRef::Null);
    }
}
