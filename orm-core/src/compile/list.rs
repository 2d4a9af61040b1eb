//! Lists of values: one array parameter, one JSON parameter, or one parameter per value.
//!
//! 1. With array parameters: `x = ANY($1)`, `x <> ALL($1)`; the text does not depend on the length,
//!    an empty list is false (or true for the negation).
//! 2. Without: `x IN (SELECT value FROM json_each(?1))` for values that JSON holds exactly, else
//!    one placeholder per value.

use super::{SqlWriter, node};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Column;
use crate::statement::Node;
use crate::types::{ColumnType, Value, moment};

/// The most placeholders of one statement that every SQLite of our range takes.
const MOST_PLACEHOLDERS: usize = 32_766;

pub(super) fn write_in(
    writer: &mut SqlWriter<'_>,
    operand: &Node,
    ty: ColumnType,
    values: &[Value],
    negated: bool,
) -> Result<()> {
    if writer.dialect.features.array_parameters {
        node::write_operand(writer, operand)?;
        writer.push(if negated { " <> ALL(" } else { " = ANY(" });
        writer.value(ty, Value::Array(ty, values.to_vec()));
        writer.cast_to(column_of(operand), true);
        writer.push(")");
        return Ok(());
    }
    if values.is_empty() {
        writer.push(if negated { "TRUE" } else { "FALSE" });
        return Ok(());
    }
    node::write_operand(writer, operand)?;
    writer.push(if negated { " NOT IN (" } else { " IN (" });
    match json_list(values) {
        Some(json) => {
            writer.push("SELECT value FROM json_each(");
            writer.value(ColumnType::Text, Value::Text(json));
            writer.push(")");
        }
        None if values.len() > MOST_PLACEHOLDERS => return Err(too_long(values.len())),
        None => writer.separated(values, ", ", |writer, value| {
            writer.value(ty, value.clone());
            Ok(())
        })?,
    }
    writer.push(")");
    Ok(())
}

/// `(a, b) IN (rows)`.
pub(super) fn write_in_rows(
    writer: &mut SqlWriter<'_>,
    operands: &[Node],
    types: &[ColumnType],
    rows: &[Vec<Value>],
    negated: bool,
) -> Result<()> {
    if rows.is_empty() {
        writer.push(if negated { "TRUE" } else { "FALSE" });
        return Ok(());
    }
    writer.push("(");
    writer.separated(operands, ", ", node::write)?;
    writer.push(if negated { ") NOT IN (" } else { ") IN (" });
    if writer.dialect.features.array_parameters {
        writer.push("SELECT * FROM unnest(");
        writer.separated(types.iter().enumerate(), ", ", |writer, (index, &ty)| {
            let column = rows.iter().map(|row| row.get(index).cloned().unwrap_or(Value::Null));
            let cast = (writer.dialect.type_name)(ty, None);
            writer.value(ty, Value::Array(ty, column.collect()));
            writer.push("::");
            writer.push(&cast);
            writer.push("[]");
            writer.cast_to(operands.get(index).and_then(column_of), true);
            Ok(())
        })?;
        writer.push(")");
    } else {
        if rows.len() * types.len() > MOST_PLACEHOLDERS {
            return Err(too_long(rows.len() * types.len()));
        }
        writer.push("VALUES ");
        writer.separated(rows, ", ", |writer, row| {
            writer.push("(");
            writer.separated(row.iter().zip(types), ", ", |writer, (value, &ty)| {
                writer.value(ty, value.clone());
                Ok(())
            })?;
            writer.push(")");
            Ok(())
        })?;
    }
    writer.push(")");
    Ok(())
}

/// The column that values are looked for in.
fn column_of(operand: &Node) -> Option<&'static Column> {
    match operand {
        Node::Column(reference) => reference.column(),
        _ => None,
    }
}

fn too_long(length: usize) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "a list of {length} values is too long for this database, which takes \
             {MOST_PLACEHOLDERS}; split it"
        ),
    )
}

/// The list as a JSON array whose elements come out as they are stored; `None` where JSON would
/// not keep them exactly.
fn json_list(values: &[Value]) -> Option<String> {
    let mut json = String::from("[");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        match value {
            Value::Null => json.push_str("null"),
            Value::Bool(value) => json.push_str(if *value { "1" } else { "0" }),
            Value::Int(value) => json.push_str(&value.to_string()),
            Value::Text(value) | Value::Decimal(value) => push_json_text(&mut json, value)?,
            Value::Date(days) => push_json_text(&mut json, &moment::date(*days)?)?,
            Value::Time(micros) => push_json_text(&mut json, &moment::time(*micros))?,
            Value::Timestamp(micros) | Value::TimestampTz(micros) => {
                push_json_text(&mut json, &moment::timestamp(*micros)?)?;
            }
            Value::Real(_)
            | Value::Double(_)
            | Value::Bytes(_)
            | Value::Uuid(_)
            | Value::Json(_)
            | Value::Array(..) => return None,
        }
    }
    json.push(']');
    Some(json)
}

/// A JSON string; `None` for text with NUL, at which SQLite's JSON ends.
fn push_json_text(json: &mut String, text: &str) -> Option<()> {
    json.push('"');
    for character in text.chars() {
        match character {
            '\0' => return None,
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => {
                json.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
    Some(())
}
