//! Statements as plain data: what the typed builders make and the compiler reads.
//!
//! Types are erased here. A new kind of node stops the build in every place that must decide what
//! it means: the matches on these enums have no `_`.

mod criteria;
mod node;
mod parameters;
mod select;
mod write;

pub use crate::schema::{ColumnRef, Source, intern};
pub use criteria::{ConditionOf, Criteria, Criterion, LeftOut};
pub use node::{AggregateFunction, ArithmeticOperator, ComparisonOperator, Node};
pub use parameters::{BatchRows, Parameter, Parameters};
pub use select::{
    Derived, IncludeNode, Join, JoinKind, LockWait, NewArena, OrderBy, Ordering, PartNode, RowLock,
    SelectStatement, Selected,
};
pub use write::{DeleteStatement, SetColumn, UpdateStatement};
