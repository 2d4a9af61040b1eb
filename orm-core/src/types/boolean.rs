//! `bool`: BOOLEAN on PostgreSQL, 0/1 on SQLite.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};

impl DbType for bool {
    const TYPE: ColumnType = ColumnType::Bool;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Bool(*self));
    }

    fn decode(cell: Cell<'_>) -> Result<bool, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::BOOL, bytes: [byte] } => Ok(*byte != 0),
            Cell::Integer(0) => Ok(false),
            Cell::Integer(1) => Ok(true),
            Cell::Integer(_) => Err(Mismatch::value("bool", "an integer other than 0 and 1")),
            other => Err(Mismatch::of(other, "bool")),
        }
    }

    fn same(&self, other: &bool) -> bool {
        self == other
    }
}
