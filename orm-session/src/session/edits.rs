//! Both sides of relationships, held together.
//!
//! The truth is in the foreign keys (`Ref` fields) and in the pairs of link tables; collections are
//! views of it. What a user did to fields since the last time is found by comparison, carried over
//! to the other side, and remembered:
//!
//! 1. A child put into a collection points to its owner; a child that points to another owner
//!    leaves the collection of the one before.
//! 2. A child taken out of a collection points to nothing, where it can; what becomes of one that
//!    can't, and of orphans that are to be deleted, is decided at the flush: it may find a new
//!    owner before.
//! 3. Linked pairs are added and removed as pairs; added twice is added once.
//! 4. Two sides that say different things of one child are an error that names all three.
//!
//! No SQL is sent.

use super::Session;
use super::identity_map::{IdentityMap, ObjectId};
use super::links::Links;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Object, RawHandle, RefValue};
use orm_core::schema::{Relationship, RelationshipKind};
use rustc_hash::FxHashMap;

/// What is remembered of relationships between two flushes.
#[derive(Default)]
pub(super) struct Edits {
    /// What a relationship field held when both sides were last held together.
    known: FxHashMap<(ObjectId, usize), Vec<ObjectId>>,
    /// Children taken out of a collection, with their reference to it.
    pub orphans: FxHashMap<(ObjectId, usize), Orphan>,
    /// Pairs linked and unlinked.
    pub links: Links,
    /// Collections that were replaced without having been loaded.
    pub replaced: Vec<(ObjectId, usize)>,
}

/// A child that was taken out of a collection.
pub(super) struct Orphan {
    pub owner: ObjectId,
    /// The collection.
    pub collection: usize,
    /// Whether it is deleted unless it finds a new owner.
    pub delete: bool,
}

/// A reference that changed.
struct Moved {
    child: ObjectId,
    reference: usize,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
}

/// A collection that changed.
struct Rearranged {
    owner: ObjectId,
    relationship: &'static Relationship,
    added: Vec<ObjectId>,
    removed: Vec<ObjectId>,
}

impl Edits {
    /// Forgets what a field held, which was read anew.
    pub fn forget(&mut self, id: ObjectId, field: usize) {
        self.known.remove(&(id, field));
    }

    /// Forgets everything, after a flush or a rollback.
    pub fn clear(&mut self) {
        *self = Edits::default();
    }

    /// Whether there is something to write that no object shows.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.orphans.is_empty() && self.replaced.is_empty()
    }
}

impl Session {
    /// Holds both sides together for objects that may have changed.
    pub(super) fn hold_together(&mut self, objects: &[ObjectId]) -> Result<()> {
        let mut moved = Vec::new();
        let mut rearranged = Vec::new();
        for &id in objects {
            self.find_edits(id, &mut moved, &mut rearranged);
        }
        if moved.is_empty() && rearranged.is_empty() {
            return Ok(());
        }
        let added = self.owners_of_added(&moved, &rearranged)?;
        for change in &moved {
            self.move_child(change);
        }
        for (child, reference, owner) in added {
            self.give_to(child, reference, Some(owner));
        }
        for change in &rearranged {
            for &removed in &change.removed {
                self.take_from(change, removed);
            }
            self.link_edits(change);
        }
        for &id in objects {
            self.remember(id);
        }
        Ok(())
    }

