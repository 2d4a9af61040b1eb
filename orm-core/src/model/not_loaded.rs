//! Why the other end or a deferred column can't be read, in words that say what to write instead.
//!
//! Made by `Many`, `One` and `Ref`, which know the model at the other end, not the field they are in; and
//! by `Deferred`, which knows its field where it came from a row.

use super::Place;
use std::fmt;

/// Why the other end or a deferred column can't be read: it was not loaded, or holds the other of values
/// and handles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NotLoaded {
    /// The name of the model whose objects are asked for; nothing of a column.
    model: &'static str,
    why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Unloaded,
    HoldsValues,
    HoldsHandles,
    /// A deferred column, where it is known which.
    Deferred(Option<Place>),
}

impl NotLoaded {
    pub(super) fn of<T>(why: Why) -> NotLoaded {
        let name = std::any::type_name::<T>();
        NotLoaded { model: name.rsplit("::").next().unwrap_or(name), why }
    }

    /// Of a deferred column.
    #[cold]
    pub(crate) fn column(place: Option<Place>) -> NotLoaded {
        NotLoaded { model: "", why: Why::Deferred(place) }
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
            Why::Deferred(Some(Place { model, field })) => write!(
                f,
                "`{0}.{1}` is not loaded; read it with its row by `.include({0}.{1})`, or later by \
                 `session.load(handle, {0}.{1})`",
                model.name, model.fields[field].name
            ),
            Why::Deferred(None) => f.write_str(
                "a deferred column has no value here: none was read, and none was set; read it with \
                 its row by `.include(Model.field)`, or later by `session.load(handle, Model.field)`",
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
