//! Expressions, their types erased.

use super::{ColumnRef, SelectStatement, Source};
use crate::model::RawHandle;
use crate::types::{ColumnType, Value};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A column.
    Column(ColumnRef),
    /// A value, bound as a parameter.
    Value {
        /// The type it travels as.
        ty: ColumnType,
        /// The value.
        value: Value,
    },
    /// One column of the key of an object of a session; resolved when the statement is run.
    ObjectKey {
        /// The object.
        handle: RawHandle,
        /// Its model.
        source: Source,
        /// The column of the key.
        part: usize,
    },
    /// `l = r` and its like.
    Comparison {
        /// Which one.
        operator: ComparisonOperator,
        /// The left side.
        left: Box<Node>,
        /// The right side.
        right: Box<Node>,
    },
    /// `l + r` and its like.
    Arithmetic {
        /// Which one.
        operator: ArithmeticOperator,
        /// The left side.
        left: Box<Node>,
        /// The right side.
        right: Box<Node>,
    },
    /// `l || r`.
    Concat(Box<Node>, Box<Node>),
    /// `x IS NULL`, `x IS NOT NULL`.
    IsNull {
        /// What is asked.
        operand: Box<Node>,
        /// IS NOT NULL.
        negated: bool,
    },
    /// `x IS [NOT] DISTINCT FROM y`.
    Distinct {
        /// The left side.
        left: Box<Node>,
        /// The right side.
        right: Box<Node>,
        /// IS NOT DISTINCT FROM: equal, NULL being equal to NULL.
        negated: bool,
    },
    /// `x LIKE pattern`.
    Like {
        /// What is matched.
        operand: Box<Node>,
        /// The pattern.
        pattern: Box<Node>,
        /// Whether upper and lower case are the same.
        ignore_case: bool,
        /// NOT LIKE.
        negated: bool,
    },
    /// `x IN (values)`; no value at all is FALSE.
    In {
        /// What is looked for.
        operand: Box<Node>,
        /// The type of the values.
        ty: ColumnType,
        /// The values.
        values: Vec<Value>,
        /// NOT IN.
        negated: bool,
    },
    /// `(a, b) IN (rows)`: composite keys.
    InRows {
        /// What is looked for.
        operands: Vec<Node>,
        /// The types of the columns.
        types: Vec<ColumnType>,
        /// The rows.
        rows: Vec<Vec<Value>>,
        /// NOT IN.
        negated: bool,
    },
    /// `x IN (SELECT …)`.
    InSelect {
        /// What is looked for.
        operands: Vec<Node>,
        /// Where it is looked for.
        select: Box<SelectStatement>,
        /// NOT IN.
        negated: bool,
    },
    /// `EXISTS (SELECT …)`.
    Exists(Box<SelectStatement>),
    /// A SELECT of one column as a value.
    Scalar(Box<SelectStatement>),
    /// `a AND b …`; none at all is TRUE.
    And(Vec<Node>),
    /// `a OR b …`; none at all is FALSE.
    Or(Vec<Node>),
    /// `NOT a`.
    Not(Box<Node>),
    /// `x BETWEEN low AND high`.
    Between {
        /// What is asked.
        operand: Box<Node>,
        /// The lowest value that is in.
        low: Box<Node>,
        /// The highest value that is in.
        high: Box<Node>,
    },
    /// An aggregate function.
    Aggregate {
        /// Which one.
        function: AggregateFunction,
        /// What it is over; none is `count(*)`.
        operand: Option<Box<Node>>,
        /// Only different values.
        distinct: bool,
        /// The type of the result, which the SQL must say where the database would give another.
        ty: ColumnType,
    },
    /// Something that can't be said in SQL; the error of the statement that holds it.
    Invalid(&'static str),
    /// A scalar function by its name.
    Function {
        /// The name.
        name: &'static str,
        /// The arguments.
        arguments: Vec<Node>,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonOperator {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// How two numbers are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A function over a group of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateFunction {
    /// How many.
    Count,
    /// The sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The mean.
    Avg,
}
