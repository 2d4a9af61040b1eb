//! What is deleted leaves the collections that hold it: called behind a flush, a set-based DELETE and
//! the deletion of a pending object. No SQL is sent; rollback puts the collections back.

use super::Session;
use super::edits::members;
use super::identity_map::ObjectId;
use orm_core::schema::{Relationship, RelationshipKind};
use rustc_hash::FxHashSet;

impl Session {
    /// Takes objects that are deleted or gone out of the collections that hold them: found by their
    /// references and their own collections, or by looking into those of a whole model.
    pub(super) fn leave_collections(&mut self, gone: &[ObjectId]) {
        for &id in gone {
            for relationship in &self.map.models[id.model].meta.table().relationships {
                let Some(back) = relationship.back else { continue };
                for other in members(&self.map, id, relationship, false) {
                    if !self.map.is_alive(other) {
                        continue; // what is deleted keeps what it was last known to hold
                    }
                    match relationship.kind {
                        RelationshipKind::ManyToOne | RelationshipKind::ManyToMany { .. } => {
                            self.view(other, back, id, false);
                        }
                        RelationshipKind::OneToMany { .. } | RelationshipKind::OneToOne { .. } => {}
                    }
                }
            }
        }
        for model in 0..self.map.models.len() {
            for relationship in &self.map.models[model].meta.table().relationships {
                let RelationshipKind::ManyToMany { .. } = relationship.kind else { continue };
                let target = self.map.known_model((relationship.target.type_id)());
                let hidden = |id: &ObjectId| {
                    Some(id.model) == target
                        && relationship.back.is_none_or(|back| !self.is_loaded(*id, back))
                };
                let gone: FxHashSet<ObjectId> = gone.iter().copied().filter(hidden).collect();
                if !gone.is_empty() {
                    self.take_out_everywhere(model, relationship, &gone);
                }
            }
        }
    }

    /// Takes objects out of the same collection of all objects of a model.
    fn take_out_everywhere(
        &mut self,
        model: usize,
        relationship: &Relationship,
        gone: &FxHashSet<ObjectId>,
    ) {
        for slot in 0..self.map.models[model].entries.len() {
            let owner = ObjectId { model, slot };
            if !self.map.is_alive(owner) {
                continue;
            }
            for member in members(&self.map, owner, relationship, false) {
                if gone.contains(&member) {
                    self.view(owner, relationship.field, member, false);
                }
            }
        }
    }
}
