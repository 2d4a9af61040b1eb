//! [`Auto`] as a field: a value that the database makes, of a column's type or of `Option` of it.

use super::field::as_type;
use super::made::Made;
use super::{Auto, Field, FieldType};
use crate::error::Result;
use crate::schema::FieldSpec;
use crate::types::{BindWriter, Cell, Mismatch, RowReader, ValueRef};
use std::any::Any;

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
    const SPEC: FieldSpec = FieldSpec::Column {
        ty: T::TYPE,
        nullable: T::NULLABLE,
        auto: true,
        deferred: false,
        key: T::KEY,
    };

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<Auto<T>> {
        T::decode(row.take()).map(Auto::Set).map_err(|mismatch| row.mismatch(&mismatch))
    }
}
