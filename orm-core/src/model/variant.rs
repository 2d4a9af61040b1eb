//! Models that are enums, and the structs that are their variants: what the derive implements for
//! both, and the fields that an object has not because another variant has them.
//!
//! The enum is the model. Each variant lists its own fields; where they are among those of the model
//! is known when the program is compiled (`schema::variants`).

use super::emitted::{Emitted, NoColumns, absent};
use super::value::IsNull;
use super::{Field, Model};
use crate::error::{Error, ErrorKind, Facts, Result};
use crate::schema::variants::DISCRIMINATOR;
use crate::schema::{FieldMeta, ModelMeta, Source, Table, TableMeta};
use crate::types::enumeration::label;
use crate::types::{BindWriter, Cell, Mismatch, RowReader, ValueRef, decode_error};
use std::any::{Any, TypeId};
use std::sync::OnceLock;

/// A struct that is a variant of some enum. Implemented by `#[derive(Model)]` only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no variant of a model",
    label = "expected a struct with `#[orm(variant_of = …)]`",
    note = "write `#[derive(Model)]` and `#[orm(variant_of = …)]`, naming the enum, on the struct `{Self}`"
)]
pub trait Variant: Sized {
    /// Its columns and relationships.
    type Entity: Copy;

    /// Its fields.
    const FIELDS: &'static [FieldMeta];

    /// Reads it from a row of the model that begins at `from`.
    fn read(row: &mut RowReader<'_>, from: usize, table: &Table) -> Result<Self>;

    /// The field at `index` of the model.
    fn field(&self, index: usize) -> &dyn Field;

    /// The field at `index` of the model.
    fn field_mut(&mut self, index: usize) -> &mut dyn Field;
}

/// A struct that stands in the enum `E`. Implemented by the derive of the enum.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no variant of `{E}`",
    label = "not among the variants of `{E}`",
    note = "write `Name({Self})` in the enum `{E}`, which derives `Model` with a `discriminator`"
)]
pub trait VariantOf<E>: Sized {
    /// Which one.
    const NUMBER: u16;

    /// The value of the enum.
    fn into_model(self) -> E;
}

/// A model that is an enum.
pub trait Variants {
    /// The discriminator and the shared fields.
    const BASE: &'static [FieldMeta];

    /// The fields of each variant.
    const VARIANTS: &'static [&'static [FieldMeta]];

    /// The table.
    const SOURCE: Source;
}

impl<V: Variant> Emitted<V> {
    /// Whether it is a variant.
    pub const IS_VARIANT: bool = true;

    /// Its fields.
    pub const FIELDS: &'static [FieldMeta] = V::FIELDS;

    /// Reads it from a row of the model that begins at `from`.
    #[inline]
    pub fn read_variant(row: &mut RowReader<'_>, from: usize, table: &Table) -> Result<V> {
        V::read(row, from, table)
    }

    /// The field at `index` of the model.
    #[inline]
    pub fn variant_field(variant: &V, index: usize) -> &dyn Field {
        V::field(variant, index)
    }

    /// The field at `index` of the model.
    #[inline]
    pub fn variant_field_mut(variant: &mut V, index: usize) -> &mut dyn Field {
        V::field_mut(variant, index)
    }
}

impl<E: Variants> Emitted<E> {
    /// The discriminator and the shared fields.
    pub const BASE: &'static [FieldMeta] = E::BASE;

    /// The fields of each variant.
    pub const VARIANTS: &'static [&'static [FieldMeta]] = E::VARIANTS;

    /// The table.
    pub const SOURCE: Source = E::SOURCE;
}

impl<E, V: VariantOf<E>> Emitted<(E, V)> {
    /// Which variant it is.
    pub const NUMBER: u16 = V::NUMBER;

    /// The value of the enum.
    pub fn into_model(variant: V) -> E {
        variant.into_model()
    }
}

/// What stands in for what is no enum or no variant, in a program that does not compile for it.
pub trait AbsentVariant {
    /// It is none.
    const IS_VARIANT: bool = false;
    /// None.
    const FIELDS: &'static [FieldMeta] = &[];
    /// None.
    const BASE: &'static [FieldMeta] = &[];
    /// None.
    const VARIANTS: &'static [&'static [FieldMeta]] = &[];
    /// Nothing.
    const SOURCE: Source = Source::of(&NO_MODEL);
    /// None.
    const NUMBER: u16 = 0;

    /// Never called.
    fn read_variant<V>(_: &mut RowReader<'_>, _: usize, _: &Table) -> Result<V> {
        absent()
    }

    /// Never called.
    fn variant_field<V>(_: &V, _: usize) -> &dyn Field {
        absent()
    }

    /// Never called.
    fn variant_field_mut<V>(_: &mut V, _: usize) -> &mut dyn Field {
        absent()
    }

    /// Never called.
    fn into_model<V, E>(_: V) -> E {
        absent()
    }
}

impl<T> AbsentVariant for Emitted<T> {}

static NO_TABLE: OnceLock<Table> = OnceLock::new();
static NO_MODEL: ModelMeta = ModelMeta {
    name: "",
    snake: "",
    table: "",
    schema: None,
    fields: &[],
    declared: TableMeta::NONE,
    resolved: &NO_TABLE,
    type_id: TypeId::of::<()>,
};

