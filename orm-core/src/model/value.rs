//! What a field holds by itself or in an `Option`: the value of one column ([`Single`]), or a struct
//! of several ([`super::Embedded`]).
//!
//! A type says by [`FieldValue`] which of the two it is; `field` makes fields of both in one way. The
//! columns of a field are counted by `part`, from 0.

use crate::error::Result;
use crate::schema::FieldSpec;
use crate::types::{BindWriter, Cell, DbType, Key, Mismatch, RowReader, ValueRef};
use std::any::Any;

/// A type whose values a field holds, by itself or in an `Option`.
pub trait FieldValue: Clone + Send + Sync + Sized + 'static {
    /// How its values become columns.
    type Shape: Shape<Self>;
}

/// How values of `T` become columns.
pub trait Shape<T> {
    /// What the type makes of a field.
    const SPEC: FieldSpec;

    /// What an `Option` of the type makes of a field.
    const OPTION: FieldSpec;

    /// Writes one column's value by one call of `out.put`.
    fn encode(value: &T, part: usize, out: &mut dyn BindWriter);

    /// Takes one column's value.
    fn decode(value: &mut T, part: usize, cell: Cell<'_>) -> Result<(), Mismatch>;

    /// Takes one column's value, of an `Option`.
    fn decode_option(value: &mut Option<T>, part: usize, cell: Cell<'_>) -> Result<(), Mismatch>;

    /// Reads a value from the next columns of a row.
    fn read(row: &mut RowReader<'_>) -> Result<T>;

    /// Reads an `Option` from the next columns of a row.
    fn read_option(row: &mut RowReader<'_>) -> Result<Option<T>>;

    /// The value of one column, without `Option`.
    fn leaf(value: &T, part: usize) -> Option<&dyn Any>;

    /// Whether both have the same stored form in one column.
    fn same_part(one: &T, part: usize, other: &T) -> bool;

    /// Whether both have the same stored form.
    fn same(one: &T, other: &T) -> bool;

    /// Whether the value is stored as `None` is: NULL in all columns.
    fn is_null(value: &T) -> bool;

    /// Takes over one column's value.
    fn take_part(value: &mut T, part: usize, other: &T);

    /// Cuts the value to what the columns keep.
    fn round(value: &mut T);
}

/// The value of one column.
#[derive(Debug)]
pub enum Single {}

#[diagnostic::do_not_recommend]
impl<T: DbType> FieldValue for T {
    type Shape = Single;
}

#[diagnostic::do_not_recommend]
impl<T: DbType> Shape<T> for Single {
    const SPEC: FieldSpec = FieldSpec::column(T::TYPE, false, read_key::<T>);

    const OPTION: FieldSpec = FieldSpec::column(T::TYPE, true, read_key::<T>);

    #[inline]
    fn encode(value: &T, _part: usize, out: &mut dyn BindWriter) {
        value.encode(out);
    }

    #[inline]
    fn decode(value: &mut T, _part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        *value = T::decode(cell)?;
        Ok(())
    }

    #[inline]
    fn decode_option(value: &mut Option<T>, _part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        *value = decode_option(cell)?;
        Ok(())
    }

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<T> {
        T::decode(row.take()).map_err(|mismatch| row.mismatch(&mismatch))
    }

    #[inline]
    fn read_option(row: &mut RowReader<'_>) -> Result<Option<T>> {
        decode_option(row.take()).map_err(|mismatch| row.mismatch(&mismatch))
    }

    fn leaf(value: &T, _part: usize) -> Option<&dyn Any> {
        Some(value)
    }

    #[inline]
    fn same_part(one: &T, _part: usize, other: &T) -> bool {
        one.same(other)
    }

    #[inline]
    fn same(one: &T, other: &T) -> bool {
        one.same(other)
    }

    #[inline]
    fn is_null(_value: &T) -> bool {
        false
    }

    fn take_part(value: &mut T, _part: usize, other: &T) {
        value.clone_from(other);
    }

    #[inline]
    fn round(value: &mut T) {
        value.round();
    }
}

/// Reads a cell as a key.
pub(super) fn read_key<T: DbType>(cell: Cell<'_>) -> Result<Option<Key>, Mismatch> {
    match cell {
        Cell::Null => Ok(None),
        cell => T::decode(cell).map(|value| Key::of_value(&value)),
    }
}

#[inline]
pub(super) fn decode_option<T: DbType>(cell: Cell<'_>) -> Result<Option<T>, Mismatch> {
    match cell {
        Cell::Null => Ok(None),
        cell => T::decode(cell).map(Some),
    }
}

/// Whether what was written is NULL.
#[derive(Default)]
pub(super) struct IsNull(pub bool);

impl BindWriter for IsNull {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = matches!(value, ValueRef::Null);
    }
}
