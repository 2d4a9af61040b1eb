//! Conditions: true, false or unknown.

use super::{Column, Expr};
use crate::statement::Node;
use std::ops;

/// A condition, as `filter` takes it. Joined by `&`, `|`, `!` or by [`Predicate::and`],
/// [`Predicate::or`], [`not`].
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    pub(crate) node: Node,
}

impl Predicate {
    /// The condition that a node is.
    #[doc(hidden)]
    pub fn of(node: Node) -> Predicate {
        Predicate { node }
    }

    /// Both.
    pub fn and(self, other: impl Condition) -> Predicate {
        all_of([self, other.into_predicate()])
    }

    /// Either.
    pub fn or(self, other: impl Condition) -> Predicate {
        any_of([self, other.into_predicate()])
    }
}

/// The opposite; unknown stays unknown.
pub fn not(condition: impl Condition) -> Predicate {
    Predicate::of(Node::Not(Box::new(condition.into_predicate().node)))
}

/// All of several conditions; of none at all: true.
pub fn all_of<C: Condition>(conditions: impl IntoIterator<Item = C>) -> Predicate {
    let nodes = conditions.into_iter().map(|condition| condition.into_predicate().node);
    Predicate::of(Node::And(nodes.collect()))
}

/// One of several conditions at least; of none at all: false.
pub fn any_of<C: Condition>(conditions: impl IntoIterator<Item = C>) -> Predicate {
    let nodes = conditions.into_iter().map(|condition| condition.into_predicate().node);
    Predicate::of(Node::Or(nodes.collect()))
}

impl<C: Condition> ops::BitAnd<C> for Predicate {
    type Output = Predicate;

    fn bitand(self, other: C) -> Predicate {
        self.and(other)
    }
}

impl<C: Condition> ops::BitOr<C> for Predicate {
    type Output = Predicate;

    fn bitor(self, other: C) -> Predicate {
        self.or(other)
    }
}

impl ops::Not for Predicate {
    type Output = Predicate;

    fn not(self) -> Predicate {
        not(self)
    }
}

/// `!Product.discontinued`.
macro_rules! not_of_conditions {
    ($([$($model:ident)?] $condition:ty),* $(,)?) => {$(
        impl<$($model)?> ops::Not for $condition {
            type Output = Predicate;

            fn not(self) -> Predicate {
                not(self)
            }
        }
    )*};
}

not_of_conditions! {
    [M] Column<M, bool>, [M] Column<M, Option<bool>>, [] Expr<bool>, [] Expr<Option<bool>>,
}

/// What `filter` takes: a [`Predicate`], or a column or expression of type `bool`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition",
    label = "expected a comparison such as `Article.slug.eq(\"clean-python\")`",
    note = "comparisons are methods (`eq`, `lt`, `in_`, …), not `==` and `<`; they are joined by `&` and `|`, not by `&&` and `||`"
)]
pub trait Condition {
    /// The condition.
    #[doc(hidden)]
    fn into_predicate(self) -> Predicate;
}

#[diagnostic::do_not_recommend]
impl Condition for Predicate {
    fn into_predicate(self) -> Predicate {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<M> Condition for Column<M, bool> {
    fn into_predicate(self) -> Predicate {
        Predicate::of(self.node())
    }
}

#[diagnostic::do_not_recommend]
impl<M> Condition for Column<M, Option<bool>> {
    fn into_predicate(self) -> Predicate {
        Predicate::of(self.node())
    }
}

#[diagnostic::do_not_recommend]
impl Condition for Expr<bool> {
    fn into_predicate(self) -> Predicate {
        Predicate::of(self.node)
    }
}

#[diagnostic::do_not_recommend]
impl Condition for Expr<Option<bool>> {
    fn into_predicate(self) -> Predicate {
        Predicate::of(self.node)
    }
}