    /// What changed in the relationship fields of an object.
    fn find_edits(
        &mut self,
        id: ObjectId,
        moved: &mut Vec<Moved>,
        rearranged: &mut Vec<Rearranged>,
    ) {
        let lent = match self.map.state(id) {
            State::Pending => true,
            State::Persistent | State::Stale => {
                let values = self.map.values(id.model);
                values.is_some_and(|values| values.original(id.slot).is_some())
            }
            State::ToBeDeleted | State::Deleted | State::Gone(_) => false,
        };
        if !lent {
            return;
        }
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let now = members(&self.map, id, relationship, false);
            let before = self.before(id, relationship);
            if now == before {
                continue;
            }
            if let RelationshipKind::ManyToOne = relationship.kind {
                moved.push(Moved {
                    child: id,
                    reference: relationship.field,
                    before: before.first().copied(),
                    after: now.first().copied(),
                });
                continue;
            }
            if self.was_replaced(id, relationship) {
                self.edits.replaced.push((id, relationship.field));
            }
            let not_in = |list: &[ObjectId], id: &ObjectId| !list.contains(id);
            rearranged.push(Rearranged {
                owner: id,
                relationship,
                added: now.iter().copied().filter(|id| not_in(&before, id)).collect(),
                removed: before.iter().copied().filter(|id| not_in(&now, id)).collect(),
            });
        }
    }

    fn before(&self, id: ObjectId, relationship: &Relationship) -> Vec<ObjectId> {
        match self.edits.known.get(&(id, relationship.field)) {
            Some(known) => known.clone(),
            None if self.map.state(id) == State::Pending => Vec::new(),
            None => members(&self.map, id, relationship, true),
        }
    }

    /// Whether a collection that was not loaded now holds all there is to be.
    fn was_replaced(&self, id: ObjectId, relationship: &Relationship) -> bool {
        let loaded = |object: Option<&dyn Object>| {
            object
                .and_then(|object| object.field(relationship.field).collection())
                .is_some_and(orm_core::model::Collection::is_loaded)
        };
        let original = self.map.values(id.model).and_then(|values| values.original(id.slot));
        original.is_some()
            && !loaded(original)
            && loaded(self.map.object(id))
            && !self.edits.replaced.contains(&(id, relationship.field))
    }

    /// The new owner of each child that was put into a collection.
    fn owners_of_added(
        &self,
        moved: &[Moved],
        rearranged: &[Rearranged],
    ) -> Result<Vec<(ObjectId, usize, ObjectId)>> {
        let said: FxHashMap<(ObjectId, usize), Option<ObjectId>> =
            moved.iter().map(|change| ((change.child, change.reference), change.after)).collect();
        let mut owners: FxHashMap<(ObjectId, usize), ObjectId> = FxHashMap::default();
        let mut added = Vec::new();
        for change in rearranged {
            let (RelationshipKind::OneToMany { reference }
            | RelationshipKind::OneToOne { reference }) = change.relationship.kind
            else {
                continue;
            };
            for &child in &change.added {
                let other = owners
                    .insert((child, reference), change.owner)
                    .or_else(|| said.get(&(child, reference)).copied().flatten())
                    .filter(|&other| other != change.owner);
                if let Some(other) = other {
                    return Err(self.contradiction(child, reference, change.owner, other));
                }
                added.push((child, reference, change.owner));
            }
        }
        Ok(added)
    }

    fn contradiction(
        &self,
        child: ObjectId,
        reference: usize,
        one: ObjectId,
        other: ObjectId,
    ) -> Error {
        let field = self.map.models[child.model].meta.fields[reference].name;
        Error::new(
            ErrorKind::InvalidState,
            format!(
                "`{field}` of {} is said to be both {} and {}; take it out of one of them",
                self.map.describe(child),
                self.map.describe(one),
                self.map.describe(other)
            ),
        )
    }

    /// A reference was changed: both owners' collections follow.
    fn move_child(&mut self, change: &Moved) {
        self.edits.orphans.remove(&(change.child, change.reference));
        let table = self.map.models[change.child.model].meta.table();
        let back =
            table.relationship_of(change.reference).and_then(|relationship| relationship.back);
        let Some(back) = back else { return };
        if let Some(before) = change.before {
            self.view(before, back, |collection, child| collection.take_out(child), change.child);
        }
        if let Some(after) = change.after {
            self.make_room(after, back, change.child);
            self.view(after, back, |collection, child| collection.insert(child), change.child);
        }
    }

    /// Points a child to an owner, or to nothing.
    pub(super) fn give_to(&mut self, child: ObjectId, reference: usize, owner: Option<ObjectId>) {
        let before = self.pointed_at(child, reference);
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
        self.edits.known.insert((child, reference), owner.into_iter().collect());
        self.move_child(&Moved { child, reference, before, after: owner });
    }

    /// A child was taken out of a collection.
    fn take_from(&mut self, change: &Rearranged, child: ObjectId) {
        let (RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference }) =
            change.relationship.kind
        else {
            return;
        };
        if self.pointed_at(child, reference) != Some(change.owner) {
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
            if other != child && self.pointed_at(other, reference) == Some(owner) {
                self.orphan(owner, relationship, other, reference);
                self.view(owner, field, |collection, child| collection.take_out(child), other);
            }
        }
    }

    /// Changes a collection that is loaded to show what is so; remembers it as known.
    pub(super) fn view(
        &mut self,
        owner: ObjectId,
        field: usize,
        change: impl FnOnce(&mut dyn orm_core::model::Collection, RawHandle),
        member: ObjectId,
    ) {
        let loaded =
            self.map.object(owner).and_then(|object| object.field(field).collection()).is_some_and(
                |collection| collection.is_loaded() || !collection.handles().is_empty(),
            );
        if !loaded {
            return;
        }
        self.touch(owner);
        let handle = self.map.handle(member);
        let Some(object) = self.map.object_mut(owner) else { return };
        if let Some(collection) = object.field_mut(field).collection_mut() {
            change(collection, handle);
        }
        if let Some(relationship) = self.map.models[owner.model].meta.table().relationship_of(field)
        {
            let now = members(&self.map, owner, relationship, false);
            self.edits.known.insert((owner, field), now);
        }
    }

    /// Pairs that were linked or unlinked.
    fn link_edits(&mut self, change: &Rearranged) {
        let RelationshipKind::ManyToMany { .. } = change.relationship.kind else { return };
        for &other in &change.added {
            self.edits.links.add(change.relationship, change.owner, other);
            if let Some(back) = change.relationship.back {
                self.view(other, back, |collection, one| collection.insert(one), change.owner);
            }
        }
        for &other in &change.removed {
            self.edits.links.remove(change.relationship, change.owner, other);
            if let Some(back) = change.relationship.back {
                self.view(other, back, |collection, one| collection.take_out(one), change.owner);
            }
        }
    }

    /// What the fields of an object hold now is known.
    fn remember(&mut self, id: ObjectId) {
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let now = members(&self.map, id, relationship, false);
            self.edits.known.insert((id, relationship.field), now);
        }
    }

    /// The object that a reference points to.
    pub(super) fn pointed_at(&self, child: ObjectId, reference: usize) -> Option<ObjectId> {
        let table = self.map.models[child.model].meta.table();
        let relationship = table.relationship_of(reference)?;
        members(&self.map, child, relationship, false).first().copied()
    }
}

/// The objects that a relationship field holds, now or before it was lent.
pub(super) fn members(
    map: &IdentityMap,
    id: ObjectId,
    relationship: &Relationship,
    original: bool,
) -> Vec<ObjectId> {
    let object = if original {
        map.values(id.model).and_then(|values| values.original(id.slot))
    } else {
        map.object(id)
    };
    let Some(object) = object else { return Vec::new() };
    let Some(model) = map.known_model((relationship.target.type_id)()) else { return Vec::new() };
    let place = |handle: RawHandle| ObjectId { model, slot: handle.slot() as usize };
    handles_in(object, relationship.field).into_iter().map(place).collect()
}

/// The handles in a relationship field.
pub(super) fn handles_in(object: &dyn Object, field: usize) -> Vec<RawHandle> {
    let field = object.field(field);
    match field.collection() {
        Some(collection) => collection.handles(),
        None => field.reference().and_then(RefValue::handle).into_iter().collect(),
    }
}
