//! `String`: read from every textual type of PostgreSQL, enums and domains included.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};

impl DbType for String {
    const TYPE: ColumnType = ColumnType::Text;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Text(self));
    }

    #[inline]
    fn decode(cell: Cell<'_>) -> Result<String, Mismatch> {
        match cell {
            Cell::Postgres { oid, bytes } if is_text(oid) => std::str::from_utf8(bytes)
                .map(str::to_owned)
                .map_err(|_| Mismatch::value("String", "it is not valid UTF-8")),
            Cell::Text(text) => Ok(text.to_owned()),
            other => Err(Mismatch::of(other, "String")),
        }
    }

    fn same(&self, other: &String) -> bool {
        self == other
    }
}

/// Types whose binary form is their text. Types made by users (enums, citext) have numbers from
/// 16384 up and send text too, unless they are composite or arrays, which are no valid UTF-8.
fn is_text(number: u32) -> bool {
    matches!(
        number,
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::CHAR | oid::UNKNOWN | oid::XML
    ) || number >= 16384
}
