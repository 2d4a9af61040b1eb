//! NUMERIC's binary form from decimal text: groups of four digits around the point.

/// Writes the number: count of groups, weight of the first, sign, digits behind the point, groups.
/// `None` if the text is no plain decimal number, or has more digits than NUMERIC holds.
pub(super) fn write(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let scale = i16::try_from(fraction.len()).ok()?;
    let whole = whole.trim_start_matches('0');
    let mut groups: Vec<u16> = Vec::with_capacity((whole.len() + fraction.len()) / 4 + 2);
    let first = whole.len() % 4;
    if first > 0 {
        groups.push(group(&whole.as_bytes()[..first]));
    }
    groups.extend(whole.as_bytes()[first..].chunks(4).map(group));
    let mut weight = i16::try_from(groups.len()).ok()? - 1;
    groups.extend(
        fraction
            .as_bytes()
            .chunks(4)
            .map(|chunk| group(chunk) * 10_u16.pow(4 - u32::try_from(chunk.len()).unwrap_or(4))),
    );
    let leading = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..leading);
    weight -= i16::try_from(leading).ok()?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    let sign: u16 = if negative && !groups.is_empty() { 0x4000 } else { 0 };
    out.extend_from_slice(&i16::try_from(groups.len()).ok()?.to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&scale.to_be_bytes());
    for group in groups {
        out.extend_from_slice(&group.to_be_bytes());
    }
    Some(())
}

/// Up to four digits as a number.
fn group(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<Vec<i16>> {
        let mut out = Vec::new();
        write(text, &mut out)?;
        Some(out.chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect())
    }

    #[test]
    fn digits_become_groups_of_four() {
        assert_eq!(words("12.34"), Some(vec![2, 0, 0, 2, 12, 3400]));
        assert_eq!(words("-0.0001"), Some(vec![1, -1, 0x4000, 4, 1]));
        assert_eq!(words("10000"), Some(vec![1, 1, 0, 0, 1]));
        assert_eq!(words("0.000"), Some(vec![0, 0, 0, 3]));
        assert_eq!(words("-0"), Some(vec![0, 0, 0, 0]));
        assert_eq!(words("123456789.5"), Some(vec![4, 2, 0, 1, 1, 2345, 6789, 5000]));
        assert_eq!(words("0.00001"), Some(vec![1, -2, 0, 5, 1000]));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", ".", "1e5", "NaN", "1.2.3", "--1", "1 "] {
            assert_eq!(words(text), None, "{text}");
        }
    }
}
