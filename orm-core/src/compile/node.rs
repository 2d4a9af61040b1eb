//! Expressions. Every operand that is more than a name or a value stands in parentheses, so that
//! precedence never decides.

use super::{SqlWriter, list, rank, scope, select};
use crate::error::{Error, ErrorKind, Result};
use crate::statement::{
    AggregateFunction, ArithmeticOperator, ColumnRef, ComparisonOperator, Node,
};
use crate::types::{ColumnType, EnumType};

/// Writes an expression.
// one arm per kind of node: a list to look things up in
#[allow(clippy::too_many_lines)]
pub(super) fn write(writer: &mut SqlWriter<'_>, node: &Node) -> Result<()> {
    match node {
        Node::Column(reference) => column(writer, *reference)?,
        Node::Value { ty, value } => writer.value(*ty, value.clone()),
        Node::ObjectKey { handle, source, part } => {
            let key = (writer.resolve)(*handle, source.model)?;
            let table = source.table();
            let index = table.primary_key.get(*part).copied().unwrap_or_default();
            let ty = table.column(index).ty;
            writer.value(ty, key.value(*part, ty));
        }
        Node::Comparison { operator, left, right } => {
            let ranked = if is_of_order(*operator) { rank::of(writer, left) } else { None };
            write_ranked(writer, left, ranked)?;
            cast_beside(writer, left, right);
            writer.push(comparison(*operator));
            write_ranked(writer, right, ranked)?;
            cast_beside(writer, right, left);
        }
        Node::Arithmetic { operator, left, right } => {
            if let Some(decimal) = [left, right].into_iter().find(|node| is_decimal(node))
                && !writer.dialect.features.decimal_arithmetic
            {
                return Err(no_decimals(writer, "arithmetic", Some(&**decimal)));
            }
            binary(writer, left, arithmetic(*operator), right)?;
        }
        Node::Concat(left, right) => binary(writer, left, " || ", right)?,
        Node::IsNull { operand, negated } => {
            write_operand(writer, operand)?;
            writer.push(if *negated { " IS NOT NULL" } else { " IS NULL" });
        }
        Node::Distinct { left, right, negated } => {
            let operator = if *negated { " IS NOT DISTINCT FROM " } else { " IS DISTINCT FROM " };
            write_operand(writer, left)?;
            cast_beside(writer, left, right);
            writer.push(operator);
            write_operand(writer, right)?;
            cast_beside(writer, right, left);
        }
        Node::Like { operand, pattern, ignore_case, negated } => {
            like(writer, operand, pattern, *ignore_case, *negated)?;
        }
        Node::In { operand, ty, values, negated } => {
            list::write_in(writer, operand, *ty, values, *negated)?;
        }
        Node::InRows { operands, types, rows, negated } => {
            list::write_in_rows(writer, operands, types, rows, *negated)?;
        }
        Node::InSelect { operands, select, negated } => {
            writer.push("(");
            writer.separated(operands, ", ", write)?;
            writer.push(if *negated { ") NOT IN (" } else { ") IN (" });
            select::write(writer, select)?;
            writer.push(")");
        }
        Node::Exists(select) => {
            writer.push("EXISTS (");
            select::write(writer, select)?;
            writer.push(")");
        }
        Node::Scalar(select) => {
            writer.push("(");
            select::write(writer, select)?;
            writer.push(")");
        }
        Node::And(nodes) => joined(writer, nodes, " AND ", "TRUE")?,
        Node::Or(nodes) => joined(writer, nodes, " OR ", "FALSE")?,
        Node::Not(operand) => {
            writer.push("NOT ");
            write_operand(writer, operand)?;
        }
        Node::Between { operand, low, high } => {
            let ranked = rank::of(writer, operand);
            write_ranked(writer, operand, ranked)?;
            writer.push(" BETWEEN ");
            write_ranked(writer, low, ranked)?;
            cast_beside(writer, low, operand);
            writer.push(" AND ");
            write_ranked(writer, high, ranked)?;
            cast_beside(writer, high, operand);
        }
        Node::Aggregate { function, operand, distinct, ty } => {
            aggregate(writer, *function, operand.as_deref(), *distinct, *ty)?;
        }
        Node::Function { name, arguments } => {
            writer.push(name);
            writer.push("(");
            writer.separated(arguments, ", ", write)?;
            writer.push(")");
        }
        Node::Derived { source, name } => {
            writer.identifier(source.name());
            writer.push(".");
            writer.identifier(name);
        }
        Node::Invalid(why) => {
            return Err(Error::new(ErrorKind::InvalidStatement, *why));
        }
    }
    Ok(())
}

