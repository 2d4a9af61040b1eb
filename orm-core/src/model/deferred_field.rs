//! [`Deferred`] as a field: a column that a row of its model does not have, unless it was asked for.
//!
//! What is not loaded has no stored form: it is the same as what is not loaded, and written by nobody.

use super::deferred::Place;
use super::field::as_type;
use super::made::Made;
use super::{Deferred, Field, FieldType};
use crate::error::Result;
use crate::schema::FieldSpec;
use crate::types::{BindWriter, Cell, Mismatch, RowReader, ValueRef};
use std::any::Any;

impl<T: Made> Field for Deferred<T> {
    fn encode(&self, _part: usize, out: &mut dyn BindWriter) {
        match self.get() {
            Ok(value) => value.encode(out),
            Err(_) => out.put(ValueRef::Null),
        }
    }

    fn decode(&mut self, _part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        *self = T::decode(cell)?.into();
        Ok(())
    }

    /// Reads the value, which the row has: the statement asked for it.
    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()> {
        *self = T::decode(row.take()).map_err(|mismatch| row.mismatch(&mismatch))?.into();
        Ok(())
    }

    fn leaf(&self, _part: usize) -> Option<&dyn Any> {
        self.get().ok().and_then(Made::leaf)
    }

    fn same(&self, other: &dyn Field) -> bool {
        match (self.get(), as_type::<Deferred<T>>(other).map(Deferred::get)) {
            (Ok(one), Some(Ok(other))) => one.same(other),
            (Err(_), Some(Err(_))) => true,
            _ => false,
        }
    }

    fn assign(&mut self, other: &dyn Field) {
        if let Some(other) = as_type::<Deferred<T>>(other) {
            self.clone_from(other);
        }
    }

    fn round(&mut self) {
        if let Ok(value) = self.get_mut() {
            value.round();
        }
    }

    fn is_unset(&self) -> bool {
        !Deferred::is_loaded(self)
    }

    fn unset(&mut self) {
        *self = Deferred::default();
    }

    fn is_loaded(&self) -> bool {
        Deferred::is_loaded(self)
    }

    fn unload(&mut self, place: Place) {
        *self = Deferred::unread(place);
    }
}

impl<T: Made> FieldType for Deferred<T> {
    const SPEC: FieldSpec = FieldSpec::Column {
        ty: T::TYPE,
        nullable: T::NULLABLE,
        auto: false,
        deferred: true,
        key: T::KEY,
    };

    /// Takes nothing from the row: the value, where it was asked for, comes behind the columns of all
    /// fields.
    #[inline]
    fn read(_row: &mut RowReader<'_>) -> Result<Deferred<T>> {
        Ok(Deferred::default())
    }
}
