//! What the code that `#[derive(Model)]` writes calls; public, but for the derive alone.
//!
//! Rules (they keep one mistake one error):
//! 1. Each field's type is asserted in one place, spanned to the type: by [`ColumnField`],
//!    [`MomentField`], [`VersionField`], [`ReferenceField`] or [`CollectionField`] with [`Model`], or as the model's
//!    `Key`; what `back_populates` and `order_by` name is asserted by `orm_core::expression`.
//!    These traits have no supertraits: the compiler would ask for those too.
//! 2. All else goes through [`Emitted`], which works for a type that is no field too: an inherent
//!    function where the type is one, else a function of the same name of the trait [`Absent`].
//!    The compiler takes inherent functions first, so nothing is decided when the program runs.

use super::{
    Auto, Embed, Entity, Field, FieldType, IntoRef, KeyType, Many, Model, One, Ref, VersionType,
};
use crate::error::Result;
use crate::schema::{ColumnRef, FieldSpec, Source, Target};
use crate::types::{ColumnType, DbType, RowReader};
use std::marker::PhantomData;

/// What a field of type `T` can do.
pub struct Emitted<T>(PhantomData<T>);

impl<T: FieldType> Emitted<T> {
    /// What the type makes of the field.
    pub const SPEC: FieldSpec = T::SPEC;

    /// Reads the field from the next columns of a row.
    #[inline]
    pub fn read(row: &mut RowReader<'_>) -> Result<T> {
        T::read(row)
    }

    /// The field, its type erased.
    #[inline]
    pub fn field(field: &T) -> &dyn Field {
        field
    }

    /// The field, its type erased.
    #[inline]
    pub fn field_mut(field: &mut T) -> &mut dyn Field {
        field
    }

    /// A value of the field, its type erased.
    pub fn boxed(value: T) -> Box<dyn Field> {
        Box::new(value)
    }
}

impl<T: Embed> Emitted<T> {
    /// Whether the type can be embedded.
    pub const EMBEDS: bool = true;

    /// How many columns it is.
    pub const WIDTH: usize = T::WIDTH;
}

impl<M: Model> Emitted<M> {
    /// The model, pointed to.
    pub const TARGET: Target = Target::Later(M::meta);
}

#[cfg(feature = "chrono")]
impl<T: crate::types::Now> Emitted<T> {
    /// The current moment.
    pub fn now() -> T {
        T::now()
    }
}

impl<T: VersionType> Emitted<T> {
    /// The version of a new row.
    pub fn first_version() -> T {
        T::first()
    }

    /// The version of a row that changes, or of a new one.
    pub fn next_version(last: Option<&T>) -> Box<dyn Field> {
        Box::new(last.map_or_else(T::first, T::next))
    }
}

impl<T> Emitted<Ref<T>> {
    /// The reference that an argument of `new` is.
    pub fn reference(argument: impl IntoRef<T>) -> Ref<T> {
        argument.into_ref()
    }
}

impl<T> Emitted<Many<T>> {
    /// Objects of which nothing is known.
    pub fn unloaded() -> Many<T> {
        Many::default()
    }
}

impl<T> Emitted<One<T>> {
    /// An object of which nothing is known.
    pub fn unloaded() -> One<T> {
        One::default()
    }
}

/// What stands in for a type that is no field, in a program that does not compile for it.
pub trait Absent<T> {
    /// Any.
    const SPEC: FieldSpec =
        FieldSpec::Column { ty: ColumnType::Bool, nullable: false, auto: false, key: |_| Ok(None) };

    /// The type can't be embedded.
    const EMBEDS: bool = false;

    /// Any.
    const WIDTH: usize = 0;

    /// Any.
    const TARGET: Target = Target::Later(|| absent());

    /// Never called.
    fn read(_: &mut RowReader<'_>) -> Result<T> {
        absent()
    }

    /// Never called.
    fn field(_: &T) -> &dyn Field {
        absent()
    }

    /// Never called.
    fn field_mut(_: &mut T) -> &mut dyn Field {
        absent()
    }

    /// Never called.
    fn boxed(_: T) -> Box<dyn Field> {
        absent()
    }

    /// Never called.
    fn unloaded() -> T {
        absent()
    }

    /// Never called.
    fn now() -> T {
        absent()
    }

    /// Never called.
    fn first_version() -> T {
        absent()
    }

    /// Never called.
    fn next_version(_: Option<&T>) -> Box<dyn Field> {
        absent()
    }

    /// Never called.
    fn reference<A>(_: A) -> T {
        absent()
    }
}

impl<T> Absent<T> for Emitted<T> {}

/// The columns of a type that is to be embedded, whether it can be or not.
pub trait ColumnsOf<const EMBEDS: bool> {
    /// The columns in the model `M`.
    type Columns<M>;

    /// The columns of an `Option` of it.
    type NullColumns<M>;
}

impl<T: Embed> ColumnsOf<true> for T {
    type Columns<M> = T::Columns<M>;
    type NullColumns<M> = T::NullColumns<M>;
}

impl<T> ColumnsOf<false> for T {
    type Columns<M> = NoColumns<M>;
    type NullColumns<M> = NoColumns<M>;
}