/// Writes an expression as part of another one.
pub(super) fn write_operand(writer: &mut SqlWriter<'_>, node: &Node) -> Result<()> {
    let simple = match node {
        Node::Column(_)
        | Node::Value { .. }
        | Node::ObjectKey { .. }
        | Node::Exists(_)
        | Node::Scalar(_)
        | Node::Aggregate { .. }
        | Node::Function { .. }
        | Node::Derived { .. }
        | Node::Invalid(_) => true,
        Node::And(nodes) | Node::Or(nodes) => nodes.is_empty(),
        Node::Comparison { .. }
        | Node::Arithmetic { .. }
        | Node::Concat(..)
        | Node::IsNull { .. }
        | Node::Distinct { .. }
        | Node::Like { .. }
        | Node::In { .. }
        | Node::InRows { .. }
        | Node::InSelect { .. }
        | Node::Not(_)
        | Node::Between { .. } => false,
    };
    if simple {
        return write(writer, node);
    }
    writer.push("(");
    write(writer, node)?;
    writer.push(")");
    Ok(())
}

/// Casts a value just written to the type of the column that it is compared with or assigned to.
pub(super) fn cast_beside(writer: &mut SqlWriter<'_>, written: &Node, beside: &Node) {
    if let (Node::Value { .. } | Node::ObjectKey { .. }, Node::Column(reference)) =
        (written, beside)
    {
        writer.cast_to(reference.column(), false);
    }
}

pub(super) fn column(writer: &mut SqlWriter<'_>, reference: ColumnRef) -> Result<()> {
    let Some(column) = reference.column() else {
        return Err(Error::new(
            ErrorKind::InvalidStatement,
            format!("`{}` has no such column", reference.source.model.name),
        ));
    };
    writer.identifier(reference.source.name());
    writer.push(".");
    writer.identifier(&column.name);
    writer.as_integer(column);
    Ok(())
}

fn binary(writer: &mut SqlWriter<'_>, left: &Node, operator: &str, right: &Node) -> Result<()> {
    write_operand(writer, left)?;
    writer.push(operator);
    write_operand(writer, right)
}

/// The most operands that are written side by side: databases read them as a tree of that depth.
const MOST_SIDE_BY_SIDE: usize = 200;

/// `a AND b …`; very many are written as a tree that is no deeper than it must be.
pub(super) fn joined(
    writer: &mut SqlWriter<'_>,
    nodes: &[Node],
    between: &str,
    none: &str,
) -> Result<()> {
    match nodes {
        [] => writer.push(none),
        [only] => write(writer, only)?,
        many if many.len() > MOST_SIDE_BY_SIDE => {
            let (first, second) = many.split_at(many.len() / 2);
            for (index, half) in [first, second].into_iter().enumerate() {
                writer.push(if index == 0 { "(" } else { between });
                writer.push(if index == 0 { "" } else { "(" });
                joined(writer, half, between, none)?;
                writer.push(")");
            }
        }
        several => writer.separated(several, between, write_operand)?,
    }
    Ok(())
}

/// Writes an operand, or its place among the labels of an enum that the database knows as text.
fn write_ranked(writer: &mut SqlWriter<'_>, node: &Node, ranked: Option<&EnumType>) -> Result<()> {
    match ranked {
        None => write_operand(writer, node),
        Some(ty) => {
            writer.push("(");
            rank::write(writer, ty, |writer| write_operand(writer, node))?;
            writer.push(")");
            Ok(())
        }
    }
}

fn is_of_order(operator: ComparisonOperator) -> bool {
    match operator {
        ComparisonOperator::Equal | ComparisonOperator::NotEqual => false,
        ComparisonOperator::Less
        | ComparisonOperator::LessOrEqual
        | ComparisonOperator::Greater
        | ComparisonOperator::GreaterOrEqual => true,
    }
}

fn comparison(operator: ComparisonOperator) -> &'static str {
    match operator {
        ComparisonOperator::Equal => " = ",
        ComparisonOperator::NotEqual => " <> ",
        ComparisonOperator::Less => " < ",
        ComparisonOperator::LessOrEqual => " <= ",
        ComparisonOperator::Greater => " > ",
        ComparisonOperator::GreaterOrEqual => " >= ",
    }
}

