//! What a database speaks: a value that answers questions, one full literal per database.
//!
//! Callers ask the capability ([`Features`]), never the database's name; a new capability is a new
//! field, which every dialect must then answer.

mod identifier;
mod postgres;
mod sql_type;
mod sqlite;

use crate::types::ColumnType;

pub(crate) use identifier::push_quoted;
pub use identifier::quoted;
pub use postgres::POSTGRES;
pub use sqlite::SQLITE;

/// The SQL of one database.
#[derive(Debug)]
pub struct Dialect {
    /// The name, for messages only.
    pub name: &'static str,
    /// The name of a column's type, with its length where it has one.
    pub type_name: fn(ColumnType, Option<u32>) -> String,
    /// Lists the tables there are: schema, name, whether the name alone finds it.
    pub tables: &'static str,
    /// What the database can do.
    pub features: Features,
}

/// What a database can do, and how it wants to be asked.
// each is a question of its own, answered by yes or no
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug)]
pub struct Features {
    /// Placeholders are `$1`; otherwise `?1`.
    pub dollar_placeholders: bool,
    /// A list travels as one array parameter; otherwise as one parameter per element.
    pub array_parameters: bool,
    /// Batches travel as one array per column through `unnest`; otherwise as multi-row VALUES.
    pub unnest: bool,
    /// Constraints can be added to a table that exists.
    pub alter_add_constraint: bool,
    /// Rows can be locked: FOR UPDATE. Otherwise a writer locks the whole database.
    pub row_locks: bool,
    /// Schemas hold tables; otherwise a schema's name in a table is unsupported.
    pub schemas: bool,
    /// Tables and columns can be given comments; otherwise these are left out.
    pub comments: bool,
    /// A value has a type, to which it is cast; otherwise any column takes any value.
    pub casts: bool,
    /// OFFSET may stand without LIMIT.
    pub offset_alone: bool,
    /// NULLs sort last in ascending order unless said otherwise.
    pub nulls_last: bool,
    /// LIKE tells upper from lower case and escapes by backslash.
    pub like_is_posix: bool,
    /// A declared length is enforced by the type; otherwise by a CHECK.
    pub enforces_length: bool,
    /// Integers and booleans take no other values than their types have; otherwise by a CHECK.
    pub enforces_range: bool,
    /// Decimals are numbers; otherwise text compared through a collation, without arithmetic.
    pub decimal_arithmetic: bool,
    /// Names that differ in upper and lower case only are different names.
    pub names_tell_case: bool,
    /// What names of tables can't begin with, in lower case.
    pub reserved_prefix: Option<&'static str>,
    /// Generated keys come by identity columns; otherwise by the row id of the table.
    pub identity_columns: bool,
    /// UNIQUE constraints can be checked at the end of a transaction (`DEFERRABLE`).
    pub deferrable_uniques: bool,
    /// What has foreign keys checked at the end of the transaction, for a key and what points to it to
    /// change one after the other. None where one statement changes several tables (UPDATE inside
    /// WITH) and foreign keys are checked behind it.
    pub defer_foreign_keys: Option<&'static str>,
    /// A trigger can give a new row its values before it is written.
    pub triggers_make_values: bool,
    /// Every row has the column `xmin`, which each write of it changes, and this reads it as an
    /// integer.
    pub system_versions: Option<&'static str>,
    /// Enums are types of their own, and this lists them: schema, name, whether the name alone finds
    /// it, and a label, in the labels' order. Otherwise they are text with a CHECK.
    pub enum_types: Option<&'static str>,
    /// Sets how many milliseconds statements of the transaction wait for locks, where nobody has said
    /// it. None where the database does not wait for ever.
    pub limit_waits: Option<&'static str>,
}
