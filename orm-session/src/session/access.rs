//! `session[handle]`: reading objects, and lending them to be changed.
//!
//! The first mutable access to an object that has a row keeps a copy; the flush compares. Nothing
//! here does I/O.

use super::identity_map::{EntryState, ObjectId};
use super::{Session, State};
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Handle, Model, RawHandle};
use std::any::TypeId;
use std::ops::{Index, IndexMut};

impl Session {
    /// The object, or why it can't be read.
    ///
    /// # Errors
    /// `Closed` for an object that is gone or of another session, `NotLoaded` for one of which only
    /// the key is known.
    pub fn try_get<M: Model>(&self, object: Handle<M>) -> Result<&M> {
        let id = self.living(object)?;
        self.map.value(id).ok_or_else(|| not_loaded(object))
    }

    /// The object, to change it, or why it can't be changed.
    ///
    /// # Errors
    /// As [`Session::try_get`], and `InvalidState` for one that was deleted.
    pub fn try_get_mut<M: Model>(&mut self, object: Handle<M>) -> Result<&mut M> {
        let id = self.changeable(object)?;
        self.lend(id);
        let value = self.map.arena_mut::<M>().and_then(|arena| arena.value_mut(id.slot));
        value.ok_or_else(|| not_loaded(object))
    }

    /// Several objects of one model, to change them together.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let found = session.query(Article).order_by(Article.title).all()?;
    /// # let (one, other) = (found[0], found[1]);
    /// let [a, b] = session.get_disjoint_mut([one, other])?;
    /// std::mem::swap(&mut a.title, &mut b.title);
    /// # assert_eq!(session[one].title, "Rust");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Session::try_get_mut`], and `InvalidState` when one object is given twice.
    pub fn get_disjoint_mut<M: Model, const N: usize>(
        &mut self,
        objects: [Handle<M>; N],
    ) -> Result<[&mut M; N]> {
        let mut slots = [0; N];
        for (slot, object) in slots.iter_mut().zip(objects) {
            let id = self.changeable(object)?;
            self.lend(id);
            *slot = id.slot;
        }
        let values = self.map.arena_mut::<M>().and_then(|arena| arena.disjoint_mut(slots));
        values.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidState,
                format!("the objects {objects:?} are not all different and loaded"),
            )
        })
    }

    pub(super) fn changeable<M: Model>(&self, object: Handle<M>) -> Result<ObjectId> {
        let id = self.living(object)?;
        match self.map.state(id) {
            state @ (State::ToBeDeleted | State::Deleted) => Err(Error::new(
                ErrorKind::InvalidState,
                format!("{object:?} is {state} and can't be changed any more"),
            )),
            _ => Ok(id),
        }
    }

    /// Lends an object to the user: it is looked at again by the next call.
    pub(super) fn lend(&mut self, id: ObjectId) {
        self.touch(id);
        self.unsettle(id);
    }

    /// Notes that what the relationship fields of an object say may be new.
    pub(super) fn unsettle(&mut self, id: ObjectId) {
        if !std::mem::replace(&mut self.map.entry_mut(id).unsettled, true) {
            self.work.unsettled.push(id);
        }
    }

    /// Keeps a copy before the first change.
    pub(super) fn touch(&mut self, id: ObjectId) {
        let has_row =
            matches!(self.map.entry(id).state, EntryState::Known(State::Persistent | State::Stale));
        if has_row
            && let Some(values) = self.map.values_mut(id.model)
            && values.keep_original(id.slot)
        {
            self.work.touched.extend((!planted(Fault::TouchedForgotten)).then_some(id));
        }
    }
}

#[cold]
pub(super) fn not_loaded<M>(object: Handle<M>) -> Error {
    Error::new(
        ErrorKind::NotLoaded,
        format!("only the key of {object:?} is known; read it by `session.get` first"),
    )
}

/// Reads an object.
///
/// # Panics
/// When the object is gone (the message says why), was never loaded, or is of another session;
/// [`Session::try_get`] returns these as errors.
impl<M: Model> Index<Handle<M>> for Session {
    type Output = M;

    #[track_caller]
    fn index(&self, object: Handle<M>) -> &M {
        let raw = RawHandle::from(object);
        // the common case first: known and there
        if let Some(id) = self.map.find(raw, TypeId::of::<M>())
            && let Some(value) = self.map.value(id)
        {
            return value;
        }
        match self.try_get(object) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Lends an object to be changed; what changed is written by the next flush.
///
/// # Panics
/// As reading, and when the object was deleted; [`Session::try_get_mut`] returns these as errors.
impl<M: Model> IndexMut<Handle<M>> for Session {
    #[track_caller]
    fn index_mut(&mut self, object: Handle<M>) -> &mut M {
        match self.try_get_mut(object) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }
}
