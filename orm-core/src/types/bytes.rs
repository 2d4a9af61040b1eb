//! `Vec<u8>`: BYTEA on PostgreSQL, BLOB on SQLite.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};

impl DbType for Vec<u8> {
    const TYPE: ColumnType = ColumnType::Bytes;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Bytes(self));
    }

    fn decode(cell: Cell<'_>) -> Result<Vec<u8>, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::BYTEA, bytes } | Cell::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(Mismatch::of(other, "Vec<u8>")),
        }
    }

    fn same(&self, other: &Vec<u8>) -> bool {
        self == other
    }
}
