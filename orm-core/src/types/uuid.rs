//! `uuid::Uuid`: UUID on PostgreSQL, a BLOB of 16 bytes on SQLite.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};
use uuid::Uuid;

impl DbType for Uuid {
    const TYPE: ColumnType = ColumnType::Uuid;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Uuid(*self.as_bytes()));
    }

    fn decode(cell: Cell<'_>) -> Result<Uuid, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::UUID, bytes } | Cell::Blob(bytes) => {
                Uuid::from_slice(bytes).map_err(|_| Mismatch::value("Uuid", "it has not 16 bytes"))
            }
            other => Err(Mismatch::of(other, "Uuid")),
        }
    }

    fn same(&self, other: &Uuid) -> bool {
        self == other
    }
}
