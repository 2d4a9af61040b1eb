//! Versions of rows: a flush finds a row by the version that its object was read with, and writes the
//! next one. Who comes second finds no row, and is told so.
//!
//! 1. Of the statements that a flush sends for a row the first checks and writes the version.
//! 2. A new row has the version that its object has; an object that takes over the row of another one
//!    goes on from that one's.
//! 3. The object has the new version once it is written.
//! 4. One that the database keeps (`xmin`) comes back with what is written. A row that the database
//!    wrote by itself, or that follows a key, has another one then too: it is read again at once.
//! 5. A version that was changed by hand is an error before SQL: what would be compared is what the
//!    row was read with, and the change would say nothing.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::state::State;
use super::diff::Change;
use super::plan::{Batch, Operation};
use super::stored::in_database;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Field, Object};
use orm_core::schema::Table;

/// What follows the version of one row.
pub(super) type NextVersion = Option<Box<dyn Field>>;

/// The versions that a batch writes, in the order of its objects; none where it writes none.
pub(super) type Versions = Vec<NextVersion>;

/// No version was changed by hand.
pub(super) fn check(map: &IdentityMap, changes: &[Change]) -> Result<()> {
    for change in changes {
        let meta = map.models[change.id.model].meta;
        let Some(version) = meta.table().version else { continue };
        if change.columns.contains(&version) {
            let field = meta.fields[meta.table().column(version).field].name;
            return Err(Error::new(
                ErrorKind::InvalidState,
                format!(
                    "`{}.{field}` of {} was changed by hand, and is written by the flush alone; leave \
                     it as it was read, and compare it yourself with a version from elsewhere",
                    meta.name,
                    map.describe(change.id)
                ),
            ));
        }
    }
    Ok(())
}

/// The columns by which the rows of a batch are found: the key, and the version where it is checked.
pub(super) fn found_by(table: &Table, batch: &Batch) -> Vec<usize> {
    let compared = batch.versioned && !planted(Fault::VersionNotCompared);
    match (batch.operation, table.version.filter(|_| compared)) {
        (Operation::Insert, _) => Vec::new(),
        (_, None) => table.primary_key.clone(),
        (_, Some(version)) => table.primary_key.iter().copied().chain([version]).collect(),
    }
}

/// The next versions of the rows of a batch.
pub(super) fn next(map: &IdentityMap, batch: &Batch) -> Versions {
    let by_database = map.models[batch.model].meta.table().system_version().is_some();
    if !batch.versioned || by_database || batch.operation != Operation::Update {
        return Versions::new();
    }
    batch.objects.iter().map(|&id| known_row(map, id)?.next_version()).collect()
}

/// The row of an object as it was last known to be, its version included.
pub(super) fn known_row(map: &IdentityMap, id: ObjectId) -> Option<&dyn Object> {
    in_database(map, of_row(map, id)?)
}

/// The object that knows the row of an object: itself, or that whose row a new one takes over.
pub(super) fn of_row(map: &IdentityMap, id: ObjectId) -> Option<ObjectId> {
    match map.state(id) {
        State::Pending => map.by_key(id.model, &map.object(id)?.key()?),
        _ => Some(id),
    }
}
