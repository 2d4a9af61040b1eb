//! A foreign key in the written form: the key, or the object where the reference holds one.
//!
//! Both are read again: what is a map is the object, all else the key. A reference that is unset is
//! left out, and one that is absent is unset: the collection it stands in says what it points to, and
//! a flush refuses one that nothing has set.

use super::field::{HANDLES, Presence, SerialField};
use super::read::FieldReader;
use super::{SerialModel, write_model};
use crate::model::{KeyType, Object, Ref, RefTarget, RefValue};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{
    Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde::ser::{Error as _, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

#[diagnostic::do_not_recommend]
impl<M: SerialModel> SerialField for Ref<M> {
    fn presence(&self) -> Presence {
        match (self.erased().target(), self.erased().key()) {
            (RefTarget::New(_), _) | (_, Some(_)) => Presence::Value,
            (RefTarget::Handle(_), None) => Presence::Refused(HANDLES),
            (RefTarget::Key, None) => Presence::LeftOut,
        }
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match (self.value(), self.key()) {
            (Ok(object), _) => write_model(object, to),
            (Err(_), Some(key)) => M::write_key(&key, to),
            (Err(_), None) => Err(S::Error::custom("the key is of another type than the model's")),
        }
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Ref<M>, D::Error> {
        from.deserialize_any(KeyOrObject(PhantomData))
    }

    fn absent() -> Option<Ref<M>> {
        Some(Ref::unset())
    }
}

#[diagnostic::do_not_recommend]
impl<M: SerialModel> SerialField for Option<Ref<M>> {
    fn presence(&self) -> Presence {
        self.as_ref().map_or(Presence::Value, Ref::presence)
    }

    fn write<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(reference) => to.serialize_some(&Written(reference)),
            None => to.serialize_none(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Ref<M>>, D::Error> {
        Ok(Option::<ReadRef<M>>::deserialize(from)?.map(|ReadRef(reference)| reference))
    }

    fn absent() -> Option<Option<Ref<M>>> {
        Some(None)
    }
}

struct Written<'a, M>(&'a Ref<M>);

impl<M: SerialModel> Serialize for Written<'_, M> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.write(to)
    }
}

struct ReadRef<M>(Ref<M>);

impl<'de, M: SerialModel> Deserialize<'de> for ReadRef<M> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ReadRef<M>, D::Error> {
        Ref::read(from).map(ReadRef)
    }
}

struct KeyOrObject<M>(PhantomData<fn() -> M>);

impl<M: SerialModel> KeyOrObject<M> {
    fn key<'de, D: Deserializer<'de>>(from: D) -> Result<Ref<M>, D::Error> {
        M::read_key(Inside(from)).map(|key| Ref::from_key(key.to_key()))
    }
}

/// What a key is read from: a newtype is read from what is inside it, as everywhere else.
struct Inside<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Inside<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        labels: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, labels, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// One method per shape that a key can have; each hands the value on to the key's own type.
macro_rules! shapes_of_keys {
    ($($method:ident($value:ty))*) => {$(
        fn $method<E: Error>(self, value: $value) -> Result<Ref<M>, E> {
            KeyOrObject::key(value.into_deserializer())
        }
    )*};
}

impl<'de, M: SerialModel> Visitor<'de> for KeyOrObject<M> {
    type Value = Ref<M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key of a `{0}`, or a `{0}`", M::meta().name)
    }

    shapes_of_keys! {
        visit_bool(bool)
        visit_i64(i64)
        visit_u64(u64)
        visit_f64(f64)
        visit_str(&str)
        visit_bytes(&[u8])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<Ref<M>, A::Error> {
        KeyOrObject::key(SeqAccessDeserializer::new(parts))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Ref<M>, A::Error> {
        let object: Box<dyn Object> = Box::new(M::read_fields(&mut FieldReader::new(fields))?);
        let key = object.key();
        let mut value = RefValue::of_new(object);
        value.set_key(key);
        Ok(Ref::of(value))
    }
}
