//! Keys that change under rows that point to them.
//!
//! Where a foreign key has ON UPDATE CASCADE (or another action) the database follows by itself. Where it
//! has none the database refuses; of rows that the session knows that is told before any SQL, with the
//! remedy. An object that was pointed elsewhere in the same flush is left to the database.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::state::State;
use super::diff::Change;
use super::stored::in_database;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Object, RefValue};
use orm_core::schema::ReferentialAction;
use rustc_hash::FxHashSet;

pub(super) fn check(map: &IdentityMap, changes: &[Change]) -> Result<()> {
    let rekeyed: FxHashSet<ObjectId> =
        changes.iter().filter(|change| changes_key(map, change)).map(|change| change.id).collect();
    if rekeyed.is_empty() {
        return Ok(());
    }
    for (child_model, child) in map.models.iter().enumerate() {
        for &(reference, target) in &child.references {
            let key = child.meta.table().foreign_key_of(reference);
            let refuses = key.is_some_and(|key| {
                matches!(key.on_update, ReferentialAction::NoAction | ReferentialAction::Restrict)
            });
            if !refuses || !rekeyed.iter().any(|id| id.model == target) {
                continue;
            }
            for slot in 0..child.entries.len() {
                let id = ObjectId { model: child_model, slot };
                let owner = map.pointed_at(id, reference).filter(|owner| rekeyed.contains(owner));
                if let Some(owner) = owner
                    && has_row_at(map, id, reference, owner)
                {
                    return Err(stays_behind(map, owner, id, reference));
                }
            }
        }
    }
    Ok(())
}

fn changes_key(map: &IdentityMap, change: &Change) -> bool {
    let key = &map.models[change.id.model].meta.table().primary_key;
    change.replaces.is_none() && change.columns.iter().any(|column| key.contains(column))
}

/// Whether a row points to the key that its owner has in the database.
fn has_row_at(map: &IdentityMap, id: ObjectId, reference: usize, owner: ObjectId) -> bool {
    let has_row = matches!(map.state(id), State::Persistent | State::Stale);
    let row = in_database(map, id).and_then(|row: &dyn Object| row.field(reference).reference());
    has_row && row.and_then(RefValue::key) == map.entry(owner).key.as_ref()
}

fn stays_behind(map: &IdentityMap, owner: ObjectId, child: ObjectId, reference: usize) -> Error {
    let meta = map.models[child.model].meta;
    Error::new(
        ErrorKind::InvalidState,
        format!(
            "the key of {} was changed, and {} points to it by `{}.{}`, which does not follow; declare \
             `on_update = cascade` there, or point it elsewhere and flush first",
            map.describe(owner),
            map.describe(child),
            meta.name,
            meta.fields[reference].name,
        ),
    )
}
