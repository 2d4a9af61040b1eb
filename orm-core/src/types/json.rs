//! `serde_json::Value`: JSONB on PostgreSQL (JSON is read too), TEXT on SQLite.
//!
//! Stored forms are compared structurally; JSON `null` is a value, SQL NULL is `Option::None`.
//! A large float (`1e17`) is written with its digits and `.0`: PostgreSQL would answer the digits
//! alone, which read as an integer.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};
use serde_json::{Number, Value};

impl DbType for Value {
    const TYPE: ColumnType = ColumnType::Json;

    fn encode(&self, out: &mut dyn BindWriter) {
        if holds_large_float(self) {
            let mut text = String::new();
            write(self, &mut text);
            out.put(ValueRef::Json(&text));
        } else {
            out.put(ValueRef::Json(&self.to_string()));
        }
    }

    fn decode(cell: Cell<'_>) -> Result<Value, Mismatch> {
        let bytes = match cell {
            Cell::Postgres { oid: oid::JSONB, bytes: [1, bytes @ ..] }
            | Cell::Postgres { oid: oid::JSON, bytes } => bytes,
            Cell::Text(text) => text.as_bytes(),
            other => return Err(Mismatch::of(other, "serde_json::Value")),
        };
        serde_json::from_slice(bytes)
            .map_err(|_| Mismatch::value("serde_json::Value", "it is not valid JSON"))
    }

    fn same(&self, other: &Value) -> bool {
        self == other
    }
}

/// Whether a float is in it that would be written with an exponent.
fn holds_large_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => large(number).is_some(),
        Value::Array(values) => values.iter().any(holds_large_float),
        Value::Object(fields) => fields.values().any(holds_large_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn large(number: &Number) -> Option<f64> {
    number.as_f64().filter(|float| number.is_f64() && float.abs() >= 1e16)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => match large(number) {
            Some(float) => text.push_str(&format!("{float}.0")),
            None => text.push_str(&number.to_string()),
        },
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write(value, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn large_floats_stay_floats() {
        for value in [json!(1e16), json!(-1e17), json!(f64::MAX), json!({"a\"": [1e300, 1, "x"]})] {
            let mut text = String::new();
            write(&value, &mut text);
            assert!(!text.contains('e') && text.contains(".0"), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
        }
    }

    #[test]
    fn other_numbers_are_left_to_the_library() {
        assert!(!holds_large_float(&json!([1, u64::MAX, i64::MIN, 0.1, 5e-324, null])));
    }
}
