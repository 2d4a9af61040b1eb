//! What the types that say how a column is filled or read have in them: a value of a column, which may
//! be NULL.

use super::value::{decode_option, read_key};
use crate::schema::ReadKey;
use crate::types::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef};
use std::any::Any;

/// What can stand in an `Auto` or a `Deferred`: a [`DbType`], or `Option` of it.
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
