//! A result row as a driver lends it, and the reader that takes values out of it in order.

use super::{Cell, Mismatch};
use crate::error::{Error, ErrorKind};

/// A borrowed result row; implemented by each driver.
pub trait Row {
    /// The value of the column at `index`, which is below the statement's number of columns.
    fn cell(&self, index: usize) -> Cell<'_>;

    /// How many columns there are.
    fn width(&self) -> usize;

    /// The name of the column at `index`, for messages.
    fn name(&self, index: usize) -> String;

    /// How many rows follow, where that is known: what room is made for.
    fn rest(&self) -> usize {
        0
    }
}

/// Reads a row from left to right, each selected thing taking its columns.
pub struct RowReader<'r> {
    row: &'r dyn Row,
    next: usize,
    /// The cell that was looked at last, and where it is: a key is looked at, then taken.
    peeked: std::cell::Cell<(usize, Cell<'r>)>,
}

impl<'r> RowReader<'r> {
    /// A reader at the row's first column.
    #[inline]
    pub fn new(row: &'r dyn Row) -> RowReader<'r> {
        RowReader { row, next: 0, peeked: std::cell::Cell::new((usize::MAX, Cell::Null)) }
    }

    /// The next cell, undecoded.
    #[inline]
    pub fn take(&mut self) -> Cell<'r> {
        let (place, peeked) = self.peeked.get();
        let cell = if place == self.next { peeked } else { self.row.cell(self.next) };
        self.next += 1;
        cell
    }

    /// The cell `ahead` columns further, not taken.
    pub fn peek(&self, ahead: usize) -> Cell<'r> {
        let place = self.next + ahead;
        let cell = self.row.cell(place);
        self.peeked.set((place, cell));
        cell
    }

    /// How many rows follow, where that is known.
    pub fn rest(&self) -> usize {
        self.row.rest()
    }

    /// Whether the next `columns` cells are all NULL; takes none of them.
    pub fn all_null(&self, columns: usize) -> bool {
        (self.next..self.next + columns).all(|index| matches!(self.row.cell(index), Cell::Null))
    }

    /// Whether one of the next `columns` cells is NULL; takes none of them.
    pub fn any_null(&self, columns: usize) -> bool {
        (self.next..self.next + columns).any(|index| matches!(self.row.cell(index), Cell::Null))
    }

    /// Where the next cell is.
    pub fn position(&self) -> usize {
        self.next
    }

    /// Goes on at another cell.
    #[inline]
    pub fn go_to(&mut self, position: usize) {
        self.next = position;
    }

    /// Passes over `columns` cells.
    pub fn skip(&mut self, columns: usize) {
        self.next += columns;
    }

    /// The error for the cell taken last.
    #[cold]
    pub fn mismatch(&self, mismatch: &Mismatch) -> Error {
        decode_error(&self.row.name(self.next.saturating_sub(1)), mismatch)
    }
}

/// The error for a column that can't be read; names the column, shows no value.
#[cold]
pub fn decode_error(column: &str, mismatch: &Mismatch) -> Error {
    Error::new(ErrorKind::Decode, format!("can't read column `{column}`: {mismatch}"))
        .with_facts(crate::error::Facts { columns: vec![column.to_owned()], ..Default::default() })
}
