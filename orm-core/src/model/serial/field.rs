//! What a field is in the written form, and what it becomes when it is absent.
//!
//! Columns are written by their own types. A collection that is not loaded is left out, since an
//! empty list would say that there is nothing; one that holds handles has no values to write.

use crate::model::{Auto, Collection, Deferred, FieldValue, Many, One};
use crate::types::DbType;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::SerialModel;

/// Why a collection or a reference of an object of a session has nothing to write.
pub(super) const HANDLES: &str = "holds objects of a session by their handles; \
     `session.detached(handle)` gives a value that can be written";

/// Why a collection that was put into without being loaded is not written.
const PARTIAL: &str = "was put into without being loaded, and would pass for the whole; give it all \
     its values: `vec![..].into()`";

/// Whether a field is written.
pub enum Presence {
    /// It is.
    Value,
    /// It is left out.
    LeftOut,
    /// It has no written form now, for this reason.
    Refused(&'static str),
}

/// A field that can be written and read. Implemented for the kinds of fields there are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written and read by serde",
    label = "not a type that serde knows",
    note = "the model has `#[orm(serde)]`: the type of each field needs `Serialize` and `Deserialize`, for instance by `#[derive(Serialize, Deserialize)]`"
)]
pub trait SerialField: Sized {
    /// Whether it is written.
    fn presence(&self) -> Presence {
        Presence::Value
    }

    /// Writes it; asked only where it is present.
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error>;

    /// Reads it.
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;

    /// Its value where it is not there; `None` where it must be.
    fn absent() -> Option<Self> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: FieldValue + Serialize + DeserializeOwned> SerialField for T {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        T::deserialize(from)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FieldValue + Serialize + DeserializeOwned> SerialField for Option<T> {
    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        Option::deserialize(from)
    }

    fn absent() -> Option<Option<T>> {
        Some(None)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DbType + Serialize + DeserializeOwned> SerialField for Auto<T> {
    fn presence(&self) -> Presence {
        match self {
            Auto::Unset => Presence::LeftOut,
            Auto::Set(_) => Presence::Value,
        }
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Auto<T>, D::Error> {
        Ok(Option::<T>::deserialize(from)?.map_or(Auto::Unset, Auto::Set))
    }

    fn absent() -> Option<Auto<T>> {
        Some(Auto::Unset)
    }
}

/// NULL is a value that the database made.
#[diagnostic::do_not_recommend]
impl<T: DbType + Serialize + DeserializeOwned> SerialField for Auto<Option<T>> {
    fn presence(&self) -> Presence {
        match self {
            Auto::Unset => Presence::LeftOut,
            Auto::Set(_) => Presence::Value,
        }
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Auto<Option<T>>, D::Error> {
        Option::<T>::deserialize(from).map(Auto::Set)
    }

    fn absent() -> Option<Auto<Option<T>>> {
        Some(Auto::Unset)
    }
}

/// One that is not loaded is left out, and one that is absent is not loaded.
#[diagnostic::do_not_recommend]
impl<T: SerialField> SerialField for Deferred<T> {
    fn presence(&self) -> Presence {
        if self.is_loaded() { Presence::Value } else { Presence::LeftOut }
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.get() {
            Ok(value) => value.write(to),
            Err(_) => to.serialize_unit(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Deferred<T>, D::Error> {
        T::read(from).map(Deferred::from)
    }

    fn absent() -> Option<Deferred<T>> {
        Some(Deferred::default())
    }
}

#[diagnostic::do_not_recommend]
impl<M: SerialModel> SerialField for Many<M> {
    fn presence(&self) -> Presence {
        if self.values().is_ok() {
            Presence::Value
        } else if self.has_objects() {
            Presence::Refused(HANDLES)
        } else if self.has_values() {
            Presence::Refused(PARTIAL)
        } else {
            Presence::LeftOut
        }
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.values().unwrap_or_default())
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Many<M>, D::Error> {
        Vec::<M>::deserialize(from).map(Many::from)
    }

    fn absent() -> Option<Many<M>> {
        Some(Many::default())
    }
}

#[diagnostic::do_not_recommend]
impl<M: SerialModel> SerialField for One<M> {
    fn presence(&self) -> Presence {
        self.0.presence()
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value().unwrap_or_default().serialize(to)
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<One<M>, D::Error> {
        Ok(Option::<M>::deserialize(from)?.map_or_else(One::none, One::from))
    }

    fn absent() -> Option<One<M>> {
        Some(One::default())
    }
}
