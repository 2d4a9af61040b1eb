//! What the database does by itself when rows are deleted, and how objects in memory are told.
//!
//! By the actions of foreign keys (ON DELETE): what points to a deleted row is deleted with it, or
//! points to nothing. `cascade` asks what is left to the database, the flush and set-based DELETE carry it
//! over behind their statements.

use super::Session;
use super::identity_map::ObjectId;
use super::state::State;
use orm_core::schema::{ModelMeta, ReferentialAction};
use rustc_hash::FxHashSet;

/// What the database does to objects in memory by itself, carried over after the flush.
#[derive(Debug, Default)]
pub(super) struct DoneByDatabase {
    /// Objects whose rows go with those deleted, each once.
    pub deleted: Vec<ObjectId>,
    /// References that become NULL.
    pub nulled: Vec<(ObjectId, usize)>,
}

impl Session {
    /// What the database did by itself when rows were deleted by a statement.
    pub(super) fn done_by_deleting(&self, deleted: Vec<ObjectId>) -> DoneByDatabase {
        let mut done = DoneByDatabase { deleted, nulled: Vec::new() };
        let mut told: FxHashSet<ObjectId> = done.deleted.iter().copied().collect();
        let mut first = 0;
        while first < done.deleted.len() {
            let round = done.deleted[first..].to_vec();
            first = done.deleted.len();
            for (child_model, child) in self.map.models.iter().enumerate() {
                for &(reference, target) in &child.references {
                    let owners: Vec<ObjectId> =
                        round.iter().copied().filter(|id| id.model == target).collect();
                    let key = child.meta.table().foreign_key_of(reference);
                    let Some(key) = key.filter(|_| !owners.is_empty()) else { continue };
                    let children = || self.children_of(&owners, child_model, reference);
                    match key.on_delete {
                        ReferentialAction::NoAction | ReferentialAction::Restrict => {}
                        ReferentialAction::Cascade => {
                            done.deleted
                                .extend(children().into_iter().filter(|&id| told.insert(id)));
                        }
                        ReferentialAction::SetNull | ReferentialAction::SetDefault => {
                            done.nulled.extend(children().into_iter().map(|id| (id, reference)));
                        }
                    }
                }
            }
        }
        done
    }

    /// Carries over what the database did by itself.
    pub(super) fn tell_objects(&mut self, done: &DoneByDatabase) {
        for &id in &done.deleted {
            if matches!(self.map.state(id), State::Persistent | State::Stale | State::ToBeDeleted) {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.record(&mut self.map, id, None);
                }
                self.map.set_state(id, State::Deleted);
            }
        }
        for &(id, reference) in &done.nulled {
            if let Some(scope) = self.scopes.last_mut() {
                let before = self.map.object(id).map(orm_core::model::Object::boxed);
                scope.record(&mut self.map, id, before);
            }
            if let Some(object) = self.map.object_mut(id) {
                object.field_mut(reference).set_null();
            }
        }
        let nulled = done.nulled.iter().map(|&(id, _)| id);
        let versioned =
            nulled.filter(|id| self.map.models[id.model].meta.table().system_version().is_some());
        let versioned: Vec<ObjectId> = versioned.collect();
        self.map.rewritten.extend(versioned);
    }
}

/// Whether the database deletes rows of a model with all that points to them, or to what points to
/// them, by declared actions alone.
pub(super) fn deletes_by_itself(
    model: &'static ModelMeta,
    under_way: &mut Vec<&'static ModelMeta>,
) -> bool {
    if under_way.contains(&model) {
        return true;
    }
    under_way.push(model);
    let by_itself = model.table().relationships.iter().all(|relationship| {
        let Some(reference) = relationship.reference() else {
            // what a link leads to is deleted by the session alone
            return !relationship.cascade.delete;
        };
        match relationship.target.table().foreign_key_of(reference).map(|key| key.on_delete) {
            Some(ReferentialAction::Cascade) => {
                relationship.passive_deletes || deletes_by_itself(relationship.target, under_way)
            }
            Some(ReferentialAction::SetNull | ReferentialAction::SetDefault) | None => true,
            Some(ReferentialAction::NoAction | ReferentialAction::Restrict) => false,
        }
    });
    under_way.pop();
    by_itself
}
