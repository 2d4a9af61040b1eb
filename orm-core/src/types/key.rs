//! A primary key with its type erased: what the identity map finds objects by and what a `Ref` holds.
//!
//! Small and quick to hash for the common case, one integer. Within one table keys always have the
//! same shape, so that equality is by stored form.

use super::{BindWriter, ColumnType, DbType, Value, ValueRef, moment};

/// The value of a primary key, or of a foreign key to it; never NULL.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// One integer column.
    Int(i64),
    /// One text column (also canonical decimals).
    Text(Box<str>),
    /// One UUID column.
    Uuid([u8; 16]),
    /// One column of bytes.
    Bytes(Box<[u8]>),
    /// One date, time or timestamp column, counted as it travels.
    Moment(ColumnType, i64),
    /// Several columns, in the order of the key.
    Composite(Box<[Key]>),
}

impl Key {
    /// The key that one value makes; `None` for NULL and for types that can't be keys (floats,
    /// JSON).
    #[must_use]
    #[inline]
    pub fn of(value: ValueRef<'_>) -> Option<Key> {
        Some(match value {
            ValueRef::Bool(v) => Key::Int(i64::from(v)),
            ValueRef::Int(v) => Key::Int(v),
            ValueRef::Text(v) | ValueRef::Decimal(v) => Key::Text(v.into()),
            ValueRef::Bytes(v) => Key::Bytes(v.into()),
            ValueRef::Uuid(v) => Key::Uuid(v),
            ValueRef::Date(v) => Key::Moment(ColumnType::Date, i64::from(v)),
            ValueRef::Time(v) => Key::Moment(ColumnType::Time, v),
            ValueRef::Timestamp(v) => Key::Moment(ColumnType::Timestamp, v),
            ValueRef::TimestampTz(v) => Key::Moment(ColumnType::TimestampTz, v),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Double(_) | ValueRef::Json(_) => {
                return None;
            }
        })
    }

    /// The key of a typed value.
    #[inline]
    pub fn of_value<T: DbType>(value: &T) -> Option<Key> {
        let mut single = SingleKey::default();
        value.encode(&mut single);
        single.0
    }

    /// How many columns the key has.
    pub fn width(&self) -> usize {
        match self {
            Key::Composite(parts) => parts.len(),
            _ => 1,
        }
    }

    /// One column's part of the key.
    pub fn part(&self, index: usize) -> Option<&Key> {
        match self {
            Key::Composite(parts) => parts.get(index),
            single => (index == 0).then_some(single),
        }
    }

    /// Writes one column's part in its neutral form, as a column of type `ty`.
    pub fn encode(&self, part: usize, ty: ColumnType, out: &mut dyn BindWriter) {
        match self.part(part) {
            Some(single) => out.put(single.lend(ty)),
            None => out.put(ValueRef::Null),
        }
    }

    fn lend(&self, ty: ColumnType) -> ValueRef<'_> {
        match self {
            Key::Int(v) if ty == ColumnType::Bool => ValueRef::Bool(*v != 0),
            Key::Int(v) => ValueRef::Int(*v),
            Key::Text(v) if ty == ColumnType::Decimal => ValueRef::Decimal(v),
            Key::Text(v) => ValueRef::Text(v),
            Key::Uuid(v) => ValueRef::Uuid(*v),
            Key::Bytes(v) => ValueRef::Bytes(v),
            Key::Moment(ColumnType::Date, v) => {
                ValueRef::Date(i32::try_from(*v).unwrap_or(i32::MAX))
            }
            Key::Moment(ColumnType::Time, v) => ValueRef::Time(*v),
            Key::Moment(ColumnType::Timestamp, v) => ValueRef::Timestamp(*v),
            Key::Moment(_, v) => ValueRef::TimestampTz(*v),
            Key::Composite(_) => ValueRef::Null,
        }
    }

    /// One column's part as a value that a statement owns.
    pub fn value(&self, part: usize, ty: ColumnType) -> Value {
        self.part(part).map_or(Value::Null, |single| Value::from(single.lend(ty)))
    }
}

/// A key with its values, for the `Debug` of models alone.
pub struct ShownKey<'a>(pub &'a Key);

impl std::fmt::Debug for ShownKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Key::Int(v) => write!(f, "{v}"),
            Key::Text(v) => write!(f, "{v:?}"),
            Key::Uuid(v) => write!(f, "{:032x}", u128::from_be_bytes(*v)),
            Key::Bytes(v) => write!(f, "{v:?}"),
            Key::Moment(ty, v) => match moment_text(*ty, *v) {
                Some(text) => f.write_str(&text),
                None => write!(f, "{v}"),
            },
            Key::Composite(parts) => f.debug_list().entries(parts.iter().map(ShownKey)).finish(),
        }
    }
}

fn moment_text(ty: ColumnType, counted: i64) -> Option<String> {
    match ty {
        ColumnType::Date => moment::date(i32::try_from(counted).ok()?),
        ColumnType::Time => Some(moment::time(counted)),
        _ => moment::timestamp(counted),
    }
}

/// Prints the shape only: a key may be a secret (an e-mail address, a token).
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Int(v) => write!(f, "{v}"),
            Key::Text(_) => f.write_str("text"),
            Key::Uuid(_) => f.write_str("uuid"),
            Key::Bytes(_) => f.write_str("bytes"),
            Key::Moment(..) => f.write_str("moment"),
            Key::Composite(parts) => f.debug_list().entries(parts.iter()).finish(),
        }
    }
}

/// Takes the one part of a key of one column: no list of parts.
#[derive(Default)]
pub struct SingleKey(pub Option<Key>);

impl BindWriter for SingleKey {
    #[inline]
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = Key::of(value);
    }
}

/// Gathers the parts of a key, column by column.
#[derive(Default)]
pub struct KeyParts {
    parts: Vec<Key>,
    missing: bool,
}

impl KeyParts {
    /// Adds one part; `None` is NULL.
    pub fn add(&mut self, part: Option<Key>) {
        match part {
            Some(part) => self.parts.push(part),
            None => self.missing = true,
        }
    }

    /// The key, unless a part was NULL or unset.
    pub fn finish(mut self) -> Option<Key> {
        match (self.missing, self.parts.len()) {
            (true, _) | (_, 0) => None,
            (false, 1) => self.parts.pop(),
            (false, _) => Some(Key::Composite(self.parts.into())),
        }
    }
}

impl BindWriter for KeyParts {
    fn put(&mut self, value: ValueRef<'_>) {
        self.add(Key::of(value));
    }
}
