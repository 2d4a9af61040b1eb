//! Writing a model: its fields as a struct, in the order they are declared.

use super::{Presence, SerialField, SerialModel};
use serde::ser::{Error, Serialize, SerializeStruct, Serializer};
use std::convert::Infallible;

/// Takes the fields of a model, one by one.
pub trait WriteFields {
    /// What can go wrong.
    type Error;

    /// Takes a field.
    fn put<T: SerialField>(&mut self, name: &'static str, field: &T) -> Result<(), Self::Error>;
}

/// Writes a model.
pub fn write_model<M: SerialModel, S: Serializer>(model: &M, to: S) -> Result<S::Ok, S::Error> {
    let mut count = Count(0);
    // some formats write the number of fields first
    let Ok(()) = model.write_fields(&mut count);
    let name = M::meta().name;
    let mut writer = Writer { model: name, to: to.serialize_struct(name, count.0)? };
    model.write_fields(&mut writer)?;
    writer.to.end()
}

/// Counts the fields that are written.
struct Count(usize);

impl WriteFields for Count {
    type Error = Infallible;

    fn put<T: SerialField>(&mut self, _: &'static str, field: &T) -> Result<(), Infallible> {
        if let Presence::Value = field.presence() {
            self.0 += 1;
        }
        Ok(())
    }
}

struct Writer<S> {
    model: &'static str,
    to: S,
}

impl<S: SerializeStruct> WriteFields for Writer<S> {
    type Error = S::Error;

    fn put<T: SerialField>(&mut self, name: &'static str, field: &T) -> Result<(), S::Error> {
        match field.presence() {
            Presence::Value => self.to.serialize_field(name, &Written(field)),
            Presence::LeftOut => self.to.skip_field(name),
            Presence::Refused(why) => {
                Err(S::Error::custom(format_args!("`{}.{name}` {why}", self.model)))
            }
        }
    }
}

struct Written<'a, T>(&'a T);

impl<T: SerialField> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(to)
    }
}
