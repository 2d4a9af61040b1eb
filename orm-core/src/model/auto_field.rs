//! [`Auto`] as a field: a value that the database makes, of a column's type or of `Option` of it.

use super::field::as_type;
use super::value::{decode_option, read_key};
use super::{Auto, Field, FieldType};
use crate::error::Result;
use crate::schema::{FieldSpec, ReadKey};
use crate::types::{BindWriter, Cell, ColumnType, DbType, Mismatch, RowReader, ValueRef};
use std::any::Any;

/// What can stand in an [`Auto`]: a [`DbType`], or `Option` of it.
pub trait Made: Clone + Send + Sync + 'static {
    /// The column's type.
    const TYPE: ColumnType;
    /// Whether the column may be NULL.
    const NULLABLE: bool;
    /// Reads a value as a key.
    const KEY: ReadKey;

    /// Writes the value by one call of `out.put`.
    fn encode(&self, out: &mut dyn BindWriter);

    /// Reads the value from a cell.
    fn decode(cell: Cell<'_>) -> Result<Self, Mismatch>;

    /// Whether both have the same stored form.
    fn same(&self, other: &Self) -> bool;

    /// The value, unless it is NULL.
    fn leaf(&self) -> Option<&dyn Any>;

    /// Cuts the value to what the column keeps.
    fn round(&mut self);
}

impl<T: DbType> Made for T {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = false;
    const KEY: ReadKey = read_key::<T>;

    fn encode(&self, out: &mut dyn BindWriter) {
        DbType::encode(self, out);
    }

    #[inline]
    fn decode(cell: Cell<'_>) -> Result<T, Mismatch> {
        <T as DbType>::decode(cell)
    }

    fn same(&self, other: &T) -> bool {
        DbType::same(self, other)
    }

    fn leaf(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn round(&mut self) {
        DbType::round(self);
    }
}

impl<T: DbType> Made for Option<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;
    const KEY: ReadKey = read_key::<T>;

    fn encode(&self, out: &mut dyn BindWriter) {
        match self {
            Some(value) => DbType::encode(value, out),
            None => out.put(ValueRef::Null),
        }
    }

    fn decode(cell: Cell<'_>) -> Result<Option<T>, Mismatch> {
        decode_option(cell)
    }

    fn same(&self, other: &Option<T>) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => DbType::same(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    fn leaf(&self) -> Option<&dyn Any> {
        self.as_ref().map(|value| value as &dyn Any)
    }

    fn round(&mut self) {
        if let Some(value) = self {
            DbType::round(value);
        }
    }
}

impl<T: Made> Field for Auto<T> {
    fn encode(&self, _part: usize, out: &mut dyn BindWriter) {
        match self {
            Auto::Set(value) => value.encode(out),
            Auto::Unset => out.put(ValueRef::Null),
        }
    }

    fn decode(&mut self, _part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        *self = Auto::Set(T::decode(cell)?);
        Ok(())
    }

    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()> {
        *self = FieldType::read(row)?;
        Ok(())
    }

    fn leaf(&self, _part: usize) -> Option<&dyn Any> {
        self.get().and_then(Made::leaf)
    }

    fn same(&self, other: &dyn Field) -> bool {
        match (self, as_type::<Auto<T>>(other)) {
            (Auto::Set(one), Some(Auto::Set(other))) => one.same(other),
            (Auto::Unset, Some(Auto::Unset)) => true,
            _ => false,
        }
    }

    fn assign(&mut self, other: &dyn Field) {
        if let Some(other) = as_type::<Auto<T>>(other) {
            self.clone_from(other);
        }
    }

    fn round(&mut self) {
        if let Auto::Set(value) = self {
            value.round();
        }
    }

    fn is_unset(&self) -> bool {
        matches!(self, Auto::Unset)
    }

    fn unset(&mut self) {
        *self = Auto::Unset;
    }
}

impl<T: Made> FieldType for Auto<T> {
    const SPEC: FieldSpec =
        FieldSpec::Column { ty: T::TYPE, nullable: T::NULLABLE, auto: true, key: T::KEY };

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<Auto<T>> {
        T::decode(row.take()).map(Auto::Set).map_err(|mismatch| row.mismatch(&mismatch))
    }
}
