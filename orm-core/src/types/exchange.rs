//! The two ways between a Rust value and a statement's parameters and result columns, NULL included.
//!
//! [`ToValue`] makes a parameter, [`FromCell`] reads a result column. Both hold for every
//! [`DbType`] and for `Option` of it.

use super::{Cell, DbType, Mismatch, Value};

/// What can be a parameter: a [`DbType`], `Option` of it (NULL), `&str`, `&[T]` (an array).
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a parameter of a statement",
    label = "not a value of a column type",
    note = "parameters are values of column types, `Option` of them, `&str`, and slices of them"
)]
pub trait ToValue {
    /// The value in its owned neutral form.
    fn to_value(&self) -> Value;
}

impl<T: DbType> ToValue for T {
    fn to_value(&self) -> Value {
        Value::of(self)
    }
}

impl<T: DbType> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Value::of)
    }
}

impl ToValue for &str {
    fn to_value(&self) -> Value {
        Value::Text((*self).to_owned())
    }
}

impl ToValue for Option<&str> {
    fn to_value(&self) -> Value {
        self.map_or(Value::Null, |text| Value::Text(text.to_owned()))
    }
}

impl<T: DbType> ToValue for &[T] {
    fn to_value(&self) -> Value {
        Value::Array(T::TYPE, self.iter().map(Value::of).collect())
    }
}

impl<T: DbType, const N: usize> ToValue for [T; N] {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}

/// What a result column can be read as: a [`DbType`], or `Option` of it where NULL may come.
#[diagnostic::on_unimplemented(
    message = "a result column can't be read as `{Self}`",
    label = "not a column type",
    note = "columns are read as column types and `Option` of them; several columns as a tuple"
)]
pub trait FromCell: Sized {
    /// Reads the cell.
    fn from_cell(cell: Cell<'_>) -> Result<Self, Mismatch>;
}

impl<T: DbType> FromCell for T {
    fn from_cell(cell: Cell<'_>) -> Result<T, Mismatch> {
        T::decode(cell)
    }
}

impl<T: DbType> FromCell for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Option<T>, Mismatch> {
        match cell {
            Cell::Null => Ok(None),
            cell => T::decode(cell).map(Some),
        }
    }
}
