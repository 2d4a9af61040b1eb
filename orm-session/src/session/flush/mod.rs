//! The unit of work: from the objects of a session to batches of SQL.
//!
//! Phases, one file each: `collect` (which objects), `diff` (which columns), `order` (parents before
//! children), `plan` (which batches). They do no I/O. `persist` sends the plan, `sync` brings what
//! the database made back into the objects.

mod collect;
mod diff;
mod links;
mod order;
mod persist;
mod plan;
mod release;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use collect::Work;
pub(crate) use persist::{Linked, persist};
pub(crate) use plan::FlushPlan;

use super::identity_map::IdentityMap;
use orm_core::error::Result;

/// What a flush of this work sends; `None` when nothing has to be written.
pub(crate) fn plan(map: &mut IdentityMap, work: &Work) -> Result<FlushPlan> {
    let collected = collect::collect(map, work)?;
    let changes = diff::diff(map, &collected.candidates);
    let ordered = order::order(map, &collected.inserts, changes, &collected.deletes)?;
    Ok(plan::plan(map, ordered, work.by_database))
}
