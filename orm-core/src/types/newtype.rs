//! What the code that `#[derive(DbType)]` writes calls: all is handed on to the type inside.
//!
//! The derive asserts once that the type inside is a column's ([`ColumnValue`]); everything else
//! goes through [`Wrapped`], which works for a type that is none too: an inherent function where
//! the type is one, else the function of the same name of the trait [`AbsentWrapped`].

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef};
use std::marker::PhantomData;

/// The type inside a newtype.
pub struct Wrapped<T>(PhantomData<T>);

impl<T: DbType> Wrapped<T> {
    /// The column's type.
    pub const TYPE: ColumnType = T::TYPE;

    /// Writes the value.
    #[inline]
    pub fn encode(value: &T, out: &mut dyn BindWriter) {
        value.encode(out);
    }

    /// Reads the value.
    #[inline]
    pub fn decode(cell: Cell<'_>) -> Result<T, Mismatch> {
        T::decode(cell)
    }

    /// Whether both have the same stored form.
    pub fn same(one: &T, other: &T) -> bool {
        one.same(other)
    }

    /// Cuts the value to what the column keeps.
    pub fn round(value: &mut T) {
        value.round();
    }
}

/// What stands in for a type that is no column's, in a program that does not compile for it.
pub trait AbsentWrapped<T> {
    /// Any.
    const TYPE: ColumnType = ColumnType::Bool;

    /// Never called.
    fn encode(_: &T, out: &mut dyn BindWriter) {
        out.put(ValueRef::Null);
    }

    /// Never called.
    fn decode(_: Cell<'_>) -> Result<T, Mismatch> {
        Err(Mismatch::Null)
    }

    /// Never called.
    fn same(_: &T, _: &T) -> bool {
        true
    }

    /// Never called.
    fn round(_: &mut T) {}
}

impl<T> AbsentWrapped<T> for Wrapped<T> {}

/// A type that can be inside a newtype: a [`DbType`], which it does not ask for by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a column",
    label = "not a column type",
    note = "a newtype holds bool, i16, i32, i64, f32, f64, String, Vec<u8>, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, Uuid, serde_json::Value or Decimal with their features, or another type that derives `DbType` or `DbEnum`"
)]
pub trait ColumnValue {
    /// Names the trait in an assertion.
    const __IS: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: DbType> ColumnValue for T {}
