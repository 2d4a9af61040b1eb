//! Selecting the rows of one model: by its entity, or by that of a variant, of one that is an enum.
//!
//! The derive writes [`Selection`] and [`EntityRows`] for the entities of variants, by what [`Emitted`] has
//! here; where the enum is none, [`AbsentRows`] stands in.

use super::selection::add_source;
use super::{Selection, Tracker};
use crate::error::Result;
use crate::model::emitted::{Emitted, absent};
use crate::model::{Entity, Handle, Model, Object};
use crate::statement::{SelectStatement, Selected, Source};
use crate::types::RowReader;

/// What selects the rows of one model: its entity, or the entity of a variant.
#[diagnostic::on_unimplemented(
    message = "`{Self}` selects no rows of one model",
    label = "expected an entity alone, such as `select(Article)`"
)]
pub trait EntityRows: Selection {
    /// The model.
    type Model;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> EntityRows for E {
    type Model = E::Model;
}

/// Selects the rows of a variant.
pub fn select_variant(source: Source, statement: &mut SelectStatement) {
    add_source(statement, source);
    statement.select_variant(source);
    statement.selected.push(Selected::entity(source));
}

impl<M: Model> Emitted<M> {
    /// The value of the next row.
    pub fn plain_row(row: &mut RowReader<'_>) -> Result<M> {
        M::decode(row)
    }

    /// The handle of the next row.
    pub fn tracked_row<T: Tracker>(row: &mut RowReader<'_>, tracker: &mut T) -> Result<Handle<M>> {
        tracker.track(row)
    }

    /// The value, its type erased.
    pub fn object_row(row: &mut M) -> Option<&mut dyn Object> {
        Some(row)
    }
}

/// What stands in for what is no model, in a program that does not compile for it.
pub trait AbsentRows<M> {
    /// Never called.
    fn plain_row(_: &mut RowReader<'_>) -> Result<M> {
        absent()
    }

    /// Never called.
    fn tracked_row<T>(_: &mut RowReader<'_>, _: &mut T) -> Result<Handle<M>> {
        absent()
    }

    /// Never called.
    fn object_row(_: &mut M) -> Option<&mut dyn Object> {
        absent()
    }
}

impl<M> AbsentRows<M> for Emitted<M> {}
