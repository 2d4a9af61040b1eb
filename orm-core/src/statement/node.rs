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
    /// A column of a SELECT in FROM that is no column of an entity.
    Derived {
        /// The SELECT's name.
        source: Source,
        /// The column's.
        name: &'static str,
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

impl Node {
    /// The columns of an entity's primary key.
    pub fn key_of(source: Source) -> Vec<Node> {
        let table = source.table();
        let positions = table.primary_key.iter().map(|&index| table.column(index));
        positions
            .map(|column| {
                let field = u16::try_from(column.field).unwrap_or(u16::MAX);
                let part = u16::try_from(column.part).unwrap_or(u16::MAX);
                Node::Column(ColumnRef { source, field, part })
            })
            .collect()
    }

    /// Calls `found` with the source of each column, those of subqueries left out.
    pub fn sources(&self, found: &mut dyn FnMut(Source)) {
        if let Node::Column(column) = self {
            found(column.source);
        }
        if let Node::Derived { source, .. } = self {
            found(*source);
        }
        self.children(&mut |child| child.sources(found));
    }

    /// Whether an aggregate function stands in it.
    pub fn has_aggregate(&self) -> bool {
        let mut found = matches!(self, Node::Aggregate { .. });
        self.children(&mut |child| found |= child.has_aggregate());
        found
    }

    /// Calls `visit` with each direct part, those of subqueries left out.
    pub fn children(&self, visit: &mut dyn FnMut(&Node)) {
        match self {
            Node::Column(_)
            | Node::Value { .. }
            | Node::ObjectKey { .. }
            | Node::Exists(_)
            | Node::Scalar(_)
            | Node::Derived { .. }
            | Node::Invalid(_) => {}
            Node::Comparison { left, right, .. }
            | Node::Arithmetic { left, right, .. }
            | Node::Distinct { left, right, .. }
            | Node::Concat(left, right) => {
                visit(left);
                visit(right);
            }
            Node::IsNull { operand, .. } | Node::In { operand, .. } | Node::Not(operand) => {
                visit(operand);
            }
            Node::Like { operand, pattern, .. } => {
                visit(operand);
                visit(pattern);
            }
            Node::Between { operand, low, high } => {
                visit(operand);
                visit(low);
                visit(high);
            }
            Node::InRows { operands: nodes, .. }
            | Node::InSelect { operands: nodes, .. }
            | Node::And(nodes)
            | Node::Or(nodes)
            | Node::Function { arguments: nodes, .. } => nodes.iter().for_each(visit),
            Node::Aggregate { operand, .. } => operand.iter().for_each(|node| visit(node)),
        }
    }
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
