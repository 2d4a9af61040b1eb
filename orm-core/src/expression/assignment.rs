//! `Article.title.set("…")`: what a set-based UPDATE writes.

use super::KeyOf;
use super::operand::value_node;
use super::{Column, Expr, SqlValue, ToOne, ToOneTarget};
use crate::model::Model;
use crate::statement::{ColumnRef, Node, SetColumn};
use crate::types::{DbType, Value};
use std::marker::PhantomData;

/// `column = value`, of a column of model `M`.
#[derive(Debug)]
pub struct Assignment<M> {
    set: Vec<SetColumn>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Assignment<M> {
    fn clone(&self) -> Assignment<M> {
        Assignment { set: self.set.clone(), model: PhantomData }
    }
}

impl<M> Assignment<M> {
    pub(crate) fn of(column: ColumnRef, value: Node) -> Assignment<M> {
        Assignment::of_all(vec![SetColumn { column, value }])
    }

    pub(crate) fn of_all(set: Vec<SetColumn>) -> Assignment<M> {
        Assignment { set, model: PhantomData }
    }
}

/// Something that a column of type `T` can be set to.
#[diagnostic::on_unimplemented(
    message = "can't set a column of type `{T}` to `{Self}`",
    label = "expected a `{T}`, a column or an expression of it"
)]
pub trait Assign<T> {
    /// The value.
    #[doc(hidden)]
    fn into_node(self) -> Node;
}

#[diagnostic::do_not_recommend]
impl<T: DbType> Assign<T> for T {
    fn into_node(mut self) -> Node {
        self.round();
        value_node(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DbType> Assign<Option<T>> for T {
    fn into_node(self) -> Node {
        Assign::<T>::into_node(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DbType> Assign<Option<T>> for Option<T> {
    fn into_node(self) -> Node {
        match self {
            Some(value) => Assign::<T>::into_node(value),
            None => Node::Value { ty: T::TYPE, value: Value::Null },
        }
    }
}

#[diagnostic::do_not_recommend]
impl Assign<String> for &str {
    fn into_node(self) -> Node {
        value_node(&self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl Assign<Option<String>> for &str {
    fn into_node(self) -> Node {
        value_node(&self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: SqlValue, R> Assign<T> for Column<M, T, R> {
    fn into_node(self) -> Node {
        self.node()
    }
}

#[diagnostic::do_not_recommend]
impl<T: SqlValue> Assign<T> for Expr<T> {
    fn into_node(self) -> Node {
        self.node
    }
}

impl<M, T> ToOne<M, T> {
    /// `foreign key = key of other`, as `update` takes it: of a handle, a key, a `Ref`, a column.
    pub fn set(self, other: impl KeyOf<T::Model>) -> Assignment<M>
    where
        T: ToOneTarget,
    {
        let set = self
            .nodes()
            .into_iter()
            .zip(other.key_nodes())
            .filter_map(|(own, value)| match own {
                Node::Column(column) => Some(SetColumn { column, value }),
                _ => None,
            })
            .collect();
        Assignment { set, model: PhantomData }
    }
}

impl<M, T: Model> ToOne<M, Option<T>> {
    /// `foreign key = NULL`, as `update` takes it.
    pub fn set_null(self) -> Assignment<M> {
        let table = self.source().table();
        let set = self.nodes().into_iter().filter_map(|node| match node {
            Node::Column(column) => {
                let position = table.columns_of(self.field()).next()?;
                let ty = table.column(position).ty;
                Some(SetColumn { column, value: Node::Value { ty, value: Value::Null } })
            }
            _ => None,
        });
        Assignment { set: set.collect(), model: PhantomData }
    }
}

/// One [`Assignment`], or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not assign columns of `{M}`",
    label = "expected `column.set(value)` of a column of `{M}`, or a tuple of these"
)]
pub trait Assignments<M> {
    /// What is set.
    #[doc(hidden)]
    fn into_set(self) -> Vec<SetColumn>;
}

#[diagnostic::do_not_recommend]
impl<M> Assignments<M> for Assignment<M> {
    fn into_set(self) -> Vec<SetColumn> {
        self.set
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<Model, $($name: Assignments<Model>),+> Assignments<Model> for ($($name,)+) {
            fn into_set(self) -> Vec<SetColumn> {
                let mut set = Vec::new();
                $(set.extend(self.$index.into_set());)+
                set
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
