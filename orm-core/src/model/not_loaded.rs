//! Why the other end can't be read, in words that say what to write instead.
//!
//! Made by `Many`, `One` and `Ref`, which know the model at the other end, not the field they are in.

use std::fmt;

/// Why the other end can't be read: it was not loaded, or holds the other of values and handles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NotLoaded {
    /// The name of the model whose objects are asked for.
    model: &'static str,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Unloaded,
    HoldsValues,
    HoldsHandles,
}

impl NotLoaded {
    pub(super) fn of<T>(why: Why) -> NotLoaded {
        let name = std::any::type_name::<T>();
        NotLoaded { model: name.rsplit("::").next().unwrap_or(name), why }
    }
}

impl fmt::Display for NotLoaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = self.model;
        match self.why {
            Why::Unloaded => write!(
                f,
                "the objects of `{model}` at the other end are not loaded; load them by \
                 `session.load(handle, Model.field)`, or ahead by `include`"
            ),
            Why::HoldsValues => write!(
                f,
                "the objects of `{model}` here are values, in no session; read them by `values()` \
                 (`value()` of a `One` or `Ref`)"
            ),
            Why::HoldsHandles => write!(
                f,
                "the objects of `{model}` here are handles of a session; read them by `get()`, or \
                 take the whole as a value by `session.detached(handle)`"
            ),
        }
    }
}

impl fmt::Debug for NotLoaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NotLoaded({self})")
    }
}

impl std::error::Error for NotLoaded {}

impl From<NotLoaded> for crate::error::Error {
    fn from(error: NotLoaded) -> crate::error::Error {
        crate::error::Error::new(crate::error::ErrorKind::NotLoaded, error.to_string())
    }
}
