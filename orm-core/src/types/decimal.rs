//! `rust_decimal::Decimal`: NUMERIC on PostgreSQL, canonical TEXT on SQLite.
//!
//! NUMERIC's digits are decoded here, because `rust_decimal` rounds silently what does not fit its
//! 96 bits: a value that does not fit exactly is an error.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};
use rust_decimal::Decimal;
use std::str::FromStr;

const SIGN_NEGATIVE: u16 = 0x4000;
const SIGN_POSITIVE: u16 = 0x0000;

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

/// The decimal text of NUMERIC's binary form: groups of four digits, the weight of the first one,
/// a sign and the number of digits shown behind the point. `None` for NaN and infinities.
fn numeric_text(bytes: &[u8]) -> Option<String> {
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let groups = usize::from(words.next()?);
    let weight = i32::from(words.next()?.cast_signed());
    let sign = words.next()?;
    let scale = usize::from(words.next()?);
    if sign != SIGN_POSITIVE && sign != SIGN_NEGATIVE {
        return None;
    }
    let digits: Vec<u16> = words.take(groups).collect();
    let group = |power: i32| {
        usize::try_from(weight - power).ok().and_then(|at| digits.get(at)).copied().unwrap_or(0)
    };
    let mut text = String::new();
    for power in (0..=weight.max(0)).rev() {
        text.push_str(&format!("{:04}", group(power)));
    }
    let whole = text.trim_start_matches('0');
    let mut text = if whole.is_empty() { "0".to_owned() } else { whole.to_owned() };
    if scale > 0 {
        let mut fraction = String::new();
        let mut power = -1;
        while fraction.len() < scale {
            fraction.push_str(&format!("{:04}", group(power)));
            power -= 1;
        }
        fraction.truncate(scale);
        text = format!("{text}.{fraction}");
    }
    if sign == SIGN_NEGATIVE {
        text.insert(0, '-');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).expect("few digits");
        [count, weight.cast_unsigned(), sign, scale]
            .iter()
            .chain(digits)
            .flat_map(|word| word.to_be_bytes())
            .collect()
    }

    #[test]
    fn numeric_digits_become_text() {
        assert_eq!(numeric_text(&numeric(0, 0, 2, &[12, 3400])).as_deref(), Some("12.34"));
        assert_eq!(numeric_text(&numeric(-1, SIGN_NEGATIVE, 4, &[1])).as_deref(), Some("-0.0001"));
        assert_eq!(numeric_text(&numeric(1, 0, 0, &[1])).as_deref(), Some("10000"));
        assert_eq!(numeric_text(&numeric(0, 0, 3, &[])).as_deref(), Some("0.000"));
        assert_eq!(numeric_text(&numeric(0, 0xC000, 0, &[])), None);
    }

    #[test]
    fn more_digits_than_the_type_keeps_are_refused() {
        assert!(exact("0.12345678901234567890123456789012345").is_err());
        assert!(exact("79228162514264337593543950335").is_ok());
        assert!(exact("79228162514264337593543950336").is_err());
    }
}
