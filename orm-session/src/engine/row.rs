//! Reading a field of a `#[derive(Row)]` struct from a row of a `text()` query, by the column's name.
//!
//! A field that is no column (a model, another struct) can be selected, but not be read so: the
//! compiler takes the inherent function where the type is a column's, else that of the trait.

use super::ResultRow;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::query::in_field;
use orm_core::types::FromCell;
use std::marker::PhantomData;

/// How a field of type `T` is read.
pub struct RowField<T>(PhantomData<T>);

impl<T: FromCell> RowField<T> {
    /// Reads the column of this name.
    ///
    /// # Errors
    /// `Decode` if there is no such column or its value is no `T`, naming column and field.
    pub fn read(row: &ResultRow, column: &str, field: &str) -> Result<T> {
        in_field(row.get(column), field)
    }
}

/// What stands in for a type that is no column's.
pub trait AbsentRowField<T> {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    fn read(_: &ResultRow, column: &str, field: &str) -> Result<T> {
        Err(Error::new(
            ErrorKind::Decode,
            format!(
                "the field `{field}` is not of a column type, so that column `{column}` can't be \
                 read into it; select the struct by `select(…)`, or give it column types"
            ),
        ))
    }
}

impl<T> AbsentRowField<T> for RowField<T> {}