/// What stands for the columns of a type that can't be embedded.
#[derive(Debug)]
pub struct NoColumns<M>(PhantomData<fn() -> M>);

impl<M> NoColumns<M> {
    /// Stands for nothing.
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(_: Source, _: u16, _: u16) -> NoColumns<M> {
        NoColumns(PhantomData)
    }

    /// Never called.
    #[doc(hidden)]
    #[must_use]
    pub fn __first(&self) -> ColumnRef {
        absent()
    }
}

impl<M> Clone for NoColumns<M> {
    fn clone(&self) -> NoColumns<M> {
        *self
    }
}

impl<M> Copy for NoColumns<M> {}

/// The reference by a key of a type that users made.
pub fn key_reference<K: KeyType, T>(key: &K) -> Ref<T> {
    Ref::from_key(key.to_key())
}

/// The body of what is emitted for a model with a mistake in it.
#[cold]
pub const fn absent() -> ! {
    panic!("the model has a mistake that the compiler told")
}

/// A value that is missing in such a model.
pub fn absent_value<T>() -> T {
    absent()
}

/// A type that a column can have: those of [`FieldType`] that are no foreign key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a field of a model",
    label = "not a column type",
    note = "columns are bool, i16, i32, i64 (databases have no unsigned integers), f32, f64, String, Vec<u8>, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc> (no other time zone), and Uuid, serde_json::Value, Decimal with their features; `Option` of these is NULLable",
    note = "a foreign key is `Ref<Model>` or `Option<Ref<Model>>`, a value that the database makes is `Auto<i64>`; all are known by these names, not by an alias",
    note = "a struct of several columns derives `Embed`, and its field says `#[orm(embed)]`"
)]
pub trait ColumnField {
    /// Names the trait in an assertion.
    const __IS: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: DbType> ColumnField for T {}
#[diagnostic::do_not_recommend]
impl<T: DbType> ColumnField for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: DbType> ColumnField for Auto<T> {}
#[diagnostic::do_not_recommend]
impl<T: DbType> ColumnField for Auto<Option<T>> {}

/// A column type that `now` is a value of.
#[cfg(feature = "chrono")]
#[diagnostic::on_unimplemented(
    message = "`now` is no value of a field of type `{Self}`",
    label = "not a date or time type of a column",
    note = "`now` is for NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc> (no other time zone) and `Option` of these; for other types write an expression"
)]
pub trait MomentField {
    /// Names the trait in an assertion.
    const __IS: () = ();
}

#[cfg(feature = "chrono")]
#[diagnostic::do_not_recommend]
impl<T: ColumnField + crate::types::Now> MomentField for T {}

/// A column type that counts the changes of a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a version",
    label = "not a version",
    note = "a version is `i32` or `i64`, which count, `DateTime<Utc>`, the moment of the last change, or `Uuid`, a new one at each"
)]
pub trait VersionField {
    /// Names the trait in an assertion.
    const __IS: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: VersionType> VersionField for T {}

/// A foreign key, whatever it points to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the `Ref` of `orm`",
    label = "not a foreign key",
    note = "a field whose type is called `Ref` is a foreign key: `orm::Ref<Model>` or `Option<orm::Ref<Model>>`"
)]
pub trait ReferenceField {
    /// Names the trait in an assertion.
    const __IS: () = ();
}

impl<T> ReferenceField for Ref<T> {}
impl<T> ReferenceField for Option<Ref<T>> {}

/// Objects at the other end of a relationship, whatever model they are of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the `Many` or `One` of `orm`",
    label = "not a relationship",
    note = "a field whose type is called `Many` or `One` is a relationship: `orm::Many<Model>` or `orm::One<Model>`"
)]
pub trait CollectionField {
    /// Names the trait in an assertion.
    const __IS: () = ();
}

impl<T> CollectionField for Many<T> {}
impl<T> CollectionField for One<T> {}

/// The same source under another name.
pub fn aliased(source: Source, alias: &'static str) -> Source {
    Source { alias: Some(alias), ..source }
}

/// A field that is asked for by a number it has not.
#[cold]
#[track_caller]
pub fn no_field(index: usize) -> ! {
    panic!("the model has no field number {index}")
}

/// What the derive implements for an entity; [`Entity`] follows from it.
///
/// Its `Model` has no bound: a model that is not `Clone` is then told once, at the model.
#[doc(hidden)]
pub trait Emits: Copy + Send + Sync + 'static {
    /// The struct.
    type Model;

    /// What the columns come from.
    fn __source(&self) -> Source;

    /// The entity under an alias.
    fn __aliased(&self, name: &'static str) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: Emits> Entity for E
where
    E::Model: Model<Entity = E>,
{
    type Model = E::Model;

    fn __source(&self) -> Source {
        Emits::__source(self)
    }

    fn __aliased(&self, name: &'static str) -> E {
        Emits::__aliased(self, name)
    }
}

/// An entity as it is printed: the model's name, and the alias where there is one.
pub fn show_entity(source: Source, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let name = source.model_name();
    match source.alias {
        Some(alias) => write!(f, "{name} as {alias}"),
        None => f.write_str(name),
    }
}
