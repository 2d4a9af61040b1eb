//! A typed expression, and the functions that build nodes for columns and expressions alike.

use super::operand::value_node;
use super::{ListValue, Number, Operand, Predicate, SqlValue};
use crate::statement::{ArithmeticOperator, ComparisonOperator, Node, OrderBy, Ordering};
use crate::types::{DbType, Value};
use std::marker::PhantomData;

/// An expression with values of type `T`.
pub struct Expr<T> {
    pub(crate) node: Node,
    ty: PhantomData<fn() -> T>,
}

impl<T> Expr<T> {
    /// An expression of the type the caller knows the node to have.
    #[doc(hidden)]
    pub fn of(node: Node) -> Expr<T> {
        Expr { node, ty: PhantomData }
    }
}

impl<T> Clone for Expr<T> {
    fn clone(&self) -> Expr<T> {
        Expr::of(self.node.clone())
    }
}

impl<T> std::fmt::Debug for Expr<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.node)
    }
}

impl<T: SqlValue> Expr<T> {
    /// `expression = other`.
    pub fn eq(self, other: impl Operand<T::Base>) -> Predicate {
        compare(self.node, ComparisonOperator::Equal, other.into_node())
    }

    /// `expression <> other`.
    pub fn ne(self, other: impl Operand<T::Base>) -> Predicate {
        compare(self.node, ComparisonOperator::NotEqual, other.into_node())
    }

    /// `expression < other`.
    pub fn lt(self, other: impl Operand<T::Base>) -> Predicate {
        compare(self.node, ComparisonOperator::Less, other.into_node())
    }

    /// `expression <= other`.
    pub fn le(self, other: impl Operand<T::Base>) -> Predicate {
        compare(self.node, ComparisonOperator::LessOrEqual, other.into_node())
    }

    /// `expression > other`.
    pub fn gt(self, other: impl Operand<T::Base>) -> Predicate {
        compare(self.node, ComparisonOperator::Greater, other.into_node())
    }

    /// `expression >= other`.
    pub fn ge(self, other: impl Operand<T::Base>) -> Predicate {
        compare(self.node, ComparisonOperator::GreaterOrEqual, other.into_node())
    }

    /// `expression IS NULL`.
    pub fn is_null(self) -> Predicate {
        is_null(self.node, false)
    }

    /// `expression IS NOT NULL`.
    pub fn is_not_null(self) -> Predicate {
        is_null(self.node, true)
    }

    /// Rising order.
    pub fn asc(self) -> Ordering {
        order(self.node, false)
    }

    /// Falling order.
    pub fn desc(self) -> Ordering {
        order(self.node, true)
    }
}

macro_rules! expr_arithmetic {
    ($($trait:ident $method:ident $operator:ident),*) => {$(
        impl<T: Number, R: Operand<T::Base>> std::ops::$trait<R> for Expr<T> {
            type Output = Expr<T>;

            fn $method(self, other: R) -> Expr<T> {
                arithmetic(self.node, ArithmeticOperator::$operator, other.into_node())
            }
        }
    )*};
}

expr_arithmetic!(Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide);

impl<T> From<Expr<T>> for Ordering {
    fn from(expression: Expr<T>) -> Ordering {
        order(expression.node, false)
    }
}

pub(crate) fn compare(left: Node, operator: ComparisonOperator, right: Node) -> Predicate {
    Predicate::of(Node::Comparison { operator, left: Box::new(left), right: Box::new(right) })
}

pub(crate) fn arithmetic<T>(left: Node, operator: ArithmeticOperator, right: Node) -> Expr<T> {
    Expr::of(Node::Arithmetic { operator, left: Box::new(left), right: Box::new(right) })
}

pub(crate) fn between(operand: Node, low: Node, high: Node) -> Predicate {
    Predicate::of(Node::Between {
        operand: Box::new(operand),
        low: Box::new(low),
        high: Box::new(high),
    })
}

pub(crate) fn is_null(operand: Node, negated: bool) -> Predicate {
    Predicate::of(Node::IsNull { operand: Box::new(operand), negated })
}

pub(crate) fn distinct(left: Node, right: Node, negated: bool) -> Predicate {
    Predicate::of(Node::Distinct { left: Box::new(left), right: Box::new(right), negated })
}

pub(crate) fn optional_value<T: DbType>(value: Option<T>) -> Node {
    match value {
        Some(mut value) => {
            value.round();
            value_node(&value)
        }
        None => Node::Value { ty: T::TYPE, value: Value::Null },
    }
}

pub(crate) fn in_values<T: DbType, V: ListValue<T>>(
    operand: Node,
    values: impl IntoIterator<Item = V>,
    negated: bool,
) -> Predicate {
    let values = values
        .into_iter()
        .map(|value| {
            let mut value: T = value.into_value();
            value.round();
            Value::of(&value)
        })
        .collect();
    Predicate::of(Node::In { operand: Box::new(operand), ty: T::TYPE, values, negated })
}

pub(crate) fn like(operand: Node, pattern: Node, negated: bool) -> Predicate {
    Predicate::of(Node::Like {
        operand: Box::new(operand),
        pattern: Box::new(pattern),
        ignore_case: false,
        negated,
    })
}

/// LIKE with the text's own `%`, `_` and `\` made plain.
pub(crate) fn like_literal(operand: Node, before: &str, text: &str, after: &str) -> Predicate {
    let mut pattern = before.to_owned();
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str(after);
    like(operand, value_node(&pattern), false)
}

pub(crate) fn order(node: Node, descending: bool) -> Ordering {
    Ordering(vec![OrderBy { node, descending, nulls_first: None }])
}

impl Ordering {
    /// NULLs before all values.
    pub fn nulls_first(mut self) -> Ordering {
        self.0.iter_mut().for_each(|term| term.nulls_first = Some(true));
        self
    }

    /// NULLs after all values.
    pub fn nulls_last(mut self) -> Ordering {
        self.0.iter_mut().for_each(|term| term.nulls_first = Some(false));
        self
    }
}
