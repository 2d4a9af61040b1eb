//! What the fields of objects say of other objects, brought together before anything is written.
//!
//! For each object that was added or lent to be changed since the last time:
//! 1. its values are cut to what their columns keep;
//! 2. new objects in its references and collections are added to the session;
//! 3. references by handle must be of living objects of this session, and get their key;
//! 4. references by key get the handle of the object that has the key, or will have it;
//! 5. both sides of relationships are held together ([`super::edits`]).
//!
//! No SQL is sent.

use super::Session;
use super::identity_map::{EntryState, ObjectId};
use super::state::{Gone, State};
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Collection, Object, RawHandle, RefTarget, RefValue};
use orm_core::schema::Relationship;
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// What one reference holds, copied out so that the map can be changed.
enum Held {
    Handle(RawHandle),
    Key(Key),
}

/// Objects that will be found by a key once they are flushed; looked for at the first question.
#[derive(Default)]
struct PendingKeys(Option<FxHashMap<(usize, Key), ObjectId>>);

impl Session {
    /// Brings references, collections and objects together, of all that is part of the next flush.
    pub(super) fn reconcile(&mut self) -> Result<()> {
        if self.work.is_empty() {
            return Ok(());
        }
        self.round();
        self.adopt_all();
        let related = |id: &ObjectId| self.map.models[id.model].related;
        let changed = self.work.touched.iter().chain(&self.work.added).copied();
        let objects: Vec<ObjectId> = changed.filter(related).collect();
        if objects.is_empty() {
            self.all_settled();
            return Ok(());
        }
        let pending = self.pending_keys();
        self.forget_reserved(&pending);
        let mut pending = PendingKeys(Some(pending));
        for &id in &objects {
            self.join(id, &mut pending)?;
        }
        self.hold_together(&objects)?;
        self.all_settled();
        Ok(())
    }

    /// The same for the objects that were added or lent since the last time: the others are as they
    /// were left, and a loop that loads and changes costs nothing for those behind it.
    pub(super) fn settle(&mut self) -> Result<()> {
        if self.work.unsettled.is_empty() {
            return Ok(());
        }
        let mut index = 0;
        // what is found is added behind: the list grows while it is walked
        while index < self.work.unsettled.len() {
            let id = self.work.unsettled[index];
            if let Some(object) = self.map.object_mut(id) {
                object.round();
            }
            self.adopt(id);
            index += 1;
        }
        let objects = self.work.unsettled.clone();
        let mut pending = PendingKeys::default();
        for &id in &objects {
            self.join(id, &mut pending)?;
        }
        self.hold_together(&objects)?;
        self.all_settled();
        Ok(())
    }

    pub(super) fn all_settled(&mut self) {
        for id in std::mem::take(&mut self.work.unsettled) {
            self.map.entry_mut(id).unsettled = false;
        }
    }

    /// Adds the new objects that fields hold, at any depth.
    fn adopt_all(&mut self) {
        for index in 0..self.work.touched.len() {
            self.adopt(self.work.touched[index]);
        }
        let mut index = 0;
        // what is found is added behind: the list grows while it is walked
        while index < self.work.added.len() {
            self.adopt(self.work.added[index]);
            index += 1;
        }
    }

    /// Adds the new objects inside a new one, right behind it: rows keep the order of `add`.
    pub(super) fn adopt_graph(&mut self, id: ObjectId) {
        if !self.map.models[id.model].related {
            return;
        }
        let mut index = self.work.added.len();
        self.adopt(id);
        // what is found is added behind: the list grows while it is walked
        while index < self.work.added.len() {
            self.adopt(self.work.added[index]);
            index += 1;
        }
    }

