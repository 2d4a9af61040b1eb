//! What the code that the derive writes for `#[orm(serde)]` calls, by the rules of
//! `crate::model::emitted`: an inherent function where the type is one that can be written, else the
//! function of the same name of [`AbsentSerial`], so that one mistake stays one error.

use super::read::FieldReader;
use super::{SerialField, SerialModel, WriteFields};
use crate::model::emitted::{Emitted, absent};
use crate::model::{FieldType, KeyType, Model};
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess};
use serde::ser::{Serialize, Serializer};

impl<T: FieldType> Emitted<T> {
    /// The assertion that a field can be written and read; quiet for a type that is no field.
    pub fn serial()
    where
        T: SerialField,
    {
    }
}

impl<T: Model> Emitted<T> {
    /// The assertion that a model can be written and read; quiet for a type that is no model.
    pub fn serial_model()
    where
        T: SerialModel,
    {
    }
}

impl<T: SerialField> Emitted<T> {
    /// Gives a field to `to`.
    pub fn write_serial<W: WriteFields>(
        field: &T,
        name: &'static str,
        to: &mut W,
    ) -> Result<(), W::Error> {
        to.put(name, field)
    }

    /// Takes a field's value.
    pub fn read_serial<'de, A: MapAccess<'de>>(
        slot: &mut Option<T>,
        name: &'static str,
        from: &mut FieldReader<A>,
    ) -> Result<(), A::Error> {
        from.value(name, slot)
    }

    /// The value that was taken, or the one of a field that is absent.
    pub fn given_serial<E: Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
        slot.or_else(T::absent).ok_or_else(|| E::missing_field(name))
    }
}

impl<T: KeyType + Serialize + DeserializeOwned> Emitted<T> {
    /// Writes a key.
    pub fn write_key<S: Serializer>(key: &T, to: S) -> Result<S::Ok, S::Error> {
        key.serialize(to)
    }

    /// Reads a key.
    pub fn read_key<'de, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        T::deserialize(from)
    }
}

/// What stands in for a type that can't be written, in a program that does not compile for it.
pub trait AbsentSerial<T> {
    /// Nothing to assert: the type has a mistake that is told elsewhere.
    fn serial() {}

    /// Nothing to assert: the type has a mistake that is told elsewhere.
    fn serial_model() {}

    /// Never called.
    fn write_serial<W: WriteFields>(_: &T, _: &'static str, _: &mut W) -> Result<(), W::Error> {
        absent()
    }

    /// Never called.
    fn read_serial<'de, A: MapAccess<'de>>(
        _: &mut Option<T>,
        _: &'static str,
        _: &mut FieldReader<A>,
    ) -> Result<(), A::Error> {
        absent()
    }

    /// Never called.
    fn given_serial<E: Error>(_: Option<T>, _: &'static str) -> Result<T, E> {
        absent()
    }

    /// Never called.
    fn write_key<S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        absent()
    }

    /// Never called.
    fn read_key<'de, D: Deserializer<'de>>(_: D) -> Result<T, D::Error> {
        absent()
    }
}

impl<T> AbsentSerial<T> for Emitted<T> {}
