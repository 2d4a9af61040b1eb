//! A field of a model, seen with its type ([`FieldType`]) and without it ([`Field`]).
//!
//! Kinds: a column or an embedded struct (`T`, `Option<T>`, see `value`), a value the database makes
//! (`Auto<T>`, in `auto_field`), a foreign key (`Ref<M>`, `Option<Ref<M>>`).

use super::value::{FieldValue, IsNull, Shape};
use super::{Arena, Collection, KeyType, Model, Ref, RefValue, TypedArena};
use crate::error::Result;
use crate::schema::{FieldSpec, Target};
use crate::types::{BindWriter, Cell, ColumnType, Key, Mismatch, RowReader, SingleKey, ValueRef};
use std::any::Any;

/// A field whose type is known at run time only. `part` counts the columns of one field: always 0,
/// except for references to composite keys and embedded structs.
pub trait Field: Any + Send + Sync {
    /// Writes one column's value by one call of `out.put`; what is unset or NULL is NULL.
    fn encode(&self, part: usize, out: &mut dyn BindWriter);

    /// Takes one column's value from a row.
    fn decode(&mut self, part: usize, cell: Cell<'_>) -> Result<(), Mismatch>;

    /// Reads the whole field from the next columns of a row.
    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()>;

    /// The value of one column, without `Option` and `Auto`; `None` where there is none.
    fn leaf(&self, part: usize) -> Option<&dyn Any> {
        let _ = part;
        None
    }

    /// Whether both have the same stored form; `false` for a field of another type.
    fn same(&self, other: &dyn Field) -> bool;

    /// Whether both have the same stored form in one column. Where the columns of a field change
    /// together, as those of a foreign key do, it is that of all.
    fn same_part(&self, part: usize, other: &dyn Field) -> bool {
        let _ = part;
        self.same(other)
    }

    /// Takes over the value of a field of the same type.
    fn assign(&mut self, other: &dyn Field);

    /// Takes over one column's value of a field of the same type; that of all where they change
    /// together. Nothing where one of the two is `None`.
    fn take_part(&mut self, part: usize, other: &dyn Field) {
        let _ = part;
        self.assign(other);
    }

    /// Cuts the value to what the column keeps.
    fn round(&mut self) {}

    /// One column's value as (part of) a key; `None` where it is unset or NULL.
    fn key(&self, part: usize) -> Option<Key> {
        let mut single = SingleKey::default();
        self.encode(part, &mut single);
        single.0
    }

    /// Whether the value is left to the database.
    fn is_unset(&self) -> bool {
        false
    }

    /// Leaves the value to the database, where the field can.
    fn unset(&mut self) {}

    /// The reference, of a field that is one and is not NULL.
    fn reference(&self) -> Option<&RefValue> {
        None
    }

    /// The reference, to change it.
    fn reference_mut(&mut self) -> Option<&mut RefValue> {
        None
    }

    /// Makes a `NULLable` reference one to nothing; `false` where it can't be.
    fn set_null(&mut self) -> bool {
        false
    }

    /// Makes a `NULLable` reference that is NULL one by a key, to be changed further.
    fn set_reference(&mut self, value: RefValue) {
        if let Some(reference) = self.reference_mut() {
            *reference = value;
        }
    }

    /// The collection, of a field that is one.
    fn collection(&self) -> Option<&dyn Collection> {
        None
    }

    /// The collection, to change it.
    fn collection_mut(&mut self) -> Option<&mut dyn Collection> {
        None
    }

    /// Storage for objects of the model that the field points to.
    fn target_arena(&self) -> Option<Box<dyn Arena>> {
        None
    }

    /// Whether the object has no such field: it is another variant of its model.
    fn is_of_another_variant(&self) -> bool {
        false
    }
}

/// A type that a field of a model can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a field of a model",
    label = "not a column type",
    note = "columns are bool, i16, i32, i64, f32, f64, String, Vec<u8>, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, and Uuid, serde_json::Value, Decimal with their features; `Option` of these is NULLable",
    note = "a foreign key is `Ref<Model>`; a value that the database makes is `Auto<i64>`"
)]
pub trait FieldType: Field + Sized {
    /// What the type makes of the field.
    const SPEC: FieldSpec;

