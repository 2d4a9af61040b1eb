//! `i16`, `i32`, `i64`: read from any integer type of the database whose value fits.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};

macro_rules! integer {
    ($rust:ident, $column:ident, $oid:ident, $name:literal) => {
        impl DbType for $rust {
            const TYPE: ColumnType = ColumnType::$column;

            #[inline]
            fn encode(&self, out: &mut dyn BindWriter) {
                out.put(ValueRef::Int(i64::from(*self)));
            }

            #[inline]
            fn decode(cell: Cell<'_>) -> Result<$rust, Mismatch> {
                if let Cell::Postgres { oid: oid::$oid, bytes } = cell
                    && let Ok(bytes) = bytes.try_into()
                {
                    return Ok($rust::from_be_bytes(bytes));
                }
                $rust::try_from(any_integer(cell, $name)?)
                    .map_err(|_| Mismatch::value($name, "the integer is too large"))
            }

            fn same(&self, other: &$rust) -> bool {
                self == other
            }
        }
    };
}

integer!(i16, SmallInt, INT2, "i16");
integer!(i32, Integer, INT4, "i32");
integer!(i64, BigInt, INT8, "i64");

/// An integer of whatever width the database has.
fn any_integer(cell: Cell<'_>, expected: &'static str) -> Result<i64, Mismatch> {
    match cell {
        Cell::Integer(value) => Ok(value),
        Cell::Postgres { oid: oid::INT2, bytes: &[a, b] } => {
            Ok(i64::from(i16::from_be_bytes([a, b])))
        }
        Cell::Postgres { oid: oid::INT4, bytes: &[a, b, c, d] } => {
            Ok(i64::from(i32::from_be_bytes([a, b, c, d])))
        }
        Cell::Postgres { oid: oid::OID, bytes: &[a, b, c, d] } => {
            Ok(i64::from(u32::from_be_bytes([a, b, c, d])))
        }
        Cell::Postgres { oid: oid::INT8, bytes } => match bytes.try_into() {
            Ok(bytes) => Ok(i64::from_be_bytes(bytes)),
            Err(_) => Err(Mismatch::of(cell, expected)),
        },
        other => Err(Mismatch::of(other, expected)),
    }
}
