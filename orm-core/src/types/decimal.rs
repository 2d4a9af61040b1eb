//! `rust_decimal::Decimal`: NUMERIC on PostgreSQL, canonical TEXT on SQLite.
//!
//! NUMERIC's digits are read by `numeric`, because `rust_decimal` rounds silently what does not fit
//! its 96 bits: a value that does not fit exactly is an error.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, numeric_text, oid};
use rust_decimal::Decimal;
use std::str::FromStr;

impl DbType for Decimal {
    const TYPE: ColumnType = ColumnType::Decimal;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Decimal(&self.normalize().to_string()));
    }

    fn decode(cell: Cell<'_>) -> Result<Decimal, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::NUMERIC, bytes } => exact(
                &numeric_text(bytes)
                    .ok_or(Mismatch::value("Decimal", "NaN and infinity have no decimal digits"))?,
            ),
            Cell::Postgres { oid: oid::INT2 | oid::INT4 | oid::INT8, .. } | Cell::Integer(_) => {
                i64::decode(cell).map(Decimal::from)
            }
            Cell::Text(text) => exact(text),
            other => Err(Mismatch::of(other, "Decimal")),
        }
    }

    fn same(&self, other: &Decimal) -> bool {
        self == other
    }
}

fn exact(text: &str) -> Result<Decimal, Mismatch> {
    Decimal::from_str_exact(text).or_else(|_| {
        Decimal::from_str(text).ok().filter(|read| read.to_string() == text).ok_or(Mismatch::value(
            "Decimal",
            "it has more digits than the 28 that the type keeps exactly",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_digits_than_the_type_keeps_are_refused() {
        assert!(exact("0.12345678901234567890123456789012345").is_err());
        assert!(exact("79228162514264337593543950335").is_ok());
        assert!(exact("79228162514264337593543950336").is_err());
    }
}
