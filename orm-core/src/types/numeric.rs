//! NUMERIC of PostgreSQL, from its binary form to text: no digit is lost. `decimal` reads its values
//! by it, rows of results print theirs.

const SIGN_NEGATIVE: u16 = 0x4000;
const SIGN_POSITIVE: u16 = 0x0000;

/// The decimal text of NUMERIC's binary form: groups of four digits, the weight of the first one,
/// a sign and the number of digits shown behind the point. `None` for NaN and infinities.
#[must_use]
pub fn numeric_text(bytes: &[u8]) -> Option<String> {
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
}
