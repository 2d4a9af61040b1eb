//! Objects of views are read and never written, checked before anything is sent.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::collect::Collected;
use super::diff::Change;
use orm_core::error::{ErrorKind, Result};
use orm_core::statement::Node;

pub(super) fn check(
    map: &IdentityMap,
    collected: &Collected,
    changes: &[Change],
    expressions: &[(ObjectId, Vec<(usize, Node)>)],
) -> Result<()> {
    let switched = collected.switched.iter().map(|&(new, _)| new);
    refuse(map, collected.inserts.iter().copied().chain(switched), "was added")?;
    refuse(map, changes.iter().map(|change| change.id), "was changed")?;
    refuse(map, expressions.iter().map(|&(id, _)| id), "was changed")?;
    refuse(map, collected.deletes.iter().copied(), "was deleted")
}

fn refuse(map: &IdentityMap, mut ids: impl Iterator<Item = ObjectId>, done: &str) -> Result<()> {
    let Some(id) = ids.find(|id| map.models[id.model].meta.is_read_only()) else { return Ok(()) };
    let what = format!("{} {done}", map.describe(id));
    Err(map.models[id.model].meta.read_only(ErrorKind::InvalidState, &what))
}
