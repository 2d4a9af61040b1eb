//! Reading a model: a map of its fields, in any order; names it does not have are passed over.

use super::{SerialField, SerialModel};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Reads a model.
pub fn read_model<'de, M: SerialModel, D: Deserializer<'de>>(from: D) -> Result<M, D::Error> {
    from.deserialize_struct(M::meta().name, M::FIELDS, ModelVisitor(PhantomData))
}

struct ModelVisitor<M>(PhantomData<fn() -> M>);

impl<'de, M: SerialModel> Visitor<'de> for ModelVisitor<M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a `{}`", M::meta().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<M, A::Error> {
        M::read_fields(&mut FieldReader::new(fields))
    }
}

/// The fields of a model on their way in.
pub struct FieldReader<A>(A);

impl<'de, A: MapAccess<'de>> FieldReader<A> {
    pub(super) fn new(fields: A) -> FieldReader<A> {
        FieldReader(fields)
    }

    /// The position of the next field that the model has.
    pub fn next_field<M: SerialModel>(&mut self) -> Result<Option<usize>, A::Error> {
        while let Some(position) = self.0.next_key_seed(Name(M::FIELDS))? {
            if position.is_some() {
                return Ok(position);
            }
            self.0.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    /// The field's value.
    pub(super) fn value<T: SerialField>(
        &mut self,
        name: &'static str,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            return Err(A::Error::duplicate_field(name));
        }
        *slot = Some(self.0.next_value_seed(Value(PhantomData))?);
        Ok(())
    }
}

/// Reads the name of a field as its position; `None` for a name the model does not have.
struct Name(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|known| known.as_bytes() == name))
    }
}

struct Value<T>(PhantomData<fn() -> T>);

impl<'de, T: SerialField> DeserializeSeed<'de> for Value<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        T::read(from)
    }
}
