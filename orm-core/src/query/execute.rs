//! Where statements run: the seam between the builder and sessions or connections.

use super::{Selection, Stream};
use crate::error::Result;
use crate::model::Model;
use crate::statement::{DeleteStatement, SelectStatement, UpdateStatement};

/// A statement that answers with rows.
#[derive(Clone, Copy, Debug)]
pub enum Statement<'a> {
    /// The rows of a SELECT.
    Rows(&'a SelectStatement),
    /// How many rows a SELECT returns.
    Count(&'a SelectStatement),
    /// Whether a SELECT returns a row.
    Exists(&'a SelectStatement),
    /// A set-based UPDATE; `returning` gives the keys and what was set.
    Update {
        /// What is written.
        statement: &'a UpdateStatement,
        /// Whether the rows written are returned.
        returning: bool,
    },
    /// A set-based DELETE; `returning` gives the keys.
    Delete {
        /// What is deleted.
        statement: &'a DeleteStatement,
        /// Whether the rows deleted are returned.
        returning: bool,
    },
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

    /// Runs a set-based UPDATE; returns the number of rows.
    #[doc(hidden)]
    fn update<M: Model>(&mut self, statement: &UpdateStatement) -> Result<u64>;

    /// Runs a set-based DELETE; returns the number of rows.
    #[doc(hidden)]
    fn delete_rows<M: Model>(&mut self, statement: &DeleteStatement) -> Result<u64>;

    /// Opens a cursor and returns its number.
    #[doc(hidden)]
    fn open_cursor(&mut self, statement: &SelectStatement) -> Result<u64>;

    /// `Closed` for a cursor whose transaction has ended, or which is of elsewhere.
    #[doc(hidden)]
    fn check_cursor(&mut self, cursor: u64) -> Result<()>;

    /// Reads the next rows of a cursor as plain values; `false` where there are no more behind them.
    #[doc(hidden)]
    fn fetch<S: Selection>(&mut self, stream: &mut Stream<S>) -> Result<bool>;

    /// Reads the next rows of a cursor as rows are here, `count` at most; fewer than that are the
    /// last ones.
    #[doc(hidden)]
    fn fetch_page<S: Selection>(
        &mut self,
        cursor: u64,
        count: u32,
        statement: &SelectStatement,
    ) -> Result<Vec<Self::Row<S>>>;

    /// Closes a cursor before its end.
    #[doc(hidden)]
    fn close_cursor(&mut self, cursor: u64) -> Result<()>;
}
