//! Where statements run: the seam between the builder and sessions or connections.

use super::{Selection, Stream};
use crate::error::Result;
use crate::statement::SelectStatement;

/// A statement that answers with rows.
#[derive(Clone, Copy, Debug)]
pub enum Statement<'a> {
    /// The rows of a SELECT.
    Rows(&'a SelectStatement),
    /// How many rows a SELECT returns.
    Count(&'a SelectStatement),
    /// Whether a SELECT returns a row.
    Exists(&'a SelectStatement),
}

/// Runs statements: a session (entities are handles) or a connection (entities are values).
pub trait Execute {
    /// What a row of a selection is here.
    type Row<S: Selection>;

    /// All rows.
    #[doc(hidden)]
    fn rows<S: Selection>(&mut self, statement: Statement<'_>) -> Result<Vec<Self::Row<S>>>;

    /// The one value of a statement that has one.
    #[doc(hidden)]
    fn scalar<S: Selection>(&mut self, statement: Statement<'_>) -> Result<S::Plain>;

    /// Opens a cursor and returns its number.
    #[doc(hidden)]
    fn open_cursor(&mut self, statement: &SelectStatement) -> Result<u64>;

    /// Reads the next rows of a cursor; closes it and returns `false` at its end.
    #[doc(hidden)]
    fn fetch<S: Selection>(&mut self, stream: &mut Stream<S>) -> Result<bool>;

    /// Closes a cursor before its end.
    #[doc(hidden)]
    fn close_cursor(&mut self, cursor: u64) -> Result<()>;
}
