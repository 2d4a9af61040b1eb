//! What travels with a statement: one value per placeholder, or the columns of many rows.
//!
//! A batch lends its rows instead of copying them: the driver asks each row for each column and
//! writes the value where its protocol wants it (a binary array per column, or a row of VALUES).

use crate::types::{BindWriter, ColumnType, Value};

/// One value for one placeholder.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The type it travels as; `None` adapts it to what the server reports (only `text()`).
    pub ty: Option<ColumnType>,
    /// The value.
    pub value: Value,
}

/// Rows that lend their columns.
pub trait BatchRows {
    /// How many rows there are.
    fn rows(&self) -> usize;

    /// Writes the value of `column` of `row`, by exactly one call of `out.put`.
    fn write(&self, row: usize, column: usize, out: &mut dyn BindWriter);
}

/// The parameters of one execution.
#[derive(Clone, Copy)]
pub enum Parameters<'a> {
    /// One value per placeholder.
    Values(&'a [Parameter]),
    /// One array per column: placeholder `n` is the array of column `n` of all rows.
    Arrays {
        /// The element type of each column.
        types: &'a [ColumnType],
        /// The rows.
        rows: &'a dyn BatchRows,
    },
    /// One value per column and row, row after row: the placeholders of a multi-row VALUES.
    Grid {
        /// The type of each column.
        types: &'a [ColumnType],
        /// The rows.
        rows: &'a dyn BatchRows,
    },
}

impl Parameters<'_> {
    /// No parameters.
    pub const NONE: Parameters<'static> = Parameters::Values(&[]);
}

impl std::fmt::Debug for Parameters<'_> {
    /// How many there are; values are printed by the log only, when asked for.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Parameters::Values(values) => write!(f, "{} values", values.len()),
            Parameters::Arrays { types, rows } | Parameters::Grid { types, rows } => {
                write!(f, "{} rows of {} columns", rows.rows(), types.len())
            }
        }
    }
}
