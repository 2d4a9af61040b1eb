//! What `session.load` reads: what a relationship leads to, the value of a deferred column.

use super::{Column, OnDemand, Relation};
use crate::error::Result;
use crate::model::{Deferred, Field, Model, NotLoaded, RawHandle};
use std::any::Any;

/// A relationship, or a deferred column of a model: `Author.articles`, `Page.body`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship",
    label = "expected a relationship such as `Author.articles`, or a deferred column"
)]
pub trait Loadable: Copy {
    /// The model it is of.
    type From: Model;

    /// What `session.load` gives: handles, one handle, `Option` of one; of a deferred column its value,
    /// lent by the session.
    type Loaded<'s>;

    /// The position of its field.
    #[doc(hidden)]
    fn place(&self) -> usize;

    /// What was found, as `session.load` gives it.
    #[doc(hidden)]
    fn given(found: Found<'_>) -> Result<Self::Loaded<'_>>;
}

/// What was found.
#[doc(hidden)]
pub enum Found<'s> {
    /// The objects at the other end of a relationship.
    Objects(Vec<RawHandle>),
    /// The field of a deferred column.
    Field(&'s dyn Field),
}

#[diagnostic::do_not_recommend]
impl<R: Relation> Loadable for R {
    type From = R::From;
    type Loaded<'s> = R::Loaded;

    fn place(&self) -> usize {
        self.position()
    }

    fn given(found: Found<'_>) -> Result<R::Loaded> {
        match found {
            Found::Objects(objects) => R::loaded(objects),
            Found::Field(_) => R::loaded(Vec::new()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: 'static> Loadable for Column<M, T, OnDemand> {
    type From = M;
    type Loaded<'s> = &'s T;

    fn place(&self) -> usize {
        usize::from(self.column().field)
    }

    fn given(found: Found<'_>) -> Result<&T> {
        let Found::Field(field) = found else { return Err(NotLoaded::column(None).into()) };
        match (field as &dyn Any).downcast_ref::<Deferred<T>>() {
            Some(field) => Ok(field.get()?),
            None => Err(NotLoaded::column(None).into()),
        }
    }
}
