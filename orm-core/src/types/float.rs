//! `f32` and `f64`. Equality of stored forms is by bits: NaN equals itself, 0.0 is not -0.0.
//!
//! SQLite stores NaN as NULL, so that a driver refuses to bind it there.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};

impl DbType for f32 {
    const TYPE: ColumnType = ColumnType::Real;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Real(*self));
    }

    // SQLite keeps doubles only: a value written as f32 comes back as the same f32
    #[allow(clippy::cast_possible_truncation)]
    fn decode(cell: Cell<'_>) -> Result<f32, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::FLOAT4, bytes: &[a, b, c, d] } => {
                Ok(f32::from_be_bytes([a, b, c, d]))
            }
            Cell::Real(value) => Ok(value as f32),
            Cell::Integer(value) => i16::try_from(value)
                .map(f32::from)
                .map_err(|_| Mismatch::value("f32", "the integer is too large to be exact")),
            other => Err(Mismatch::of(other, "f32")),
        }
    }

    fn same(&self, other: &f32) -> bool {
        self.to_bits() == other.to_bits()
    }
}

impl DbType for f64 {
    const TYPE: ColumnType = ColumnType::Double;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Double(*self));
    }

    fn decode(cell: Cell<'_>) -> Result<f64, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::FLOAT8, bytes } => match bytes.try_into() {
                Ok(bytes) => Ok(f64::from_be_bytes(bytes)),
                Err(_) => Err(Mismatch::of(cell, "f64")),
            },
            Cell::Postgres { oid: oid::FLOAT4, bytes: &[a, b, c, d] } => {
                Ok(f64::from(f32::from_be_bytes([a, b, c, d])))
            }
            Cell::Real(value) => Ok(value),
            Cell::Integer(value) => i32::try_from(value)
                .map(f64::from)
                .map_err(|_| Mismatch::value("f64", "the integer is too large to be exact")),
            other => Err(Mismatch::of(other, "f64")),
        }
    }

    fn same(&self, other: &f64) -> bool {
        self.to_bits() == other.to_bits()
    }
}
