//! Functions over groups of rows: `count`, `sum`, `min`, `max`, `avg`.
//!
//! Over no rows `count` is 0 and the others are NULL, hence `Option`. The sum of integers is a
//! BIGINT (a sum beyond it is an error of kind `ValueOutOfRange`), their mean a DOUBLE PRECISION.

use super::{Column, Expr, SqlValue, ToOne};
use crate::statement::{AggregateFunction, Node};
use crate::types::{ColumnType, DbType};

/// Something an aggregate function can be over.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a column nor an expression",
    label = "expected a column such as `Article.id`"
)]
pub trait Aggregated {
    /// The type of its values.
    type Value;

    /// The expression.
    #[doc(hidden)]
    fn aggregated(self) -> Node;
}

#[diagnostic::do_not_recommend]
impl<M, T, R> Aggregated for Column<M, T, R> {
    type Value = T;

    fn aggregated(self) -> Node {
        self.node()
    }
}

#[diagnostic::do_not_recommend]
impl<T> Aggregated for Expr<T> {
    type Value = T;

    fn aggregated(self) -> Node {
        self.node
    }
}

#[diagnostic::do_not_recommend]
impl<M, T> Aggregated for ToOne<M, T> {
    type Value = ();

    fn aggregated(self) -> Node {
        self.first_node()
    }
}

/// A number whose sum can be had.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be summed",
    label = "expected a column of a number type"
)]
pub trait Sum: SqlValue {
    /// The type of the sum.
    type Output: DbType;
}

/// A number whose mean can be had.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no mean",
    label = "expected a column of a number type"
)]
pub trait Avg: SqlValue {
    /// The type of the mean.
    type Output: DbType;
}

macro_rules! sums {
    ($($(#[$condition:meta])? $ty:ty => $sum:ty, $avg:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        $(#[$condition])? impl Sum for $ty { type Output = $sum; }
        #[diagnostic::do_not_recommend]
        $(#[$condition])? impl Sum for Option<$ty> { type Output = $sum; }
        #[diagnostic::do_not_recommend]
        $(#[$condition])? impl Avg for $ty { type Output = $avg; }
        #[diagnostic::do_not_recommend]
        $(#[$condition])? impl Avg for Option<$ty> { type Output = $avg; }
    )*};
}

sums! {
    i16 => i64, f64;
    i32 => i64, f64;
    i64 => i64, f64;
    f32 => f64, f64;
    f64 => f64, f64;
    #[cfg(feature = "decimal")] rust_decimal::Decimal => rust_decimal::Decimal, rust_decimal::Decimal;
}

/// `count(column)`: how many rows have a value there.
pub fn count(column: impl Aggregated) -> Expr<i64> {
    aggregate(AggregateFunction::Count, Some(column.aggregated()), ColumnType::BigInt)
}

/// `count(*)`: how many rows.
pub fn count_all() -> Expr<i64> {
    aggregate(AggregateFunction::Count, None, ColumnType::BigInt)
}

/// `sum(column)`; NULL over no rows.
///
/// The type of the result is a parameter of its own, not named by way of the bound: a column of a
/// wrong type is then one error, not two.
pub fn sum<A, T>(column: A) -> Expr<Option<T>>
where
    A: Aggregated,
    A::Value: Sum<Output = T>,
    T: DbType,
{
    aggregate(AggregateFunction::Sum, Some(column.aggregated()), T::TYPE)
}

/// `avg(column)`; NULL over no rows.
///
/// The type of the result is a parameter of its own, not named by way of the bound: a column of a
/// wrong type is then one error, not two.
pub fn avg<A, T>(column: A) -> Expr<Option<T>>
where
    A: Aggregated,
    A::Value: Avg<Output = T>,
    T: DbType,
{
    aggregate(AggregateFunction::Avg, Some(column.aggregated()), T::TYPE)
}

/// `min(column)`; NULL over no rows.
pub fn min<A>(column: A) -> Expr<Option<<A::Value as SqlValue>::Base>>
where
    A: Aggregated,
    A::Value: SqlValue,
{
    let ty = <A::Value as SqlValue>::Base::TYPE;
    aggregate(AggregateFunction::Min, Some(column.aggregated()), ty)
}

/// `max(column)`; NULL over no rows.
pub fn max<A>(column: A) -> Expr<Option<<A::Value as SqlValue>::Base>>
where
    A: Aggregated,
    A::Value: SqlValue,
{
    let ty = <A::Value as SqlValue>::Base::TYPE;
    aggregate(AggregateFunction::Max, Some(column.aggregated()), ty)
}

fn aggregate<T>(function: AggregateFunction, operand: Option<Node>, ty: ColumnType) -> Expr<T> {
    Expr::of(Node::Aggregate { function, operand: operand.map(Box::new), distinct: false, ty })
}

impl<T> Expr<T> {
    /// Only different values: `count(DISTINCT column)`. Without effect on other expressions.
    pub fn distinct(mut self) -> Expr<T> {
        if let Node::Aggregate { distinct, operand: Some(_), .. } = &mut self.node {
            *distinct = true;
        }
        self
    }
}