fn arithmetic(operator: ArithmeticOperator) -> &'static str {
    match operator {
        ArithmeticOperator::Add => " + ",
        ArithmeticOperator::Subtract => " - ",
        ArithmeticOperator::Multiply => " * ",
        ArithmeticOperator::Divide => " / ",
    }
}

fn is_decimal(node: &Node) -> bool {
    match node {
        Node::Column(reference) => {
            reference.column().is_some_and(|column| column.ty == ColumnType::Decimal)
        }
        Node::Value { ty, .. } => *ty == ColumnType::Decimal,
        other => {
            let mut found = false;
            other.children(&mut |child| found |= is_decimal(child));
            found
        }
    }
}

/// LIKE as POSIX has it: upper and lower case differ, backslash escapes. Drivers of databases that
/// see it otherwise switch case on; the escape is written.
fn like(
    writer: &mut SqlWriter<'_>,
    operand: &Node,
    pattern: &Node,
    ignore_case: bool,
    negated: bool,
) -> Result<()> {
    let posix = writer.dialect.features.like_is_posix;
    if ignore_case && !posix {
        return Err(writer.unsupported("LIKE that ignores case"));
    }
    write_operand(writer, operand)?;
    writer.push(if negated { " NOT" } else { "" });
    writer.push(if ignore_case { " ILIKE " } else { " LIKE " });
    write_operand(writer, pattern)?;
    if !posix {
        writer.push(" ESCAPE '\\'");
    }
    Ok(())
}

/// The error where decimals are text.
fn no_decimals(writer: &SqlWriter<'_>, what: &str, of: Option<&Node>) -> Error {
    let of = of.map_or_else(|| "decimals".to_owned(), scope::named);
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "{} has no arithmetic of decimals, and this is `{what}` of {of}; read the values and reckon \
             in the program, or store an integer (cents), which every database adds up",
            writer.dialect.name
        ),
    )
}

/// An aggregate; sums and means are cast, because their type in SQL is not the one promised.
fn aggregate(
    writer: &mut SqlWriter<'_>,
    function: AggregateFunction,
    operand: Option<&Node>,
    distinct: bool,
    ty: ColumnType,
) -> Result<()> {
    let (name, cast) = match function {
        AggregateFunction::Count => ("count", false),
        AggregateFunction::Min => ("min", false),
        AggregateFunction::Max => ("max", false),
        AggregateFunction::Sum => ("sum", true),
        AggregateFunction::Avg => ("avg", true),
    };
    if cast && ty == ColumnType::Decimal && !writer.dialect.features.decimal_arithmetic {
        return Err(no_decimals(writer, name, operand));
    }
    if matches!(function, AggregateFunction::Min | AggregateFunction::Max) && !has_extremes(ty) {
        return Err(Error::new(
            ErrorKind::InvalidStatement,
            format!(
                "{} has no least and no greatest value in SQL; sort by it and take the first",
                operand.map_or_else(|| "this".to_owned(), scope::named)
            ),
        ));
    }
    let extreme = matches!(function, AggregateFunction::Min | AggregateFunction::Max);
    let ranked = operand.filter(|_| extreme).and_then(|node| rank::of(writer, node));
    if let (Some(ty), Some(node)) = (ranked, operand) {
        return rank::write_label(writer, ty, |writer| {
            writer.push(name);
            writer.push("(");
            rank::write(writer, ty, |writer| write_operand(writer, node))?;
            writer.push(")");
            Ok(())
        });
    }
    if cast {
        writer.push("CAST(");
    }
    writer.push(name);
    writer.push(if distinct { "(DISTINCT " } else { "(" });
    match operand {
        Some(node) => write(writer, node)?,
        None => writer.push("*"),
    }
    writer.push(")");
    if cast {
        let name = (writer.dialect.type_name)(ty, None);
        writer.push(" AS ");
        writer.push(&name);
        writer.push(")");
    }
    Ok(())
}

/// Types that `min` and `max` are over on every database.
fn has_extremes(ty: ColumnType) -> bool {
    match ty {
        ColumnType::Bool | ColumnType::Bytes | ColumnType::Uuid | ColumnType::Json => false,
        ColumnType::SmallInt
        | ColumnType::Integer
        | ColumnType::BigInt
        | ColumnType::Real
        | ColumnType::Double
        | ColumnType::Text
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::Timestamp
        | ColumnType::TimestampTz
        | ColumnType::Enum(_)
        | ColumnType::Decimal => true,
    }
}