    /// Reads the field from the next columns of a row.
    fn read(row: &mut RowReader<'_>) -> Result<Self>;
}

/// The field of the same type behind an erased one.
pub(super) fn as_type<T: 'static>(field: &dyn Field) -> Option<&T> {
    (field as &dyn Any).downcast_ref()
}

impl<T: FieldValue> Field for T {
    fn encode(&self, part: usize, out: &mut dyn BindWriter) {
        T::Shape::encode(self, part, out);
    }

    fn decode(&mut self, part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        T::Shape::decode(self, part, cell)
    }

    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()> {
        *self = FieldType::read(row)?;
        Ok(())
    }

    fn leaf(&self, part: usize) -> Option<&dyn Any> {
        T::Shape::leaf(self, part)
    }

    fn same(&self, other: &dyn Field) -> bool {
        as_type::<T>(other).is_some_and(|other| T::Shape::same(self, other))
    }

    fn same_part(&self, part: usize, other: &dyn Field) -> bool {
        as_type::<T>(other).is_some_and(|other| T::Shape::same_part(self, part, other))
    }

    fn assign(&mut self, other: &dyn Field) {
        if let Some(other) = as_type::<T>(other) {
            self.clone_from(other);
        }
    }

    fn take_part(&mut self, part: usize, other: &dyn Field) {
        if let Some(other) = as_type::<T>(other) {
            T::Shape::take_part(self, part, other);
        }
    }

    fn round(&mut self) {
        T::Shape::round(self);
    }
}

impl<T: FieldValue> FieldType for T {
    const SPEC: FieldSpec = <T::Shape as Shape<T>>::SPEC;

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<T> {
        T::Shape::read(row)
    }
}

impl<T: FieldValue> Field for Option<T> {
    fn encode(&self, part: usize, out: &mut dyn BindWriter) {
        match self {
            Some(value) => T::Shape::encode(value, part, out),
            None => out.put(ValueRef::Null),
        }
    }

    fn decode(&mut self, part: usize, cell: Cell<'_>) -> Result<(), Mismatch> {
        T::Shape::decode_option(self, part, cell)
    }

    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()> {
        *self = FieldType::read(row)?;
        Ok(())
    }

    fn leaf(&self, part: usize) -> Option<&dyn Any> {
        self.as_ref().and_then(|value| T::Shape::leaf(value, part))
    }

    fn same(&self, other: &dyn Field) -> bool {
        match (self, as_type::<Option<T>>(other)) {
            (Some(one), Some(Some(other))) => T::Shape::same(one, other),
            (None, Some(None)) => true,
            (Some(value), Some(None)) | (None, Some(Some(value))) => T::Shape::is_null(value),
            (_, None) => false,
        }
    }

    fn same_part(&self, part: usize, other: &dyn Field) -> bool {
        match (self, as_type::<Option<T>>(other)) {
            (Some(one), Some(Some(other))) => T::Shape::same_part(one, part, other),
            (None, Some(None)) => true,
            (Some(value), Some(None)) | (None, Some(Some(value))) => {
                let mut written = IsNull::default();
                T::Shape::encode(value, part, &mut written);
                written.0
            }
            (_, None) => false,
        }
    }

    fn assign(&mut self, other: &dyn Field) {
        if let Some(other) = as_type::<Option<T>>(other) {
            self.clone_from(other);
        }
    }

    fn take_part(&mut self, part: usize, other: &dyn Field) {
        if let (Some(value), Some(Some(other))) = (self, as_type::<Option<T>>(other)) {
            T::Shape::take_part(value, part, other);
        }
    }

    fn round(&mut self) {
        if let Some(value) = self {
            T::Shape::round(value);
        }
    }
}

impl<T: FieldValue> FieldType for Option<T> {
    const SPEC: FieldSpec = <T::Shape as Shape<T>>::OPTION;

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<Option<T>> {
        T::Shape::read_option(row)
    }
}

