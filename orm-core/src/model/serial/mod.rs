//! Models as `serde` sees them: what `#[orm(serde)]` implements, by the feature `serde`.
//!
//! The derive lists the fields ([`SerialModel`]); what each kind of field is in the written form is
//! said by [`SerialField`] (`field`), of foreign keys by `reference`. `write` and `read` walk the
//! lists; `emitted` is what the derive's output calls.

mod emitted;
mod field;
mod read;
mod reference;
mod write;

pub use emitted::AbsentSerial;
pub use field::{Presence, SerialField};
pub use read::{FieldReader, read_model};
pub use write::{WriteFields, write_model};

use super::Model;
use serde::de::{DeserializeOwned, Deserializer, MapAccess};
use serde::ser::{Serialize, Serializer};

/// A model with `#[orm(serde)]`. Implemented by the derive only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[orm(serde)]`",
    label = "its objects are written within those of this model",
    note = "write `#[orm(serde)]` on the struct `{Self}` too"
)]
pub trait SerialModel: Model + Serialize + DeserializeOwned {
    /// The names of the fields, in the order of the struct.
    const FIELDS: &'static [&'static str];

    /// Gives each field to `to`, in the order of the struct.
    fn write_fields<W: WriteFields>(&self, to: &mut W) -> Result<(), W::Error>;

    /// Takes the fields from a map, in any order.
    fn read_fields<'de, A: MapAccess<'de>>(from: &mut FieldReader<A>) -> Result<Self, A::Error>;

    /// Writes a primary key.
    fn write_key<S: Serializer>(key: &Self::Key, to: S) -> Result<S::Ok, S::Error>;

    /// Reads a primary key.
    fn read_key<'de, D: Deserializer<'de>>(from: D) -> Result<Self::Key, D::Error>;
}
