//! A result row lent as SQLite's own values.

use orm_core::types::{Cell, Row};
use rusqlite::types::ValueRef;

/// One row of rusqlite.
pub(super) struct LentRow<'a> {
    row: &'a rusqlite::Row<'a>,
}

impl<'a> LentRow<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>) -> LentRow<'a> {
        LentRow { row }
    }
}

impl Row for LentRow<'_> {
    #[inline]
    fn cell(&self, index: usize) -> Cell<'_> {
        match self.row.get_ref(index) {
            Ok(ValueRef::Integer(value)) => Cell::Integer(value),
            Ok(ValueRef::Real(value)) => Cell::Real(value),
            Ok(ValueRef::Text(bytes)) => {
                std::str::from_utf8(bytes).map_or(Cell::Blob(bytes), Cell::Text)
            }
            Ok(ValueRef::Blob(bytes)) => Cell::Blob(bytes),
            Ok(ValueRef::Null) | Err(_) => Cell::Null,
        }
    }

    fn width(&self) -> usize {
        self.row.as_ref().column_count()
    }

    fn name(&self, index: usize) -> String {
        self.row.as_ref().column_name(index).unwrap_or_default().to_owned()
    }
}