/// The columns of a variant, whether the struct is one or not.
pub trait EntityOf<const IS_VARIANT: bool> {
    /// The entity.
    type Entity;
}

impl<V: Variant> EntityOf<true> for V {
    type Entity = V::Entity;
}

impl<V> EntityOf<false> for V {
    type Entity = NoColumns<V>;
}

impl<V> NoColumns<V> {
    /// Stands for nothing.
    #[doc(hidden)]
    #[must_use]
    pub const fn __of(_: Source) -> NoColumns<V> {
        NoColumns::__new(Source::of(&NO_MODEL), 0, 0)
    }
}

/// What the column of the discriminator is of an object.
#[derive(Debug)]
pub struct Discriminator(pub &'static str);

impl Field for Discriminator {
    fn encode(&self, _part: usize, out: &mut dyn BindWriter) {
        out.put(ValueRef::Text(self.0));
    }

    fn decode(&mut self, _part: usize, _cell: Cell<'_>) -> Result<(), Mismatch> {
        Ok(())
    }

    fn read_from(&mut self, _row: &mut RowReader<'_>) -> Result<()> {
        Ok(())
    }

    fn same(&self, other: &dyn Field) -> bool {
        (other as &dyn Any).downcast_ref().is_some_and(|other: &Discriminator| self.0 == other.0)
    }

    /// It says which variant the object is: nothing but another object changes it.
    fn assign(&mut self, _other: &dyn Field) {}
}

/// A field that another variant has: NULL, whatever is done to it.
#[derive(Debug)]
pub struct NoField;

impl NoField {
    /// The field, to be changed to no avail.
    pub fn place() -> &'static mut NoField {
        // of no size: nothing is allocated, and nothing leaks
        Box::leak(Box::new(NoField))
    }
}

impl Field for NoField {
    fn encode(&self, _part: usize, out: &mut dyn BindWriter) {
        out.put(ValueRef::Null);
    }

    fn decode(&mut self, _part: usize, _cell: Cell<'_>) -> Result<(), Mismatch> {
        Ok(())
    }

    fn read_from(&mut self, _row: &mut RowReader<'_>) -> Result<()> {
        Ok(())
    }

    fn same(&self, other: &dyn Field) -> bool {
        other.is_of_another_variant()
    }

    fn same_part(&self, part: usize, other: &dyn Field) -> bool {
        let mut written = IsNull::default();
        other.encode(part, &mut written);
        written.0
    }

    fn assign(&mut self, _other: &dyn Field) {}

    fn is_of_another_variant(&self) -> bool {
        true
    }
}

/// Goes to a field of a row that begins at `from`.
#[inline]
pub fn go_to(row: &mut RowReader<'_>, from: usize, table: &Table, field: usize) {
    row.go_to(from + table.starts[field]);
}

/// Which variant the next row is; takes nothing.
///
/// # Errors
/// `Decode` for a discriminator that is none of the values.
pub fn variant_of_row(row: &RowReader<'_>, meta: &'static ModelMeta) -> Result<usize> {
    let cell = row.peek(DISCRIMINATOR);
    let table = meta.table();
    let column = &table.columns[DISCRIMINATOR].name;
    let found = match cell {
        Cell::Null => None,
        cell => {
            let value = label(cell, "text").map_err(|why| decode_error(column, &why))?;
            meta.variants().iter().position(|variant| variant.value == value)
        }
    };
    found.ok_or_else(|| unknown(table, column))
}

#[cold]
fn unknown(table: &Table, column: &str) -> Error {
    let variants = table.model.variants().iter();
    let known: Vec<String> = variants.map(|variant| format!("`{}`", variant.value)).collect();
    let message = format!(
        "can't read a row of `{}`: `{column}` is no variant of `{}`, which are {}",
        table.full_name(),
        table.model.name,
        known.join(", ")
    );
    let facts = Facts { columns: vec![column.to_owned()], ..Facts::default() };
    Error::new(ErrorKind::Decode, message).with_facts(facts)
}

/// A shared field of a model that is an enum, with its type.
///
/// # Panics
/// Never: the compiler asked for the type.
pub fn shared<T: 'static, M: Model>(model: &M, index: usize) -> &T {
    let field: &dyn Any = Model::field(model, index);
    field.downcast_ref().unwrap_or_else(|| absent())
}

/// The same, to change it.
///
/// # Panics
/// Never, as above.
pub fn shared_mut<T: 'static, M: Model>(model: &mut M, index: usize) -> &mut T {
    let field: &mut dyn Any = Model::field_mut(model, index);
    field.downcast_mut().unwrap_or_else(|| absent())
}

/// The field of a variant that each variant has.
#[diagnostic::on_unimplemented(
    message = "a field of `{V}` is `{Self}`, which is `{T}` in `shared(…)` of its enum",
    label = "of another type in `{V}`"
)]
pub trait SharedField<T, V> {}

impl<T, V> SharedField<T, V> for T {}

/// Asks for the type of a shared field.
pub fn is_shared<T, V, F: SharedField<T, V>>(_: &F) {}
