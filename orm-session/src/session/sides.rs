//! Carrying a change of one side of a relationship over to the other.
//!
//! A child is given to an owner, or becomes an orphan; a pair is linked or unlinked; collections
//! that are known show it. What changed is found by [`super::edits`]. No SQL is sent.

use super::Session;
use super::edits::{Known, Moved, Orphan, Rearranged, members};
use super::identity_map::ObjectId;
use super::state::State;
use crate::faults::{Fault, planted};
use orm_core::model::RefValue;
use orm_core::schema::{Relationship, RelationshipKind};
use rustc_hash::FxHashSet;

impl Session {
    /// A reference was changed: both owners' collections follow.
    pub(super) fn move_child(&mut self, change: &Moved) {
        self.edits.orphans.remove(&(change.child, change.reference));
        let table = self.map.models[change.child.model].meta.table();
        let back =
            table.relationship_of(change.reference).and_then(|relationship| relationship.back);
        let Some(back) = back else { return };
        // one that stays keeps its place
        let left = change.before.filter(|_| change.before != change.after);
        if let Some(before) = left.filter(|_| !planted(Fault::OldOwnerKeeps)) {
            self.view(before, back, change.child, false);
        }
        if let Some(after) = change.after {
            self.make_room(after, back, change.child);
            self.view(after, back, change.child, true);
        }
    }

    /// Points a child to an owner, or to nothing.
    pub(super) fn give_to(&mut self, child: ObjectId, reference: usize, owner: Option<ObjectId>) {
        let before = self.map.pointed_at(child, reference);
        self.edits.orphans.remove(&(child, reference));
        if before != owner {
            self.touch(child);
            let value = owner.map(|owner| {
                let mut value = RefValue::to_handle(self.map.handle(owner));
                value.set_key(self.map.entry(owner).key.clone());
                value
            });
            if let Some(object) = self.map.object_mut(child) {
                match value {
                    Some(value) => object.field_mut(reference).set_reference(value),
                    None => {
                        object.field_mut(reference).set_null();
                    }
                }
            }
        }
        self.edits.known.insert((child, reference), Known::One(owner));
        self.move_child(&Moved { child, reference, before, after: owner });
    }

    /// A reference was changed by a statement: collections follow.
    pub(super) fn moved_by_database(
        &mut self,
        child: ObjectId,
        reference: usize,
        before: Option<ObjectId>,
    ) {
        let after = self.map.pointed_at(child, reference);
        if after != before {
            if let Some(known) = self.edits.known.get_mut(&(child, reference)) {
                *known = Known::One(after);
            }
            self.move_child(&Moved { child, reference, before, after });
        }
    }

    /// A child was taken out of a collection.
    pub(super) fn take_from(&mut self, change: &Rearranged, child: ObjectId) {
        let (RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference }) =
            change.relationship.kind
        else {
            return;
        };
        if self.map.pointed_at(child, reference) != Some(change.owner) {
            return; // it has found another owner
        }
        self.orphan(change.owner, change.relationship, child, reference);
    }

    /// What becomes of a child that was taken out is decided at the flush.
    pub(super) fn orphan(
        &mut self,
        owner: ObjectId,
        relationship: &Relationship,
        child: ObjectId,
        reference: usize,
    ) {
        if !self.map.is_alive(child) {
            return; // it goes by itself, and comes back as it was
        }
        let nullable = self.map.models[child.model]
            .meta
            .table()
            .foreign_key_of(reference)
            .is_some_and(|key| key.nullable);
        let delete = relationship.cascade.delete_orphan;
        if nullable && !delete {
            self.give_to(child, reference, None);
            return;
        }
        let collection = relationship.field;
        self.edits.orphans.insert((child, reference), Orphan { owner, collection, delete });
    }

    /// One place for one object: the one that had it is taken out.
    fn make_room(&mut self, owner: ObjectId, field: usize, child: ObjectId) {
        let table = self.map.models[owner.model].meta.table();
        let Some(relationship) = table.relationship_of(field) else { return };
        let RelationshipKind::OneToOne { reference } = relationship.kind else { return };
        for other in members(&self.map, owner, relationship, false) {
            if other != child && self.map.pointed_at(other, reference) == Some(owner) {
                self.orphan(owner, relationship, other, reference);
                self.view(owner, field, other, false);
            }
        }
    }

    /// Makes a collection that is loaded show that an object is in it, or is not; that is known.
    pub(super) fn view(&mut self, owner: ObjectId, field: usize, member: ObjectId, there: bool) {
        if !self.map.is_alive(owner) {
            return; // what is deleted keeps what it was last known to hold
        }
        let handle = self.map.handle(member);
        let collection = self.map.object(owner).and_then(|object| object.field(field).collection());
        let Some(collection) = collection else { return };
        if !collection.is_loaded() && !collection.has_objects() {
            return;
        }
        self.touch(owner);
        let Some(relationship) = self.map.models[owner.model].meta.table().relationship_of(field)
        else {
            return;
        };
        let known = self.edits.known.entry((owner, field)).or_insert_with(|| {
            Known::Many(members(&self.map, owner, relationship, true).into_iter().collect())
        });
        if let Known::Many(known) = known {
            if there {
                known.insert(member);
            } else {
                known.remove(&member);
            }
        }
        let object = self.map.object_mut(owner);
        let collection = object.and_then(|object| object.field_mut(field).collection_mut());
        match collection {
            Some(collection) if there => collection.insert(handle),
            Some(collection) => collection.take_out(handle),
            None => {}
        }
    }

    /// Pairs that were linked or unlinked.
    pub(super) fn link_edits(&mut self, change: &Rearranged) {
        let RelationshipKind::ManyToMany { .. } = change.relationship.kind else { return };
        for (others, linked) in [(&change.added, true), (&change.removed, false)] {
            for &other in others {
                let known = self.knows_pair(change.owner, change.relationship, other);
                let pair = (change.owner, other);
                self.edits.links.change(change.relationship, pair, linked, known);
                if let Some(back) = change.relationship.back {
                    self.view(other, back, change.owner, linked);
                }
            }
        }
    }

    /// Whether the session knows if a pair is linked in the database: one side was loaded, or has
    /// no row.
    pub(super) fn knows_pair(
        &self,
        owner: ObjectId,
        relationship: &Relationship,
        other: ObjectId,
    ) -> bool {
        let known = |id: ObjectId, field: usize| {
            self.map.state(id) == State::Pending
                || (self.is_loaded(id, field) && !self.edits.replaced.contains(&(id, field)))
        };
        known(owner, relationship.field)
            || relationship
                .back
                .map_or(self.map.state(other) == State::Pending, |back| known(other, back))
    }

    /// Takes objects that are deleted or gone out of the collections that hold them: found by their
    /// references and their own collections, or by looking into those of a whole model.
    pub(super) fn leave_collections(&mut self, gone: &[ObjectId]) {
        self.unload_views_with(gone);
        for &id in gone {
            for relationship in &self.map.models[id.model].meta.table().relationships {
                let Some(back) = relationship.back else { continue };
                for other in members(&self.map, id, relationship, false) {
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
            for member in members(&self.map, owner, relationship, false) {
                if gone.contains(&member) {
                    self.view(owner, relationship.field, member, false);
                }
            }
        }
    }
}
