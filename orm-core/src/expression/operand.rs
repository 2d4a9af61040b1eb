//! What a column can be compared with: values of its type, columns and expressions of its type.
//!
//! Rules (each keeps a message short or a literal typed):
//! 1. Exactly one implementation takes values of type `B`: literals then get the column's type.
//! 2. `&str` stands for `String`, references for what they refer to.
//! 3. `Option` is refused with its own text: in SQL, comparing with NULL finds nothing.

use super::{Column, Expr, NotNull, SqlValue, ToOne, ToOneTarget};
use crate::model::Model;
use crate::statement::Node;
use crate::types::{DbType, Value};

/// Something that can stand beside an expression of type `B`.
#[diagnostic::on_unimplemented(
    message = "can't compare a column of type `{B}` with `{Self}`",
    label = "expected a `{B}`, a column or an expression of it"
)]
pub trait Operand<B> {
    /// The expression.
    #[doc(hidden)]
    fn into_node(self) -> Node;
}

/// The node of a value.
pub(crate) fn value_node<T: DbType>(value: &T) -> Node {
    Node::Value { ty: T::TYPE, value: Value::of(value) }
}

#[diagnostic::do_not_recommend]
impl<T: DbType> Operand<T> for T {
    fn into_node(mut self) -> Node {
        self.round();
        value_node(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DbType> Operand<T> for &T {
    fn into_node(self) -> Node {
        self.clone().into_node()
    }
}

#[diagnostic::do_not_recommend]
impl Operand<String> for &str {
    fn into_node(self) -> Node {
        value_node(&self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<M: 'static, T: SqlValue<Base = B>, B> Operand<B> for Column<M, T> {
    fn into_node(self) -> Node {
        self.node()
    }
}

#[diagnostic::do_not_recommend]
impl<T: SqlValue<Base = B>, B> Operand<B> for Expr<T> {
    fn into_node(self) -> Node {
        self.node
    }
}

/// A foreign key of one column beside the key it points to: `Author.id.eq(Article.author)`.
#[diagnostic::do_not_recommend]
impl<M, T: ToOneTarget<Model: Model<Key = B>>, B: DbType> Operand<B> for ToOne<M, T> {
    fn into_node(self) -> Node {
        self.first_node()
    }
}

/// The values of `in_`: everything that can be iterated over.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of values",
    label = "expected a list, such as `[1, 2]` or a `Vec`",
    note = "a statement can't stand inside another one: ask over the relationship, `Author.articles.any(|article| …)` or `Article.author.has(|author| …)`, or read the values first"
)]
pub trait ListOf<V> {
    /// The values.
    #[doc(hidden)]
    fn into_values(self) -> impl Iterator<Item = V>;
}

#[diagnostic::do_not_recommend]
impl<V, I: IntoIterator<Item = V>> ListOf<V> for I {
    fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter()
    }
}

/// One of the values of `in_`: of the column's type, or what becomes one by `Into`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be one of the values of a column of type `{T}`",
    label = "expected values of type `{T}`, or what becomes one by `Into`"
)]
pub trait ListValue<T> {
    /// The value.
    #[doc(hidden)]
    fn into_value(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> ListValue<T> for V {
    fn into_value(self) -> T {
        self.into()
    }
}

/// Never implemented; its message tells what to write instead.
#[diagnostic::on_unimplemented(
    message = "comparing with an `Option` finds nothing in SQL when it is `None`",
    label = "an `Option` can't be compared with",
    note = "write `.is_not_distinct_from(option)` to find NULL for `None`, `.is_null()` to ask for NULL, or unwrap the option first"
)]
pub trait NeverEqual {}

// no `do_not_recommend` here: it would hide the message of `NeverEqual`
impl<T, B: NotNull> Operand<B> for Option<T>
where
    (T,): NeverEqual,
{
    fn into_node(self) -> Node {
        Node::Or(Vec::new())
    }
}
