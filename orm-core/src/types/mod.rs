//! The types of columns: which there are, and how their values travel.
//!
//! A Rust type is a column's type by implementing [`DbType`]: it writes itself as a [`ValueRef`]
//! (one neutral form for parameters, keys, comparison and the log) and reads itself from a borrowed
//! [`Cell`] (PostgreSQL's binary form, or a value of SQLite). One file per family of types holds
//! both directions for both databases; dialects and drivers know none of them.

mod boolean;
mod bytes;
mod cell;
#[cfg(feature = "decimal")]
mod decimal;
#[doc(hidden)]
pub mod enumeration;
mod exchange;
mod float;
mod integer;
#[cfg(feature = "json")]
mod json;
mod kept;
mod key;
pub mod moment;
#[doc(hidden)]
pub mod newtype;
mod numeric;
mod row;
mod text;
#[cfg(feature = "chrono")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;
mod value;

pub use cell::{Cell, KeptCell, Mismatch, oid};
pub use enumeration::EnumType;
pub use exchange::{FromCell, ToValue};
pub use kept::unkept;
pub use key::{Key, KeyParts, ShownKey, SingleKey};
pub use numeric::numeric_text;
pub use row::{Row, RowReader, decode_error};
#[cfg(feature = "chrono")]
pub use time::Now;
pub use value::{BindWriter, Value, ValueRef, uuid_text};

/// The type of a column, apart from its length; each dialect has a name for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnType {
    /// BOOLEAN · INTEGER 0/1.
    Bool,
    /// SMALLINT · INTEGER.
    SmallInt,
    /// INTEGER.
    Integer,
    /// BIGINT · INTEGER.
    BigInt,
    /// REAL.
    Real,
    /// DOUBLE PRECISION · REAL.
    Double,
    /// TEXT, or VARCHAR(n) where the column has a length.
    Text,
    /// BYTEA · BLOB.
    Bytes,
    /// DATE · TEXT.
    Date,
    /// TIME · TEXT.
    Time,
    /// TIMESTAMP · TEXT.
    Timestamp,
    /// TIMESTAMP WITH TIME ZONE · TEXT in UTC.
    TimestampTz,
    /// UUID · BLOB.
    Uuid,
    /// JSONB · TEXT.
    Json,
    /// NUMERIC · TEXT compared as a number.
    Decimal,
    /// A type of labels · TEXT with a CHECK, sorted by the labels' order.
    Enum(&'static EnumType),
}

/// A Rust type that can be the type of a column.
///
/// `Option<T>` of it is the `NULLable` column. The library implements it for the types of its
/// features; a newtype of yours implements it by handing on to the type it wraps.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a column",
    label = "not a column type",
    note = "columns are bool, i16, i32, i64, f32, f64, String, Vec<u8>, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, and Uuid, serde_json::Value, Decimal with their features; `Option` of these is NULLable",
    note = "a foreign key is `Ref<Model>`; a value that the database makes is `Auto<T>`"
)]
pub trait DbType: Clone + Send + Sync + 'static {
    /// The column's type.
    const TYPE: ColumnType;

    /// Writes the value in its neutral form, by exactly one call of `out.put`.
    fn encode(&self, out: &mut dyn BindWriter);

    /// Reads the value from a cell that is not NULL.
    fn decode(cell: Cell<'_>) -> Result<Self, Mismatch>;

    /// Whether both have the same stored form; decides whether a column is written.
    fn same(&self, other: &Self) -> bool;

    /// Cuts the value to what the column keeps (timestamps to microseconds).
    fn round(&mut self) {}
}
