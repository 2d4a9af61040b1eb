//! A struct whose fields are columns of the model it stands in: [`Embed`], which the derive of that
//! name implements, and what follows from it.
//!
//! The columns of the embedding field are those of the struct's fields, one after the other; a struct
//! embedded in it takes several. In an `Option` all can be NULL, and `None` is NULL in all.

use super::Field;
use super::value::{IsNull, Shape};
use crate::error::Result;
use crate::schema::{FieldMeta, FieldSpec};
use crate::types::{BindWriter, Cell, Mismatch, RowReader, ValueRef};
use std::any::Any;

/// A struct that models embed. Implemented by `#[derive(Embed)]` only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be embedded",
    label = "does not derive `Embed`",
    note = "write `#[derive(orm::Embed)]` on the struct `{Self}`: its fields become columns of the model; a type that is one column needs no `embed`"
)]
pub trait Embed: Sized + 'static {
    /// The columns: `Customer.address` in `Customer.address.city`.
    #[doc(hidden)]
    type Columns<M>;

    /// The columns of an `Option` of the struct.
    #[doc(hidden)]
    type NullColumns<M>;

    /// What the derive says of the fields.
    #[doc(hidden)]
    const FIELDS: &'static [FieldMeta];

    /// How many columns they are.
    #[doc(hidden)]
    const WIDTH: usize = FieldSpec::width_of(Self::FIELDS);

    /// Reads the struct from the next columns of a row.
    #[doc(hidden)]
    fn decode(row: &mut RowReader<'_>) -> Result<Self>;

    /// The field at `index`, its type erased.
    #[doc(hidden)]
    fn field(&self, index: usize) -> &dyn Field;

    /// The field at `index`, its type erased.
    #[doc(hidden)]
    fn field_mut(&mut self, index: usize) -> &mut dyn Field;
}

/// The value of several columns.
#[derive(Debug)]
pub enum Embedded {}

/// The field that a column belongs to, and which column of it.
fn place<T: Embed>(part: usize) -> Option<(usize, usize)> {
    FieldSpec::place(T::FIELDS, part)
}

#[diagnostic::do_not_recommend]
impl<T: Embed> Shape<T> for Embedded {
    const SPEC: FieldSpec = FieldSpec::Embedded { fields: T::FIELDS, nullable: false };

    const OPTION: FieldSpec = FieldSpec::Embedded { fields: T::FIELDS, nullable: true };

    fn encode(value: &T, part: usize, out: &mut dyn BindWriter) {
        match place::<T>(part) {
            Some((index, part)) => value.field(index).encode(part, out),
            None => out.put(ValueRef::Null),
        }
    }

    fn decode(value: &mut T, part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        match place::<T>(part) {
            Some((index, part)) => value.field_mut(index).decode(part, cell),
            None => Ok(()),
        }
    }

    fn decode_option(value: &mut Option<T>, part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        match value {
            Some(value) => Self::decode(value, part, cell),
            None => Err(Mismatch::value("Option", "an embedded struct is read as a whole")),
        }
    }

    fn read(row: &mut RowReader<'_>) -> Result<T> {
        T::decode(row)
    }

    fn read_option(row: &mut RowReader<'_>) -> Result<Option<T>> {
        if row.all_null(T::WIDTH) {
            row.skip(T::WIDTH);
            return Ok(None);
        }
        T::decode(row).map(Some)
    }

    fn leaf(value: &T, part: usize) -> Option<&dyn Any> {
        let (index, part) = place::<T>(part)?;
        value.field(index).leaf(part)
    }

    fn same_part(one: &T, part: usize, other: &T) -> bool {
        place::<T>(part)
            .is_none_or(|(index, part)| one.field(index).same_part(part, other.field(index)))
    }

    fn same(one: &T, other: &T) -> bool {
        (0..T::FIELDS.len()).all(|index| one.field(index).same(other.field(index)))
    }

    fn is_null(value: &T) -> bool {
        (0..T::WIDTH).all(|part| {
            let mut written = IsNull::default();
            Self::encode(value, part, &mut written);
            written.0
        })
    }

    fn take_part(value: &mut T, part: usize, other: &T) {
        if let Some((index, part)) = place::<T>(part) {
            value.field_mut(index).take_part(part, other.field(index));
        }
    }

    fn round(value: &mut T) {
        for index in 0..T::FIELDS.len() {
            value.field_mut(index).round();
        }
    }
}