    /// Adds the new objects that the fields of an object hold.
    fn adopt(&mut self, id: ObjectId) {
        if !self.map.models[id.model].related {
            return;
        }
        let pending = self.map.state(id) == State::Pending;
        let own = self.map.handle(id);
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let field = relationship.field;
            let Some(object) = self.map.object_mut(id) else { break };
            let field = object.field_mut(field);
            let new = if let Some(collection) = field.collection_mut() {
                let new = collection.take_values();
                if pending {
                    own_collection(collection, own, relationship.reference().is_some());
                }
                new
            } else {
                let new = field.reference_mut().and_then(RefValue::take_new);
                new.into_iter().collect()
            };
            for object in new {
                let new = self.add_object(object);
                let handle = self.map.handle(new);
                let Some(object) = self.map.object_mut(id) else { break };
                let field = object.field_mut(relationship.field);
                if let Some(collection) = field.collection_mut() {
                    collection.insert(handle);
                } else if let Some(reference) = field.reference_mut() {
                    reference.set_handle(handle);
                }
            }
        }
        self.drop_copied_views(id, own);
    }

    /// Cuts the values that may have changed to what their columns keep.
    fn round(&mut self) {
        for &id in self.work.added.iter().chain(&self.work.touched) {
            if let Some(object) = self.map.object_mut(id) {
                object.round();
            }
        }
    }

    /// Where a key was reserved for a row not read yet and an object of that key was added since,
    /// references are to that object.
    fn forget_reserved(&mut self, pending: &FxHashMap<(usize, Key), ObjectId>) {
        let reserved: FxHashMap<ObjectId, ObjectId> = pending
            .iter()
            .filter_map(|((model, key), &id)| {
                let place = self.map.by_key(*model, key)?;
                (self.map.entry(place).state == EntryState::Reserved).then_some((place, id))
            })
            .collect();
        if reserved.is_empty() {
            return;
        }
        for id in self.work.added.clone().into_iter().chain(self.work.touched.clone()) {
            for (field, target) in self.map.models[id.model].references.clone() {
                let Some(reference) = self.reference_mut(id, field) else { continue };
                let Some(handle) = reference.handle() else { continue };
                let place = ObjectId { model: target, slot: handle.slot() as usize };
                if let Some(&object) = reserved.get(&place) {
                    let handle = self.map.handle(object);
                    if let Some(reference) = self.reference_mut(id, field) {
                        reference.set_handle(handle);
                    }
                }
            }
        }
    }

    /// Objects that will be found by a key once they are flushed.
    pub(super) fn pending_keys(&self) -> FxHashMap<(usize, Key), ObjectId> {
        let pending = self.work.added.iter().copied();
        pending
            .filter(|&id| self.map.state(id) == State::Pending)
            .filter_map(|id| Some(((id.model, self.map.object(id)?.key()?), id)))
            .collect()
    }

    /// Checks an object's references and gives them keys and handles.
    fn join(&mut self, id: ObjectId, pending: &mut PendingKeys) -> Result<()> {
        if matches!(self.map.state(id), State::Gone(_) | State::Deleted) {
            return Ok(());
        }
        for index in 0..self.map.models[id.model].references.len() {
            let (field, target) = self.map.models[id.model].references[index];
            let Some(held) = self.held(id, field) else { continue };
            let (target, key) = match held {
                Held::Handle(handle) => {
                    let target = self.pointed_to(id, field, target, handle)?;
                    (target, self.map.entry(target).key.clone())
                }
                Held::Key(key) => (self.with_key(target, &key, pending), Some(key)),
            };
            let handle = self.map.handle(target);
            if let Some(reference) = self.reference_mut(id, field) {
                reference.set_handle(handle);
                reference.set_key(key);
            }
        }
        Ok(())
    }

    /// The object that has a key or will have it; its place is reserved where it is not here.
    fn with_key(&mut self, model: usize, key: &Key, pending: &mut PendingKeys) -> ObjectId {
        if let Some(known) = self.map.by_key(model, key)
            && self.map.is_alive(known)
            && self.map.entry(known).state != EntryState::Reserved
        {
            return known;
        }
        let pending = pending.0.get_or_insert_with(|| self.pending_keys());
        let known = pending.get(&(model, key.clone())).copied();
        known.unwrap_or_else(|| self.map.reserve(model, key))
    }

    fn held(&mut self, id: ObjectId, field: usize) -> Option<Held> {
        let reference = self.reference_mut(id, field)?;
        match (reference.target(), reference.key()) {
            (RefTarget::Handle(handle), key) => {
                let (handle, key) = (*handle, key.cloned());
                Some(match key.filter(|_| self.was_taken_out(id, field, handle)) {
                    Some(key) => Held::Key(key),
                    None => Held::Handle(handle),
                })
            }
            (_, Some(key)) => Some(Held::Key(key.clone())),
            (_, None) => None,
        }
    }

    /// Whether a handle in a reference is of an object that was expunged, or of before the session was
    /// cleared.
    fn was_taken_out(&self, id: ObjectId, field: usize, handle: RawHandle) -> bool {
        if self.map.is_cleared(handle) {
            return true;
        }
        let references = &self.map.models[id.model].references;
        let target = references.iter().find(|&&(reference, _)| reference == field);
        let Some(&(_, target)) = target else { return false };
        let found = self.map.find(handle, (self.map.models[target].meta.type_id)());
        found.is_some_and(|found| self.map.state(found) == State::Gone(Gone::Expunged))
    }

    fn reference_mut(&mut self, id: ObjectId, field: usize) -> Option<&mut RefValue> {
        self.map.object_mut(id)?.field_mut(field).reference_mut()
    }

    /// Adds an object that was found in a field.
    pub(super) fn add_object(&mut self, mut object: Box<dyn Object>) -> ObjectId {
        object.round();
        let serial = self.scope_serial();
        let id = self.map.add_object(object, serial);
        self.note_added(id);
        id
    }

    /// Keeps the books of an object that was added.
    pub(super) fn note_added(&mut self, id: ObjectId) {
        self.work.added.push(id);
        self.unsettle(id);
        if let Some(scope) = self.scopes.last_mut() {
            scope.added.push(id);
        }
    }

    /// The object that a handle in a field is of, if it can be pointed to.
    fn pointed_to(
        &self,
        id: ObjectId,
        field: usize,
        target: usize,
        handle: RawHandle,
    ) -> Result<ObjectId> {
        let place = || {
            let meta = self.map.models[id.model].meta;
            format!("`{}.{}` of {}", meta.name, meta.fields[field].name, self.map.describe(id))
        };
        let found = self.map.find(handle, (self.map.models[target].meta.type_id)());
        let Some(found) = found else {
            let whose = if self.map.is_cleared(handle) {
                "of before the session was cleared"
            } else {
                "of another session"
            };
            return Err(Error::new(
                ErrorKind::InvalidState,
                format!("{} holds a handle {whose}", place()),
            ));
        };
        match self.map.state(found) {
            state @ State::Gone(_) => Err(Error::new(
                ErrorKind::InvalidState,
                format!(
                    "{} points to {}, which is {state}; point it to another object",
                    place(),
                    self.map.describe(found)
                ),
            )),
            _ => Ok(found),
        }
    }

    /// Takes the value of an object that is gone, as it was added: generated values unset, objects
    /// it pointed to that are gone with it inside.
    pub(super) fn take_object(&mut self, id: ObjectId) -> Option<Box<dyn Object>> {
        let mut object = self.left_over.remove(&id)?;
        let meta = self.map.models[id.model].meta;
        let generated = self.map.entry(id).generated;
        for field in 0..meta.fields.len() {
            if generated & (1 << field.min(63)) != 0 && !planted(Fault::TakenWithKey) {
                object.field_mut(field).unset();
            }
        }
        for relationship in &meta.table().relationships {
            self.take_inside(&mut *object, relationship);
        }
        Some(object)
    }

    /// Puts the objects that are gone with their holder into it, in place of their handles.
    fn take_inside(&mut self, object: &mut dyn Object, relationship: &Relationship) {
        let Some(model) = self.map.known_model((relationship.target.type_id)()) else { return };
        let mut inside = Vec::new();
        let mut there = Vec::new();
        let held = super::edits::handles_in(object, relationship.field);
        if held.is_empty() && object.field(relationship.field).collection().is_none() {
            return;
        }
        for handle in held {
            let id = ObjectId { model, slot: handle.slot() as usize };
            match self.take_object(id) {
                Some(value) => inside.push(value),
                None if matches!(self.map.state(id), State::Gone(_)) => {}
                None => there.push(handle),
            }
        }
        let field = object.field_mut(relationship.field);
        if let Some(collection) = field.collection_mut() {
            let loaded = collection.is_loaded();
            if loaded || !inside.is_empty() {
                collection.set_values(inside);
            }
            for handle in there {
                collection.insert(handle);
            }
        } else if let Some(inside) = inside.into_iter().next() {
            field.set_reference(RefValue::of_new(inside));
        } else if there.is_empty()
            && !field.set_null()
            && let Some(reference) = field.reference_mut()
            && reference.handle().is_some()
        {
            // what it pointed to holds it, and sets it again
            reference.unset();
        }
    }
}

/// Makes a collection that of a new object, which has no row: there is nothing to load. Children that
/// were read for another object stay with it, whatever was copied; links are copied.
fn own_collection(collection: &mut dyn Collection, own: RawHandle, of_children: bool) {
    let copied = collection.owner().is_some_and(|owner| owner != own);
    let known = if copied && of_children { Vec::new() } else { collection.handles() };
    if copied || !collection.is_loaded() {
        collection.set_handles(&known, true);
    }
    collection.set_owner(own);
}
