//! The neutral form of a value on its way to the database, borrowed and owned.
//!
//! It needs no feature: dates and times are counts from 2000-01-01 as PostgreSQL counts them, a
//! UUID is its bytes, JSON and decimals are text. Drivers turn it into what their protocol wants.

use super::ColumnType;

/// A value lent to a [`BindWriter`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any integer; the column's type says how wide it travels.
    Int(i64),
    /// A single-precision number.
    Real(f32),
    /// A double-precision number.
    Double(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Days since 2000-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 2000-01-01 00:00, of no zone.
    Timestamp(i64),
    /// Microseconds since 2000-01-01 00:00 UTC.
    TimestampTz(i64),
    /// The 16 bytes of a UUID.
    Uuid([u8; 16]),
    /// JSON as text.
    Json(&'a str),
    /// A decimal number in canonical text.
    Decimal(&'a str),
}

/// Takes values one by one: a statement's parameters, a key's parts, the log.
pub trait BindWriter {
    /// Takes one value.
    fn put(&mut self, value: ValueRef<'_>);
}

/// A value that a statement owns. `Debug` shows its kind alone, so that a statement or a condition that
/// is printed tells nothing of a row.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// A single-precision number.
    Real(f32),
    /// A double-precision number.
    Double(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Days since 2000-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 2000-01-01 00:00, of no zone.
    Timestamp(i64),
    /// Microseconds since 2000-01-01 00:00 UTC.
    TimestampTz(i64),
    /// The 16 bytes of a UUID.
    Uuid([u8; 16]),
    /// JSON as text.
    Json(String),
    /// A decimal number in canonical text.
    Decimal(String),
    /// Several values of one type.
    Array(ColumnType, Vec<Value>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Value::Null => "Null",
            Value::Bool(_) => "Bool(…)",
            Value::Int(_) => "Int(…)",
            Value::Real(_) => "Real(…)",
            Value::Double(_) => "Double(…)",
            Value::Text(_) => "Text(…)",
            Value::Bytes(_) => "Bytes(…)",
            Value::Date(_) => "Date(…)",
            Value::Time(_) => "Time(…)",
            Value::Timestamp(_) => "Timestamp(…)",
            Value::TimestampTz(_) => "TimestampTz(…)",
            Value::Uuid(_) => "Uuid(…)",
            Value::Json(_) => "Json(…)",
            Value::Decimal(_) => "Decimal(…)",
            Value::Array(..) => "Array(…)",
        })
    }
}

impl Value {
    /// The value of a type in its owned neutral form.
    pub fn of<T: super::DbType>(value: &T) -> Value {
        let mut taken = Value::Null;
        value.encode(&mut Taker(&mut taken));
        taken
    }

    /// The value lent; `None` for an array, which is no single value.
    pub fn lend(&self) -> Option<ValueRef<'_>> {
        Some(match self {
            Value::Null => ValueRef::Null,
            Value::Bool(v) => ValueRef::Bool(*v),
            Value::Int(v) => ValueRef::Int(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Double(v) => ValueRef::Double(*v),
            Value::Text(v) => ValueRef::Text(v),
            Value::Bytes(v) => ValueRef::Bytes(v),
            Value::Date(v) => ValueRef::Date(*v),
            Value::Time(v) => ValueRef::Time(*v),
            Value::Timestamp(v) => ValueRef::Timestamp(*v),
            Value::TimestampTz(v) => ValueRef::TimestampTz(*v),
            Value::Uuid(v) => ValueRef::Uuid(*v),
            Value::Json(v) => ValueRef::Json(v),
            Value::Decimal(v) => ValueRef::Decimal(v),
            Value::Array(..) => return None,
        })
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Value {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Bool(v) => Value::Bool(v),
            ValueRef::Int(v) => Value::Int(v),
            ValueRef::Real(v) => Value::Real(v),
            ValueRef::Double(v) => Value::Double(v),
            ValueRef::Text(v) => Value::Text(v.to_owned()),
            ValueRef::Bytes(v) => Value::Bytes(v.to_owned()),
            ValueRef::Date(v) => Value::Date(v),
            ValueRef::Time(v) => Value::Time(v),
            ValueRef::Timestamp(v) => Value::Timestamp(v),
            ValueRef::TimestampTz(v) => Value::TimestampTz(v),
            ValueRef::Uuid(v) => Value::Uuid(v),
            ValueRef::Json(v) => Value::Json(v.to_owned()),
            ValueRef::Decimal(v) => Value::Decimal(v.to_owned()),
        }
    }
}

/// Keeps the last value put.
struct Taker<'a>(&'a mut Value);

impl BindWriter for Taker<'_> {
    fn put(&mut self, value: ValueRef<'_>) {
        *self.0 = Value::from(value);
    }
}

/// A value as the log shows it: text in quotes and cut, times as text, bytes as their number.
impl std::fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use super::moment;
        let shown = match self {
            ValueRef::Null => return f.write_str("NULL"),
            ValueRef::Bool(v) => return write!(f, "{v}"),
            ValueRef::Int(v) => return write!(f, "{v}"),
            ValueRef::Real(v) => return write!(f, "{v}"),
            ValueRef::Double(v) => return write!(f, "{v}"),
            ValueRef::Decimal(v) => return f.write_str(v),
            ValueRef::Bytes(v) => return write!(f, "<{} bytes>", v.len()),
            ValueRef::Text(v) | ValueRef::Json(v) => return write!(f, "{:?}", shortened(v)),
            ValueRef::Uuid(v) => return write!(f, "'{}'", uuid_text(v)),
            ValueRef::Date(days) => moment::date(*days),
            ValueRef::Time(micros) => Some(moment::time(*micros)),
            ValueRef::Timestamp(micros) => moment::timestamp(*micros),
            ValueRef::TimestampTz(micros) => moment::timestamp(*micros).map(|text| text + "+00"),
        };
        write!(f, "'{}'", shown.as_deref().unwrap_or("beyond the years 0000 to 9999"))
    }
}

/// The first 300 characters, as the log shows them.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

/// The hyphenated text of a UUID.
pub fn uuid_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
