//! One value as a driver lends it: not copied, not yet understood.

use super::{Value, moment};
use std::fmt;

/// A borrowed value of a result row.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// PostgreSQL's binary form and the type it has there.
    Postgres {
        /// The type's number in `pg_type`.
        oid: u32,
        /// The value, as the protocol's binary format writes it.
        bytes: &'a [u8],
    },
    /// INTEGER of SQLite.
    Integer(i64),
    /// REAL of SQLite.
    Real(f64),
    /// TEXT of SQLite.
    Text(&'a str),
    /// BLOB of SQLite.
    Blob(&'a [u8]),
}

impl Cell<'_> {
    /// The value, kept for when the row is gone.
    #[must_use]
    pub fn keep(self) -> KeptCell {
        match self {
            Cell::Null => KeptCell::Null,
            Cell::Postgres { oid, bytes } => KeptCell::Postgres { oid, bytes: bytes.into() },
            Cell::Integer(value) => KeptCell::Integer(value),
            Cell::Real(value) => KeptCell::Real(value),
            Cell::Text(value) => KeptCell::Text(value.into()),
            Cell::Blob(value) => KeptCell::Blob(value.into()),
        }
    }
}

/// A value of a result row that was copied out of it, as a [`Cell`] has it.
#[derive(Clone, Debug)]
pub enum KeptCell {
    /// NULL.
    Null,
    /// PostgreSQL's binary form and the type it has there.
    Postgres {
        /// The type's number in `pg_type`.
        oid: u32,
        /// The value, as the protocol's binary format writes it.
        bytes: Box<[u8]>,
    },
    /// INTEGER of SQLite.
    Integer(i64),
    /// REAL of SQLite.
    Real(f64),
    /// TEXT of SQLite.
    Text(Box<str>),
    /// BLOB of SQLite.
    Blob(Box<[u8]>),
}

impl KeptCell {
    /// A value as SQLite would lend it, which every type reads; `None` for years that have no text, and
    /// for arrays.
    #[must_use]
    pub fn of(value: &Value) -> Option<KeptCell> {
        let text = |text: String| KeptCell::Text(text.into());
        Some(match value {
            Value::Null => KeptCell::Null,
            Value::Bool(v) => KeptCell::Integer(i64::from(*v)),
            Value::Int(v) => KeptCell::Integer(*v),
            Value::Real(v) => KeptCell::Real(f64::from(*v)),
            Value::Double(v) => KeptCell::Real(*v),
            Value::Text(v) | Value::Json(v) | Value::Decimal(v) => {
                KeptCell::Text(v.as_str().into())
            }
            Value::Bytes(v) => KeptCell::Blob(v.as_slice().into()),
            Value::Uuid(v) => KeptCell::Blob(v.as_slice().into()),
            Value::Date(v) => text(moment::date(*v)?),
            Value::Time(v) => text(moment::time(*v)),
            Value::Timestamp(v) | Value::TimestampTz(v) => text(moment::timestamp(*v)?),
            Value::Array(..) => return None,
        })
    }

    /// The value, lent again.
    #[must_use]
    pub fn lend(&self) -> Cell<'_> {
        match self {
            KeptCell::Null => Cell::Null,
            KeptCell::Postgres { oid, bytes } => Cell::Postgres { oid: *oid, bytes },
            KeptCell::Integer(value) => Cell::Integer(*value),
            KeptCell::Real(value) => Cell::Real(*value),
            KeptCell::Text(value) => Cell::Text(value),
            KeptCell::Blob(value) => Cell::Blob(value),
        }
    }
}

/// Why a cell is not a value of the Rust type that was asked for. Holds no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// NULL where the type has no place for it.
    Null,
    /// The database's type has no reading as this Rust type.
    Type {
        /// What the cell is.
        found: String,
        /// The Rust type.
        expected: &'static str,
    },
    /// The type fits, this value does not.
    Value {
        /// The Rust type.
        expected: &'static str,
        /// What is wrong with it, in general words.
        why: &'static str,
    },
}

impl Mismatch {
    /// A cell of a type that can't be read as `expected`.
    #[must_use]
    pub fn of(cell: Cell<'_>, expected: &'static str) -> Mismatch {
        let found = match cell {
            Cell::Null => return Mismatch::Null,
            Cell::Postgres { oid, .. } => oid::name(oid),
            Cell::Integer(_) => "INTEGER".to_owned(),
            Cell::Real(_) => "REAL".to_owned(),
            Cell::Text(_) => "TEXT".to_owned(),
            Cell::Blob(_) => "BLOB".to_owned(),
        };
        Mismatch::Type { found, expected }
    }

    /// A value that `expected` can't hold.
    #[must_use]
    pub fn value(expected: &'static str, why: &'static str) -> Mismatch {
        Mismatch::Value { expected, why }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Null => write!(f, "it is NULL; read it as an `Option`"),
            Mismatch::Type { found, expected } => {
                write!(f, "it is of type {found}, which can't be read as `{expected}`")
            }
            Mismatch::Value { expected, why } => {
                write!(f, "its value does not fit `{expected}`: {why}")
            }
        }
    }
}

/// Numbers of PostgreSQL's built-in types, as far as the codecs know them.
pub mod oid {
    macro_rules! oids {
        ($($name:ident = $number:literal, $text:literal;)*) => {
            $(#[doc = $text] pub const $name: u32 = $number;)*
            /// The type's name, or its number where it is no built-in one.
            #[must_use]
            pub fn name(oid: u32) -> String {
                match oid {
                    $($number => $text.to_owned(),)*
                    other => format!("number {other}"),
                }
            }
        };
    }
    oids! {
        BOOL = 16, "boolean";
        BYTEA = 17, "bytea";
        CHAR = 18, "\"char\"";
        NAME = 19, "name";
        INT8 = 20, "bigint";
        INT2 = 21, "smallint";
        INT4 = 23, "integer";
        TEXT = 25, "text";
        OID = 26, "oid";
        JSON = 114, "json";
        XML = 142, "xml";
        FLOAT4 = 700, "real";
        FLOAT8 = 701, "double precision";
        UNKNOWN = 705, "unknown";
        BPCHAR = 1042, "character";
        VARCHAR = 1043, "character varying";
        DATE = 1082, "date";
        TIME = 1083, "time";
        TIMESTAMP = 1114, "timestamp";
        TIMESTAMPTZ = 1184, "timestamp with time zone";
        INTERVAL = 1186, "interval";
        TIMETZ = 1266, "time with time zone";
        NUMERIC = 1700, "numeric";
        UUID = 2950, "uuid";
        JSONB = 3802, "jsonb";
    }
}
