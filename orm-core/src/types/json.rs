//! `serde_json::Value`: JSONB on PostgreSQL (JSON is read too), TEXT on SQLite.
//!
//! Stored forms are compared structurally; JSON `null` is a value, SQL NULL is `Option::None`.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};
use serde_json::Value;

impl DbType for Value {
    const TYPE: ColumnType = ColumnType::Json;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Json(&self.to_string()));
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
