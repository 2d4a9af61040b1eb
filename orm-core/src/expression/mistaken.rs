//! Conditions of the other kind of relationship: `any` of one that leads to one object, `has` of one
//! that leads to many. The bounds hold for nothing; their messages say what to write.

use super::{Condition, OneToOne, Predicate, ToMany, ToOne, ToOneTarget};
use crate::model::Model;
use crate::statement::Node;

/// A relationship that `any` can be asked of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` leads to one object: it has no `any`",
    label = "write `has` here",
    note = "`.has(|author| author.name.eq(\"Ann\"))` is for a relationship to one, `.any(…)` for one to many"
)]
pub trait LeadsToMany {}

/// A relationship that `has` can be asked of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` leads to many objects: it has no `has`",
    label = "write `any` here",
    note = "`.any(|article| article.title.eq(\"x\"))` is for a relationship to many, `.has(…)` for one to one; `.exists()` asks whether there is one at all"
)]
pub trait LeadsToOne {}

/// Never to be called: told by the compiler, with what to write.
#[doc(hidden)]
impl<M, T> ToOne<M, T> {
    pub fn any<C: Condition>(
        self,
        _condition: impl FnOnce(<T::Model as Model>::Entity) -> C,
    ) -> Predicate
    where
        T: ToOneTarget,
        Self: LeadsToMany,
    {
        nothing()
    }
}

/// Never to be called, see above.
#[doc(hidden)]
impl<M, T: Model> OneToOne<M, T> {
    pub fn any<C: Condition>(self, _condition: impl FnOnce(T::Entity) -> C) -> Predicate
    where
        Self: LeadsToMany,
    {
        nothing()
    }
}

/// Never to be called, see above.
#[doc(hidden)]
impl<M, T: Model> ToMany<M, T> {
    pub fn has<C: Condition>(self, _condition: impl FnOnce(T::Entity) -> C) -> Predicate
    where
        Self: LeadsToOne,
    {
        nothing()
    }
}

fn nothing() -> Predicate {
    Predicate::of(Node::Or(Vec::new()))
}
