//! PostgreSQL.

use super::{Dialect, Features, quoted};
use crate::types::ColumnType;

/// PostgreSQL, version 13 and later.
pub static POSTGRES: Dialect = Dialect {
    name: "postgresql",
    type_name,
    tables: "SELECT n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid) \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') \
             AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
    features: Features {
        dollar_placeholders: true,
        array_parameters: true,
        unnest: true,
        alter_add_constraint: true,
        row_locks: true,
        schemas: true,
        comments: true,
        casts: true,
        offset_alone: true,
        nulls_last: true,
        like_is_posix: true,
        enforces_length: true,
        enforces_range: true,
        decimal_arithmetic: true,
        names_tell_case: true,
        reserved_prefix: None,
        identity_columns: true,
        deferrable_uniques: true,
        defer_foreign_keys: None,
        triggers_make_values: true,
        system_versions: Some("::text::bigint"),
        enum_types: Some(
            "SELECT n.nspname::text, t.typname::text, pg_catalog.pg_type_is_visible(t.oid), \
             e.enumlabel::text FROM pg_catalog.pg_enum e \
             JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid \
             JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
             ORDER BY t.oid, e.enumsortorder",
        ),
        limit_waits: Some(
            "SELECT set_config('lock_timeout', $1, true) \
             WHERE current_setting('lock_timeout') = '0'",
        ),
    },
};

fn type_name(ty: ColumnType, length: Option<u32>) -> String {
    match (ty, length) {
        (ColumnType::Text, Some(length)) => return format!("VARCHAR({length})"),
        (ColumnType::Enum(ty), _) => {
            let schema = ty.schema.map(|schema| quoted(schema) + ".").unwrap_or_default();
            return schema + &quoted(ty.name);
        }
        (ColumnType::Bool, _) => "BOOLEAN",
        (ColumnType::SmallInt, _) => "SMALLINT",
        (ColumnType::Integer, _) => "INTEGER",
        (ColumnType::BigInt, _) => "BIGINT",
        (ColumnType::Real, _) => "REAL",
        (ColumnType::Double, _) => "DOUBLE PRECISION",
        (ColumnType::Text, None) => "TEXT",
        (ColumnType::Bytes, _) => "BYTEA",
        (ColumnType::Date, _) => "DATE",
        (ColumnType::Time, _) => "TIME",
        (ColumnType::Timestamp, _) => "TIMESTAMP",
        (ColumnType::TimestampTz, _) => "TIMESTAMP WITH TIME ZONE",
        (ColumnType::Uuid, _) => "UUID",
        (ColumnType::Json, _) => "JSONB",
        (ColumnType::Decimal, _) => "NUMERIC",
    }
    .to_owned()
}
