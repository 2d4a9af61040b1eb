//! SQLite.

use super::{Dialect, Features};
use crate::types::ColumnType;

/// SQLite, version 3.38 and later.
pub static SQLITE: Dialect = Dialect {
    name: "sqlite",
    type_name,
    tables: "SELECT 'main', name, 1 FROM sqlite_master WHERE type IN ('table', 'view')",
    features: Features {
        dollar_placeholders: false,
        array_parameters: false,
        unnest: false,
        alter_add_constraint: false,
        row_locks: false,
        schemas: false,
        comments: false,
        casts: false,
        offset_alone: false,
        nulls_last: false,
        like_is_posix: false,
        enforces_length: false,
        enforces_range: false,
        decimal_arithmetic: false,
        names_tell_case: false,
        reserved_prefix: Some("sqlite_"),
        identity_columns: false,
        deferrable_uniques: false,
        defer_foreign_keys: Some("PRAGMA defer_foreign_keys = ON"),
        triggers_make_values: false,
        system_versions: None,
        enum_types: None,
        limit_waits: None,
    },
};

/// Names that keep SQLite's affinities right: what is stored is what was bound.
fn type_name(ty: ColumnType, _length: Option<u32>) -> String {
    match ty {
        ColumnType::Bool | ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            "INTEGER"
        }
        ColumnType::Real | ColumnType::Double => "REAL",
        ColumnType::Text
        | ColumnType::Enum(_)
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::Timestamp
        | ColumnType::TimestampTz
        | ColumnType::Json => "TEXT",
        ColumnType::Decimal => "TEXT COLLATE orm_decimal",
        ColumnType::Bytes | ColumnType::Uuid => "BLOB",
    }
    .to_owned()
}
