//! Enums of names (`#[derive(DbEnum)]`): a type of its own on databases that have such types, text
//! with a CHECK on others. A value travels as the text of its label either way.

use super::{Cell, Mismatch, oid};

/// The type of a column of labels: its name in the database and its labels in their order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnumType {
    /// The schema the type is in, where it is said.
    pub schema: Option<&'static str>,
    /// The type's name.
    pub name: &'static str,
    /// The labels, which are also the order of the values.
    pub labels: &'static [&'static str],
}

impl EnumType {
    /// `schema.name`, or the name alone; for messages, not quoted.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// The label in a cell of an enum's column, or of a text's.
///
/// # Errors
/// For a cell of another type.
#[doc(hidden)]
pub fn label<'c>(cell: Cell<'c>, expected: &'static str) -> Result<&'c str, Mismatch> {
    match cell {
        // types made by users have numbers from 16384 up; an enum sends its label
        Cell::Postgres {
            oid: oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::UNKNOWN | 16384..,
            bytes,
        } => std::str::from_utf8(bytes)
            .map_err(|_| Mismatch::value(expected, "it is not valid UTF-8")),
        Cell::Text(text) => Ok(text),
        other => Err(Mismatch::of(other, expected)),
    }
}

/// The error for a label that the enum has not.
#[doc(hidden)]
#[must_use]
pub fn unknown_label(expected: &'static str) -> Mismatch {
    Mismatch::value(expected, "it is none of its labels")
}
