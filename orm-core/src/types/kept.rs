//! What can't be kept by every database, told the same by all of them before anything is sent.
//!
//! Drivers ask [`unkept`] for each value they write, parameters of `text()` among them.
//!
//! 1. Text holds no NUL: PostgreSQL can't keep it, and SQLite's functions end the text there. Inside
//!    JSON it is written `\u0000`.
//! 2. JSON is not nested deeper than it can be read back.

use super::ValueRef;

/// The deepest nesting that `serde_json` reads.
const DEEPEST: usize = 127;

/// Why the value is refused, in words that hold nothing of it.
#[must_use]
pub fn unkept(value: ValueRef<'_>) -> Option<&'static str> {
    match value {
        ValueRef::Text(text) => text.as_bytes().contains(&0).then_some(
            "the text holds a NUL character, which databases can't keep; leave it out, or keep \
             the data as bytes (`Vec<u8>`)",
        ),
        ValueRef::Json(json) => unkept_json(json),
        _ => None,
    }
}

fn unkept_json(json: &str) -> Option<&'static str> {
    let (mut depth, mut in_text) = (0_usize, false);
    let mut bytes = json.bytes();
    let mut at = 0;
    while let Some(byte) = bytes.next() {
        at += 1;
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => {
                if json.as_bytes()[at..].starts_with(b"u0000") {
                    return Some(
                        "a text in the JSON holds a NUL character, which databases can't keep; \
                         leave it out",
                    );
                }
                bytes.next();
                at += 1;
            }
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > DEEPEST {
                    return Some("the JSON is nested deeper than 127 levels, too deep to be read");
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            0 => return Some("the JSON holds a NUL character"),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_refused_however_it_is_written() {
        let refused = |value| unkept(value).is_some();
        assert!(refused(ValueRef::Text("a\0b")));
        assert!(!refused(ValueRef::Text(r"a\u0000b")));
        assert!(!refused(ValueRef::Bytes(b"\0")));
        assert!(refused(ValueRef::Json(r#"{"a":"b\u0000"}"#)));
        assert!(refused(ValueRef::Json(r#"{"a\\\u0000":1}"#)));
        assert!(!refused(ValueRef::Json(r#"{"a\\u0000":"\"[[\\"}"#)));
    }

    #[test]
    fn depth_counts_what_is_open() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(unkept(ValueRef::Json(&nested(DEEPEST))), None);
        assert!(unkept(ValueRef::Json(&nested(DEEPEST + 1))).is_some());
        let flat = format!("[{}]", vec!["[]"; 500].join(","));
        assert_eq!(unkept(ValueRef::Json(&flat)), None);
    }
}
