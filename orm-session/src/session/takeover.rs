//! A key that is deleted and added in one flush: the new object takes over the row of the old one.
//!
//! The row gets one UPDATE of what differs. The old object is deleted, as its caller said; the new
//! one is persistent, under the same key. What pointed to the old one and still does points to the
//! new one. Rollback undoes both.

use super::Session;
use super::identity_map::{ModelMap, ObjectId};
use super::state::State;
use crate::faults::{Fault, planted};
use orm_core::model::Object;
use orm_core::schema::ReferentialAction;
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// Pending objects by their models and keys.
pub(super) type PendingKeys = FxHashMap<(usize, Key), ObjectId>;

impl Session {
    /// Pending objects that may be under the keys of objects to be deleted.
    pub(super) fn pending_in_place(&self) -> PendingKeys {
        if self.work.deleting.is_empty() { FxHashMap::default() } else { self.pending_keys() }
    }

    /// Whether a new object of the same key takes over the row of one that is to be deleted. Where
    /// the database would act on rows that no collection tells of, the row is deleted and inserted.
    pub(super) fn is_taken_over(&mut self, id: ObjectId, pending: &PendingKeys) -> bool {
        let key = self.map.entry(id).key.as_ref().filter(|_| !pending.is_empty());
        let taken = key.is_some_and(|key| pending.contains_key(&(id.model, key.clone())));
        if !taken || self.map.state(id) != State::ToBeDeleted {
            return false;
        }
        let table = self.map.models[id.model].meta.table();
        let acts = |model: &ModelMap| {
            model.meta.table().foreign_keys.iter().any(|key| {
                let known = || {
                    table.relationships.iter().any(|relationship| {
                        *relationship.target == *model.meta
                            && key.field.is_some()
                            && relationship.reference() == key.field
                    })
                };
                *key.target == *table.model
                    && match key.on_delete {
                        ReferentialAction::NoAction | ReferentialAction::Restrict => false,
                        ReferentialAction::Cascade | ReferentialAction::SetNull => !known(),
                        ReferentialAction::SetDefault => true,
                    }
            })
        };
        let acted_on = self.map.models.iter().any(acts);
        if acted_on {
            self.work.acted_on.insert(id);
        }
        !acted_on
    }

    /// What pointed to objects whose rows were taken over points to the new ones.
    pub(super) fn point_to_new(&mut self, switched: &[(ObjectId, ObjectId)]) {
        let new: FxHashMap<ObjectId, ObjectId> =
            switched.iter().map(|&(new, old)| (old, new)).collect();
        if new.is_empty() || planted(Fault::PointedToOld) {
            return;
        }
        for model in 0..self.map.models.len() {
            for (reference, target) in self.map.models[model].references.clone() {
                if !switched.iter().any(|(id, _)| id.model == target) {
                    continue;
                }
                for slot in 0..self.map.models[model].entries.len() {
                    let id = ObjectId { model, slot };
                    let Some(&new) =
                        self.map.pointed_at(id, reference).and_then(|old| new.get(&old))
                    else {
                        continue;
                    };
                    let (before, handle) =
                        (self.map.object(id).map(Object::boxed), self.map.handle(new));
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.record(&mut self.map, id, before);
                    }
                    let object = self.map.object_mut(id);
                    if let Some(value) =
                        object.and_then(|object| object.field_mut(reference).reference_mut())
                    {
                        value.set_handle(handle);
                    }
                }
            }
        }
    }
}
