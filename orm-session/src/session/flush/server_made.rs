//! What the database makes is set by nobody else, checked before anything is sent.
//!
//! 1. A computed column is never written: one that was set or changed by hand is an error.
//! 2. An `Auto` of a row that is there has a value; one that was unset again is an error.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::collect::Collected;
use super::diff::Change;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::Column;

pub(super) fn check(map: &IdentityMap, collected: &Collected, changes: &[Change]) -> Result<()> {
    let computed_of: Vec<Vec<usize>> =
        map.models.iter().map(|model| model.meta.table().computed().collect()).collect();
    let switched = collected.switched.iter().map(|&(new, _)| new);
    for id in collected.inserts.iter().copied().chain(switched) {
        if computed_of[id.model].is_empty() {
            continue;
        }
        let Some(object) = map.object(id) else { continue };
        for &index in &computed_of[id.model] {
            let column = map.models[id.model].meta.table().column(index);
            if !object.field(column.field).is_unset() {
                return Err(computed(map, id, column));
            }
        }
    }
    for change in changes {
        let Some(object) = map.object(change.id) else { continue };
        let table = map.models[change.id.model].meta.table();
        for &index in &change.columns {
            let column = table.column(index);
            if column.computed.is_some() {
                return Err(computed(map, change.id, column));
            }
            if column.auto && object.field(column.field).is_unset() {
                return Err(unset(map, change.id, column));
            }
        }
    }
    Ok(())
}

fn computed(map: &IdentityMap, id: ObjectId, column: &Column) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        format!(
            "{} of {} was set, and is computed by the database; leave it as it is, or unset in a new \
             object",
            place(map, id, column),
            map.describe(id)
        ),
    )
}

fn unset(map: &IdentityMap, id: ObjectId, column: &Column) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        format!(
            "{} of {} was unset; the database makes its value when the row is inserted only, give one",
            place(map, id, column),
            map.describe(id)
        ),
    )
}

/// `` `Model.field` ``.
fn place(map: &IdentityMap, id: ObjectId, column: &Column) -> String {
    let meta = map.models[id.model].meta;
    format!("`{}.{}`", meta.name, meta.fields[column.field].name)
}
