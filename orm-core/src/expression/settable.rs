//! What `session.set` sets, and to what: a column to a value or an expression, a relationship to an
//! object.

use super::{Assign, Column, OneToOne, Relation, ToMany, ToOne, ToOneTarget};
use crate::model::{MaybeHandle, Model, RawHandle};
use crate::statement::Node;

/// A column or a relationship of a model: `Counter.n`, `Article.author`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be set",
    label = "expected a column such as `Article.title`, or a relationship such as `Article.author`"
)]
pub trait Settable: Copy {
    /// The model it is of.
    type From: Model;

    /// The model that a relationship leads to; of a column its own.
    #[doc(hidden)]
    type To: Model;

    /// The positions of its field, and of the column in the field.
    #[doc(hidden)]
    fn place(&self) -> (usize, usize);
}

/// What is set.
#[doc(hidden)]
#[derive(Debug)]
pub enum Setting {
    /// A column.
    Column(Node),
    /// A relationship: the object that it leads to from now on.
    Object(Option<RawHandle>),
}

/// What a column or a relationship can be set to.
#[diagnostic::on_unimplemented(
    message = "can't set `{A}` to `{Self}`",
    label = "expected what the column or the relationship holds: a value, an expression, a handle, or `None` where it may be NULL"
)]
pub trait SetTo<A> {
    /// What is set.
    #[doc(hidden)]
    fn into_setting(self) -> Setting;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T, R> Settable for Column<M, T, R> {
    type From = M;
    type To = M;

    fn place(&self) -> (usize, usize) {
        let column = self.column();
        (usize::from(column.field), usize::from(column.part))
    }
}

#[diagnostic::do_not_recommend]
impl<M, T, R, V: Assign<T>> SetTo<Column<M, T, R>> for V {
    fn into_setting(self) -> Setting {
        Setting::Column(self.into_node())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ToOneTarget> Settable for ToOne<M, T> {
    type From = M;
    type To = T::Model;

    fn place(&self) -> (usize, usize) {
        (Relation::position(self), 0)
    }
}

// to be recommended: it leads to the message of `MaybeHandle`
impl<M: Model, T: ToOneTarget, V: MaybeHandle<T::Model>> SetTo<ToOne<M, T>> for V {
    fn into_setting(self) -> Setting {
        Setting::Object(self.maybe().map(RawHandle::from))
    }
}

macro_rules! other_sides {
    ($($name:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M: Model, T: Model> Settable for $name<M, T> {
            type From = M;
            type To = T;

            fn place(&self) -> (usize, usize) {
                (Relation::position(self), 0)
            }
        }

        impl<M: Model, T: Model, V: MaybeHandle<T>> SetTo<$name<M, T>> for V {
            fn into_setting(self) -> Setting {
                Setting::Object(self.maybe().map(RawHandle::from))
            }
        }
    )*};
}

other_sides!(OneToOne, ToMany);
