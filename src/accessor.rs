//! The body of the accessors on handles that the derive writes: `author.articles(&mut session)?`.
//!
//! Where the other end of a relationship is no model, [`Absent`] stands in; the mistake is told at
//! the field.

use orm_core::error::Result;
use orm_core::expression::Relation;
use orm_core::model::RawHandle;
use orm_core::model::emitted::absent;
use orm_session::session::Session;
use std::marker::PhantomData;

/// The accessor of the relationship `R`.
pub struct Accessor<R>(PhantomData<R>);

impl<R: Relation> Accessor<R> {
    /// Loads what `relationship` leads to from `object`, which is one of the model it starts at.
    #[track_caller]
    pub fn load(session: &mut Session, object: RawHandle, relationship: R) -> Result<R::Loaded> {
        session.load(object.typed::<R::From>(), relationship)
    }
}

/// What stands in for a relationship to something that is no model.
pub trait Absent<R> {
    /// Never called.
    fn load<L>(_: &mut Session, _: RawHandle, _: R) -> Result<L> {
        absent()
    }
}

impl<R> Absent<R> for Accessor<R> {}
