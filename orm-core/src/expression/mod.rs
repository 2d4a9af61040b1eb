//! The typed layer over [`crate::statement`]: columns, expressions, conditions.
//!
//! It checks, when a program is compiled, that values fit columns and that a condition is one; what
//! it makes is untyped. Methods are inherent and written out per type, so that messages and
//! documentation stay at the user's types.

mod aggregate;
mod assignment;
mod column;
mod expr;
mod mistaken;
#[doc(hidden)]
pub mod named;
#[doc(hidden)]
pub mod newtype;
mod operand;
mod optional;
mod predicate;
mod relation;
mod settable;
mod to_many;
mod to_one;
mod value;

pub use aggregate::{Avg, Sum, avg, count, count_all, max, min, sum};
pub use assignment::{Assign, Assignment, Assignments};
pub use column::Column;
pub use expr::Expr;
pub use mistaken::{LeadsToMany, LeadsToOne};
pub use operand::{ListOf, ListValue, NeverEqual, Operand};
pub use optional::{IntoOptional, Optional};
pub use predicate::{Condition, Predicate, all_of, any_of, not};
pub(crate) use relation::apart;
pub use relation::{
    Connection, IncludePath, JoinPath, JoinTo, Joined, Path, Relation, connection, own_condition,
};
pub use settable::{SetTo, Settable, Setting};
pub use to_many::{OneToOne, ToMany};
pub use to_one::{KeyOf, ToOne, ToOneTarget};
pub use value::{NotNull, Number, SqlValue, Text, TextType};
