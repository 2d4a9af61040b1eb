//! What the fields of objects say of other objects, brought together before anything is written.
//!
//! For each object that was added or lent to be changed since the last time:
//! 1. its values are cut to what their columns keep;
//! 2. new objects in its references are added to the session;
//! 3. references by handle must be of living objects of this session, and get their key;
//! 4. references by key get the handle of the object that has the key, or will have it.
//!
//! No SQL is sent.

use super::identity_map::{EntryState, ObjectId};
use super::state::State;
use super::{Gone, Session};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Object, RawHandle, RefTarget};
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
        let mut position = 0;
        // objects found inside others are added behind: the list grows while it is walked
        while position < self.work.added.len() {
            let id = self.work.added[position];
            position += 1;
            if self.map.state(id) == State::Pending {
                self.adopt(id)?;
            }
        }
        let pending = self.pending_keys();
        for list in [self.work.added.clone(), self.work.touched.clone()] {
            for id in list {
                self.join(id, &pending)?;
            }
        }
        Ok(())
    }

    /// Cuts values, and adds the new objects that an object's references hold.
    fn adopt(&mut self, id: ObjectId) -> Result<()> {
        if let Some(object) = self.map.object_mut(id) {
            object.round();
        }
        for index in 0..self.map.models[id.model].references.len() {
            let (field, _) = self.map.models[id.model].references[index];
            self.adopt_reference(id, field);
        }
        Ok(())
    }

    fn adopt_reference(&mut self, id: ObjectId, field: usize) {
        let taken = self
            .map
            .object_mut(id)
            .and_then(|object| object.field_mut(field).reference_mut())
            .and_then(orm_core::model::RefValue::take_new);
        let Some(object) = taken else { return };
        let serial = self.scope_serial();
        let new = self.map.add_object(object, serial);
        self.work.added.push(new);
        if let Some(scope) = self.scopes.last_mut() {
            scope.added.push(new);
        }
        let handle = self.map.handle(new);
        if let Some(reference) =
            self.map.object_mut(id).and_then(|object| object.field_mut(field).reference_mut())
        {
            reference.set_handle(handle);
        }
    }
}
