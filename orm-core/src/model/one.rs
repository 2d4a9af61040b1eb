//! The one object at the other end of a one-to-one, in a field: `One<T>`.
//!
//! A [`Many`] of one at most: not loaded, a handle, or a value.

use super::{Handle, IntoItem, Many, Model, NotLoaded};
use std::fmt;

/// The one object that points to this one, where there is one.
pub struct One<T>(pub(super) Many<T>);

impl<T> One<T> {
    /// None, and known to be none.
    pub fn none() -> One<T> {
        One(Many::empty())
    }

    /// Whether it is known.
    pub fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }

    /// The object, of a session.
    ///
    /// # Errors
    /// [`NotLoaded`] while it is not known.
    pub fn get(&self) -> Result<Option<Handle<T>>, NotLoaded> {
        self.0.get().map(|handles| handles.first().copied())
    }

    /// The value, of a value that is in no session.
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read.
    pub fn value(&self) -> Result<Option<&T>, NotLoaded>
    where
        T: Model,
    {
        self.0.values().map(<[T]>::first)
    }

    /// The value, of a value that is in no session, to change it.
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read.
    pub fn value_mut(&mut self) -> Result<Option<&mut T>, NotLoaded>
    where
        T: Model,
    {
        self.0.values_mut().map(|values| values.first_mut())
    }

    /// Replaces it by a handle or a new value.
    pub fn set(&mut self, item: impl IntoItem<T>)
    where
        T: Model,
    {
        self.0.clear();
        self.0.push(item);
    }

    /// Takes it out.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T> Default for One<T> {
    fn default() -> One<T> {
        One(Many::default())
    }
}

impl<T> Clone for One<T> {
    fn clone(&self) -> One<T> {
        One(self.0.clone())
    }
}

impl<T> fmt::Debug for One<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Ok(Some(handle)) => handle.fmt(f),
            Ok(None) => f.write_str("None"),
            Err(_) if self.is_loaded() => f.write_str("One(a value)"),
            Err(_) => f.write_str("One(not loaded)"),
        }
    }
}

impl<T: Model> From<T> for One<T> {
    fn from(value: T) -> One<T> {
        One(vec![value].into())
    }
}

impl<T> From<Handle<T>> for One<T> {
    fn from(object: Handle<T>) -> One<T> {
        One(vec![object].into())
    }
}