impl<M: Model> Field for Ref<M> {
    fn encode(&self, part: usize, out: &mut dyn BindWriter) {
        encode_reference::<M>(self.erased(), part, out);
    }

    fn decode(&mut self, _part: usize, _cell: Cell<'_>) -> Result<(), Mismatch> {
        Err(Mismatch::value("Ref", "a foreign key is read as a whole"))
    }

    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()> {
        *self = FieldType::read(row)?;
        Ok(())
    }

    fn same(&self, other: &dyn Field) -> bool {
        as_type::<Ref<M>>(other).is_some_and(|other| self.erased().same(other.erased()))
    }

    fn assign(&mut self, other: &dyn Field) {
        if let Some(other) = as_type::<Ref<M>>(other) {
            self.clone_from(other);
        }
    }

    fn reference(&self) -> Option<&RefValue> {
        Some(self.erased())
    }

    fn reference_mut(&mut self) -> Option<&mut RefValue> {
        Some(self.erased_mut())
    }

    fn target_arena(&self) -> Option<Box<dyn Arena>> {
        Some(Box::<TypedArena<M>>::default())
    }
}

impl<M: Model> FieldType for Ref<M> {
    const SPEC: FieldSpec =
        FieldSpec::Reference { target: Target::Later(M::meta), nullable: false };

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<Ref<M>> {
        M::Key::read(row).map(|key| Ref::from_key(key.to_key()))
    }
}

impl<M: Model> Field for Option<Ref<M>> {
    fn encode(&self, part: usize, out: &mut dyn BindWriter) {
        match self {
            Some(reference) => encode_reference::<M>(reference.erased(), part, out),
            None => out.put(ValueRef::Null),
        }
    }

    fn decode(&mut self, _part: usize, _cell: Cell<'_>) -> Result<(), Mismatch> {
        Err(Mismatch::value("Ref", "a foreign key is read as a whole"))
    }

    fn read_from(&mut self, row: &mut RowReader<'_>) -> Result<()> {
        *self = FieldType::read(row)?;
        Ok(())
    }

    fn same(&self, other: &dyn Field) -> bool {
        match (self, as_type::<Option<Ref<M>>>(other)) {
            (Some(one), Some(Some(other))) => one.erased().same(other.erased()),
            (None, Some(None)) => true,
            _ => false,
        }
    }

    fn assign(&mut self, other: &dyn Field) {
        if let Some(other) = as_type::<Option<Ref<M>>>(other) {
            self.clone_from(other);
        }
    }

    fn reference(&self) -> Option<&RefValue> {
        self.as_ref().map(Ref::erased)
    }

    fn reference_mut(&mut self) -> Option<&mut RefValue> {
        self.as_mut().map(Ref::erased_mut)
    }

    fn set_null(&mut self) -> bool {
        *self = None;
        true
    }

    fn set_reference(&mut self, value: RefValue) {
        *self = Some(Ref::of(value));
    }

    fn target_arena(&self) -> Option<Box<dyn Arena>> {
        Some(Box::<TypedArena<M>>::default())
    }
}

impl<M: Model> FieldType for Option<Ref<M>> {
    const SPEC: FieldSpec = FieldSpec::Reference { target: Target::Later(M::meta), nullable: true };

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<Option<Ref<M>>> {
        let columns = M::Key::WIDTH;
        if row.any_null(columns) {
            row.skip(columns);
            return Ok(None);
        }
        Ref::read(row).map(Some)
    }
}

/// A reference whose key is not known yet is NULL; the session resolves it before it writes.
fn encode_reference<M: Model>(value: &RefValue, part: usize, out: &mut dyn BindWriter) {
    match value.key() {
        Some(key) => key.encode(part, key_type::<M>(part), out),
        None => out.put(ValueRef::Null),
    }
}

fn key_type<M: Model>(part: usize) -> ColumnType {
    let table = M::meta().table();
    table.primary_key.get(part).map_or(ColumnType::BigInt, |&index| table.columns[index].ty)
}
