//! Rows that are read in batches, in constant memory.

use super::{Execute, Selection};
use crate::error::Result;
use crate::statement::SelectStatement;
use std::collections::VecDeque;
use std::marker::PhantomData;

/// The rows of a statement, read 1,000 at a time as they are asked for; plain values.
///
/// What the statement includes is read for each batch, by one statement per relationship and level.
///
/// It borrows nothing: the session (or connection) is given to each [`Stream::next`] and is free in
/// the loop. It ends with the transaction it was opened in; a stream left before its end keeps its
/// cursor until then, or until [`Stream::close`].
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, mut session) = blog()?;
/// let mut rows = select(Article).stream(&mut session)?;
/// while let Some(article) = rows.next(&mut session)? {
///     println!("{}", article.title);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct Stream<S: Selection> {
    cursor: u64,
    statement: SelectStatement,
    rows: VecDeque<S::Plain>,
    /// Whether the rows that were read are the last ones.
    last: bool,
    finished: bool,
}

impl<S: Selection> Stream<S> {
    pub(super) fn new(cursor: u64, statement: SelectStatement) -> Stream<S> {
        Stream { cursor, statement, rows: VecDeque::new(), last: false, finished: false }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// Of the database, and `Closed` when the transaction the stream was opened in has ended or
    /// another session is given.
    pub fn next<E: Execute>(&mut self, home: &mut E) -> Result<Option<S::Plain>> {
        if self.finished {
            return Ok(None);
        }
        if self.rows.is_empty() {
            self.last = !home.fetch(self)?;
        } else {
            // what was read ahead is of a transaction that may have ended
            home.check_cursor(self.cursor)?;
        }
        let row = self.rows.pop_front();
        if self.last && self.rows.is_empty() {
            self.finished = true;
            home.close_cursor(self.cursor)?;
        }
        Ok(row)
    }

    /// Closes the cursor before the end.
    pub fn close<E: Execute>(self, home: &mut E) -> Result<()> {
        if self.finished { Ok(()) } else { home.close_cursor(self.cursor) }
    }

    /// The cursor's number.
    #[doc(hidden)]
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The statement, of which each batch loads what is included.
    #[doc(hidden)]
    pub fn statement(&self) -> &SelectStatement {
        &self.statement
    }

    /// Adds rows that were read.
    #[doc(hidden)]
    pub fn extend(&mut self, rows: Vec<S::Plain>) {
        self.rows.extend(rows);
    }
}

impl<S: Selection> std::fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stream({}, {} rows read ahead)", self.cursor, self.rows.len())
    }
}

/// The rows of a statement in pages, as a session or connection has them: handles, where it is a
/// session.
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, mut session) = blog()?;
/// let mut pages = select(Article).pages(&mut session, 500)?;
/// while let Some(page) = pages.next(&mut session)? {
///     for article in page {
///         session[article].title.push('!');
///     }
/// }
/// session.commit()?;
/// # Ok::<(), Error>(())
/// ```
pub struct Pages<S> {
    cursor: u64,
    rows: u32,
    statement: SelectStatement,
    finished: bool,
    selection: PhantomData<fn() -> S>,
}

impl<S: Selection> Pages<S> {
    pub(super) fn new(cursor: u64, rows: u32, statement: SelectStatement) -> Pages<S> {
        Pages { cursor, rows: rows.max(1), statement, finished: false, selection: PhantomData }
    }

    /// The next page; `None` at the end.
    ///
    /// # Errors
    /// As [`Stream::next`].
    pub fn next<E: Execute>(&mut self, home: &mut E) -> Result<Option<Vec<E::Row<S>>>> {
        if self.finished {
            return Ok(None);
        }
        let page = home.fetch_page::<S>(self.cursor, self.rows, &self.statement)?;
        if page.len() < self.rows as usize {
            self.finished = true;
            home.close_cursor(self.cursor)?;
        }
        Ok(if page.is_empty() { None } else { Some(page) })
    }

    /// Closes the cursor before the end.
    pub fn close<E: Execute>(self, home: &mut E) -> Result<()> {
        if self.finished { Ok(()) } else { home.close_cursor(self.cursor) }
    }
}

impl<S> std::fmt::Debug for Pages<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pages({}, {} rows each)", self.cursor, self.rows)
    }
}
