//! What attributes of a relationship name in the other model, asked by the code that
//! `#[derive(Model)]` writes: functions that are never called, whose bounds carry the messages.

use super::{Column, Condition, ToMany, ToOne};
use crate::model::Model;
use crate::statement::Source;
use std::any::Any;

/// What `back_populates` of a `Many<T>` or `One<T>` of the model `M` names.
#[diagnostic::on_unimplemented(
    message = "`back_populates` names no `Ref<{M}>` of `{T}`",
    label = "this is `{Self}`",
    note = "the other side of a collection of `{T}` is the field of `{T}` whose type is `Ref<{M}>` or `Option<Ref<{M}>>`; a many-to-many says its link table too: `secondary = \"…\"`"
)]
pub trait IsReferenceTo<M, T> {}

impl<Own, Other> IsReferenceTo<Own, Other> for ToOne<Other, Own> {}
impl<Own, Other> IsReferenceTo<Own, Other> for ToOne<Other, Option<Own>> {}

/// What `back_populates` of a `Many<T>` of the model `M` names, where it has a link table.
#[diagnostic::on_unimplemented(
    message = "`back_populates` names no `Many<{M}>` of `{T}`",
    label = "this is `{Self}`",
    note = "the other side of a many-to-many is the field of `{T}` whose type is `Many<{M}>`, with the same `secondary`; for the other side of a `Ref<{M}>` leave `secondary` out"
)]
pub trait IsCollectionOf<M, T> {}

impl<Own, Other> IsCollectionOf<Own, Other> for ToMany<Other, Own> {}

/// What `order_by` of a `Many<T>` names.
#[diagnostic::on_unimplemented(
    message = "`order_by` names no column of `{T}`",
    label = "this is `{Self}`",
    note = "a collection is sorted by columns of its own model: `order_by = title`, `order_by(title, created_on.desc())`"
)]
pub trait IsColumnOf<T> {}

impl<Other, Value> IsColumnOf<Other> for Column<Other, Value> {}
impl<Other, Target> IsColumnOf<Other> for ToOne<Other, Target> {}

/// What `foreign_key(… => T(…))` names.
#[diagnostic::on_unimplemented(
    message = "`foreign_key` names no column of `{T}`",
    label = "this is `{Self}`",
    note = "a foreign key points to columns of the other model: `foreign_key(a, b => Other(x, y))`"
)]
pub trait IsKeyColumnOf<T> {}

impl<Other, Value> IsKeyColumnOf<Other> for Column<Other, Value> {}
impl<Other, Target> IsKeyColumnOf<Other> for ToOne<Other, Target> {}

/// What `position` of a `Many<T>` names.
#[diagnostic::on_unimplemented(
    message = "`position` names no column of `{T}` that counts",
    label = "this is `{Self}`",
    note = "places are kept in a column of `i16`, `i32` or `i64` of the collection's own model: `position = position`"
)]
pub trait IsPlaceIn<T> {}

impl<Other> IsPlaceIn<Other> for Column<Other, i16> {}
impl<Other> IsPlaceIn<Other> for Column<Other, i32> {}
impl<Other> IsPlaceIn<Other> for Column<Other, i64> {}

/// Asks for the column of places.
pub fn is_place_in<T>(_: impl IsPlaceIn<T>) {}

/// The condition of a relationship on a mention of the model it leads to.
pub fn condition_of<T: Model, C: Condition>(
    mention: Source,
    condition: impl FnOnce(T::Entity) -> C,
) -> Box<dyn Any> {
    use crate::model::Entity;
    let entity = match mention.alias {
        Some(alias) => T::entity().__aliased(alias),
        None => T::entity(),
    };
    Box::new(condition(entity).into_predicate().node)
}

/// Asks for the `Ref` at the other side.
pub fn is_reference_to<M, T>(_: impl IsReferenceTo<M, T>) {}

/// Asks for the `Many` at the other side.
pub fn is_collection_of<M, T>(_: impl IsCollectionOf<M, T>) {}

/// Asks for a column that a foreign key points to.
pub fn is_key_column_of<T>(_: impl IsKeyColumnOf<T>) {}

/// Asks for a column.
pub fn is_column_of<T>(_: impl IsColumnOf<T>) {}
