//! A typed column: `Article.slug`.

use super::expr::{self, Expr};
use super::{
    Assign, Assignment, ListOf, ListValue, Number, Operand, Optional, Predicate, SqlValue, Text,
};
use crate::statement::{ArithmeticOperator, ColumnRef, ComparisonOperator, Node, Ordering, Source};
use std::fmt;
use std::marker::PhantomData;

/// A column of model `M` with values of type `T` (`Option<T>` where it may be NULL).
///
/// Its methods make expressions; nothing is sent. `Copy`, also under an alias.
pub struct Column<M, T> {
    column: ColumnRef,
    ty: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Column<M, T> {
    /// The column of the field at `field`.
    #[doc(hidden)]
    pub const fn __new(source: Source, field: u16) -> Column<M, T> {
        Column::__part(source, field, 0)
    }

    /// The column of a part of the field at `field`: of an embedded struct.
    #[doc(hidden)]
    pub const fn __part(source: Source, field: u16, part: u16) -> Column<M, T> {
        Column { column: ColumnRef { source, field, part }, ty: PhantomData }
    }

    /// What it comes from.
    #[doc(hidden)]
    pub const fn __source(self) -> Source {
        self.column.source
    }

    /// The column, its type erased.
    #[doc(hidden)]
    pub fn column(&self) -> ColumnRef {
        self.column
    }

    /// The expression.
    #[doc(hidden)]
    pub fn node(&self) -> Node {
        Node::Column(self.column)
    }
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Column<M, T> {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

impl<M, T> fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.column.path())
    }
}

impl<M, T: SqlValue> Column<M, T> {
    /// `column = other`.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let log = engine.record();
    /// select(Article).filter(Article.slug.eq("rust")).all(&mut session)?;
    /// // … WHERE "articles"."slug" = ?
    /// # assert!(log.take().iter().any(|sql| sql.ends_with(r#"WHERE "articles"."slug" = ?1"#)));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn eq(self, other: impl Operand<T::Base>) -> Predicate {
        expr::compare(self.node(), ComparisonOperator::Equal, other.into_node())
    }

    /// `column <> other`.
    pub fn ne(self, other: impl Operand<T::Base>) -> Predicate {
        expr::compare(self.node(), ComparisonOperator::NotEqual, other.into_node())
    }

    /// `column < other`.
    pub fn lt(self, other: impl Operand<T::Base>) -> Predicate {
        expr::compare(self.node(), ComparisonOperator::Less, other.into_node())
    }

    /// `column <= other`.
    pub fn le(self, other: impl Operand<T::Base>) -> Predicate {
        expr::compare(self.node(), ComparisonOperator::LessOrEqual, other.into_node())
    }

    /// `column > other`.
    pub fn gt(self, other: impl Operand<T::Base>) -> Predicate {
        expr::compare(self.node(), ComparisonOperator::Greater, other.into_node())
    }

    /// `column >= other`.
    pub fn ge(self, other: impl Operand<T::Base>) -> Predicate {
        expr::compare(self.node(), ComparisonOperator::GreaterOrEqual, other.into_node())
    }

    /// `column BETWEEN low AND high`, both ends in.
    pub fn between(self, low: impl Operand<T::Base>, high: impl Operand<T::Base>) -> Predicate {
        expr::between(self.node(), low.into_node(), high.into_node())
    }

    /// `column IS NULL`.
    pub fn is_null(self) -> Predicate {
        expr::is_null(self.node(), false)
    }

    /// `column IS NOT NULL`.
    pub fn is_not_null(self) -> Predicate {
        expr::is_null(self.node(), true)
    }

    /// Equal, NULL being equal to NULL: `column IS NOT DISTINCT FROM value`.
    pub fn is_not_distinct_from(self, value: impl Into<Option<T::Base>>) -> Predicate {
        expr::distinct(self.node(), expr::optional_value(value.into()), true)
    }

    /// Different, NULL being equal to NULL: `column IS DISTINCT FROM value`.
    pub fn is_distinct_from(self, value: impl Into<Option<T::Base>>) -> Predicate {
        expr::distinct(self.node(), expr::optional_value(value.into()), false)
    }

    /// `column IN (values)`: one array parameter on PostgreSQL, whatever the number of values. No
    /// value at all finds nothing.
    pub fn in_<V: ListValue<T::Base>>(self, values: impl ListOf<V>) -> Predicate {
        expr::in_values::<T::Base, V>(self.node(), values.into_values(), false)
    }

    /// `column NOT IN (values)`; no value at all finds every row.
    pub fn not_in<V: ListValue<T::Base>>(self, values: impl ListOf<V>) -> Predicate {
        expr::in_values::<T::Base, V>(self.node(), values.into_values(), true)
    }

    /// As `Option`, where the column is of a side of an outer join that may be missing.
    pub fn optional(self) -> Optional<Column<M, T>> {
        Optional(self)
    }

    /// `column = value`, as `update` takes it: of a value, a column or an expression.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// select(Article).update(&mut session, Article.views.set(Article.views + 1))?;
    /// # assert_eq!(session.query(Article).filter(Article.views.eq(1)).count()?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn set(self, value: impl Assign<T>) -> Assignment<M> {
        Assignment::of(self.column, value.into_node())
    }

    /// Rising order.
    pub fn asc(self) -> Ordering {
        expr::order(self.node(), false)
    }

    /// Falling order.
    pub fn desc(self) -> Ordering {
        expr::order(self.node(), true)
    }
}

impl<M, T: Text> Column<M, T> {
    /// `column LIKE pattern`: `%` is any text, `_` any character, `\` makes the next one plain.
    /// Upper and lower case differ, on every database.
    pub fn like(self, pattern: impl Operand<String>) -> Predicate {
        expr::like(self.node(), pattern.into_node(), false)
    }

    /// `NOT LIKE`.
    pub fn not_like(self, pattern: impl Operand<String>) -> Predicate {
        expr::like(self.node(), pattern.into_node(), true)
    }

    /// `LIKE 'text%'`, the text taken literally.
    pub fn starts_with(self, text: impl AsRef<str>) -> Predicate {
        expr::like_literal(self.node(), "", text.as_ref(), "%")
    }

    /// `LIKE '%text'`, the text taken literally.
    pub fn ends_with(self, text: impl AsRef<str>) -> Predicate {
        expr::like_literal(self.node(), "%", text.as_ref(), "")
    }

    /// `LIKE '%text%'`, the text taken literally.
    pub fn contains(self, text: impl AsRef<str>) -> Predicate {
        expr::like_literal(self.node(), "%", text.as_ref(), "%")
    }
}

macro_rules! column_arithmetic {
    ($($trait:ident $method:ident $operator:ident),*) => {$(
        impl<M, T: Number, R: Operand<T::Base>> std::ops::$trait<R> for Column<M, T> {
            type Output = Expr<T>;

            fn $method(self, other: R) -> Expr<T> {
                expr::arithmetic(self.node(), ArithmeticOperator::$operator, other.into_node())
            }
        }
    )*};
}

column_arithmetic!(Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide);

impl<M, T> From<Column<M, T>> for Ordering {
    fn from(column: Column<M, T>) -> Ordering {
        expr::order(column.node(), false)
    }
}
