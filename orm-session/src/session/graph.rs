//! What the fields of objects say of other objects, brought together before anything is written.
//!
//! For each object that was added or lent to be changed since the last time:
//! 1. its values are cut to what their columns keep;
//! 2. new objects in its references are added to the session;
//! 3. references by handle must be of living objects of this session, and get their key;
//! 4. references by key get the handle of the object that has the key, or will have it.
//!
//! No SQL is sent.

use super::Session;
use super::identity_map::{EntryState, ObjectId};
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Object, RawHandle, RefTarget, RefValue};
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// What one reference holds, copied out so that the map can be changed.
enum Held {
    New(Box<dyn Object>),
    Handle(RawHandle),
    Key(Key),
}

impl Session {
    /// Brings references and objects together.
    pub(super) fn reconcile(&mut self) -> Result<()> {
        if self.work.is_empty() {
            return Ok(());
        }
        self.round();
        let pending = self.pending_keys();
        self.forget_reserved(&pending);
        for index in 0..self.work.touched.len() {
            self.join(self.work.touched[index], &pending)?;
        }
        let mut index = 0;
        // objects found inside others are added behind: the list grows while it is walked
        while index < self.work.added.len() {
            self.join(self.work.added[index], &pending)?;
            index += 1;
        }
        Ok(())
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
    fn pending_keys(&self) -> FxHashMap<(usize, Key), ObjectId> {
        let pending = self.work.added.iter().copied();
        pending
            .filter(|&id| self.map.state(id) == State::Pending)
            .filter_map(|id| Some(((id.model, self.map.object(id)?.key()?), id)))
            .collect()
    }

    /// Checks an object's references and gives them keys and handles.
    fn join(&mut self, id: ObjectId, pending: &FxHashMap<(usize, Key), ObjectId>) -> Result<()> {
        if matches!(self.map.state(id), State::Gone(_) | State::Deleted) {
            return Ok(());
        }
        for index in 0..self.map.models[id.model].references.len() {
            let (field, target) = self.map.models[id.model].references[index];
            let Some(held) = self.held(id, field) else { continue };
            let (target, key) = match held {
                Held::New(object) => (self.add_new(object), None),
                Held::Handle(handle) => {
                    let target = self.pointed_to(id, field, target, handle)?;
                    (target, self.map.entry(target).key.clone())
                }
                Held::Key(key) => {
                    let known = pending.get(&(target, key.clone())).copied();
                    let known = known.unwrap_or_else(|| self.map.reserve(target, &key));
                    (known, Some(key))
                }
            };
            let handle = self.map.handle(target);
            if let Some(reference) = self.reference_mut(id, field) {
                reference.set_handle(handle);
                reference.set_key(key);
            }
        }
        Ok(())
    }

    fn held(&mut self, id: ObjectId, field: usize) -> Option<Held> {
        let reference = self.reference_mut(id, field)?;
        if let Some(object) = reference.take_new() {
            return Some(Held::New(object));
        }
        match (reference.target(), reference.key()) {
            (RefTarget::Handle(handle), _) => Some(Held::Handle(*handle)),
            (_, Some(key)) => Some(Held::Key(key.clone())),
            (_, None) => None,
        }
    }

    fn reference_mut(&mut self, id: ObjectId, field: usize) -> Option<&mut RefValue> {
        self.map.object_mut(id)?.field_mut(field).reference_mut()
    }

    /// Adds an object that was found in a field.
    fn add_new(&mut self, object: Box<dyn Object>) -> ObjectId {
        let serial = self.scope_serial();
        let id = self.map.add_object(object, serial);
        self.work.added.push(id);
        if let Some(scope) = self.scopes.last_mut() {
            scope.added.push(id);
        }
        id
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
            return Err(Error::new(
                ErrorKind::InvalidState,
                format!("{} holds a handle of another session", place()),
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
        for field in 0..meta.fields.len().min(64) {
            if generated & (1 << field) != 0 {
                object.field_mut(field).unset();
            }
        }
        for (field, target) in self.map.models[id.model].references.clone() {
            let handle = object.field(field).reference().and_then(RefValue::handle);
            let Some(handle) = handle else { continue };
            let target = ObjectId { model: target, slot: handle.slot() as usize };
            if let Some(inside) = self.take_object(target)
                && let Some(reference) = object.field_mut(field).reference_mut()
            {
                reference.set_new(inside);
            }
        }
        Some(object)
    }
}
