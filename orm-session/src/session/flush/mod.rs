//! The unit of work: from the objects of a session to batches of SQL.
//!
//! Phases, one file each: `collect` (which objects), `diff` (which columns), the checks of what can't
//! be written (`read_only`, `version`, `server_made`, `deferred`), `order` (parents before children),
//! `unique` and `schedule` (who gives a UNIQUE value up before who takes it; `knot` where that is a
//! ring), `plan` (which batches), `follow` (what repeats a key that changes). They do no I/O. `persist`
//! sends the plan, `sync` brings what the database made back into the objects (`returned`); `missing`
//! says which rows were not there.

mod collect;
mod deferred;
mod diff;
mod edges;
mod evaluated;
mod expressions;
mod follow;
mod knot;
mod links;
mod missing;
mod order;
mod persist;
mod plan;
mod read_only;
mod returned;
mod rows;
mod schedule;
mod server_made;
mod stored;
mod sync;
mod system_version;
#[cfg(test)]
mod tests;
mod unique;
mod version;

pub(crate) use collect::Work;
pub(crate) use evaluated::Expressions;
pub(crate) use follow::add as follow;
pub(crate) use missing::{Failure, asked};
pub(crate) use persist::{Linked, persist};
pub(crate) use plan::FlushPlan;

use super::identity_map::{IdentityMap, ObjectId};
use orm_core::dialect::Features;
use orm_core::error::Result;
use rustc_hash::FxHashSet;

/// What a flush of this work sends; `None` when nothing has to be written.
pub(crate) fn plan(
    map: &mut IdentityMap,
    work: &Work,
    expressions: Expressions,
    features: &Features,
) -> Result<FlushPlan> {
    let collected = collect::collect(map, work)?;
    let waiting: FxHashSet<ObjectId> = expressions.iter().map(|&(id, _)| id).collect();
    let changes = diff::diff(map, &collected.candidates, &collected.switched, &waiting);
    read_only::check(map, &collected, &changes, &expressions)?;
    version::check(map, &changes)?;
    server_made::check(map, &collected, &changes)?;
    deferred::check(map, &collected, &changes)?;
    let ordered = order::order(map, &collected.inserts, changes, &collected.deletes)?;
    let handed_on = unique::handed_on(map, &ordered);
    let mut plan = if handed_on.is_empty() {
        plan::by_table(map, &ordered)
    } else {
        plan::by_row(map, &schedule::schedule(map, features, &ordered, &handed_on)?)
    };
    plan.evaluated = evaluated::batches(expressions);
    plan.switched = collected.switched;
    Ok(plan)
}
