//! Typed statements on a connection: entities are plain values, nothing is tracked.

use super::Connection;
use super::transaction::{Plan, Transaction};
use super::tree::{PlainRows, Reading};
use super::tree_joined::JoinedRows;
use orm_core::compile::{self, Compiled, compile};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Model;
use orm_core::query::{Execute, JoinedStatement, Select, Selection, Statement, Stream};
use orm_core::schema::ModelMeta;
use orm_core::statement::{DeleteStatement, Parameters, SelectStatement, UpdateStatement};
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows read from a cursor at a time.
pub(crate) const ROWS_PER_FETCH: u32 = 1000;

impl Connection {
    /// A statement bound to this connection: `connection.query(Article).filter(..).all()?` gives
    /// plain values.
    pub fn query<S: Selection>(&mut self, selection: S) -> Select<S, &mut Connection> {
        Select::bound(&selection, self)
    }

    /// Rows with what is read in them.
    fn joined_rows<S: Selection>(
        &mut self,
        joined: &JoinedStatement,
        select: &SelectStatement,
    ) -> Result<Vec<S::Plain>> {
        let criteria = self.criteria.leaving_out(&select.left_out)?;
        let (compiled, transaction) = self.compiled(Statement::Rows(&joined.statement))?;
        let mut rows = JoinedRows::<S>::of(joined);
        let parameters = Parameters::Values(&compiled.parameters);
        transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| rows.read(row))?;
        rows.fill(&mut Reading { transaction, criteria }, &select.include)
    }

    fn write(&mut self, statement: Statement<'_>) -> Result<u64> {
        let (compiled, transaction) = self.compiled(statement)?;
        transaction.execute(&compiled.sql, Parameters::Values(&compiled.parameters), Plan::Cached)
    }

    fn compiled(&mut self, statement: Statement<'_>) -> Result<(Compiled, &mut Transaction)> {
        let dialect = self.dialect();
        let no_handle = |_, meta: &'static ModelMeta| {
            Err(Error::new(
                ErrorKind::InvalidStatement,
                format!(
                    "a handle of `{}` in a statement on a connection, which knows no objects; use \
                     the key, or run it on the session",
                    meta.name
                ),
            ))
        };
        let compiled = compile(statement, dialect, &no_handle, &self.criteria)?;
        let transaction = self.transaction()?;
        lock_database(transaction, statement)?;
        Ok((compiled, transaction))
    }
}

impl Execute for Connection {
    type Row<S: Selection> = S::Plain;

    fn rows<S: Selection>(&mut self, statement: Statement<'_>) -> Result<Vec<S::Plain>> {
        let nothing = SelectStatement::default();
        let select = match statement {
            Statement::Rows(select) => select,
            _ => &nothing,
        };
        if let Some(joined) = JoinedStatement::of(select)? {
            return self.joined_rows::<S>(&joined, select);
        }
        let criteria = self.criteria.leaving_out(&select.left_out)?;
        let (compiled, transaction) = self.compiled(statement)?;
        let mut rows = PlainRows::<S>::of(select);
        let parameters = Parameters::Values(&compiled.parameters);
        transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| rows.read(row))?;
        rows.fill(&mut Reading { transaction, criteria })
    }

    fn scalar<S: Selection>(&mut self, statement: Statement<'_>) -> Result<S::Plain> {
        let mut rows = self.rows::<S>(statement)?;
        rows.pop()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the statement answered with no row"))
    }

    fn open_cursor(&mut self, statement: &SelectStatement) -> Result<u64> {
        let (compiled, transaction) = self.compiled(Statement::Rows(statement))?;
        let cursor =
            transaction.declare(&compiled.sql, Parameters::Values(&compiled.parameters))?;
        let number = next_cursor();
        self.cursors.insert(number, cursor);
        Ok(number)
    }

    fn fetch<S: Selection>(&mut self, stream: &mut Stream<S>) -> Result<bool> {
        let number = stream.cursor();
        let criteria = self.criteria.leaving_out(&stream.statement().left_out)?;
        let (cursors, transaction) = self.cursors();
        let Some(cursor) = cursors.get_mut(&number) else { return Err(stream_closed()) };
        let mut rows = PlainRows::<S>::of(stream.statement());
        let count = transaction.fetch(cursor, ROWS_PER_FETCH, &mut |row| rows.read(row))?;
        let rows = rows.fill(&mut Reading { transaction, criteria })?;
        stream.extend(rows);
        Ok(count == u64::from(ROWS_PER_FETCH))
    }

    fn check_cursor(&mut self, cursor: u64) -> Result<()> {
        if self.cursors.contains_key(&cursor) { Ok(()) } else { Err(stream_closed()) }
    }

    fn update<M: Model>(&mut self, statement: &UpdateStatement) -> Result<u64> {
        self.write(Statement::Update { statement, returning: false })
    }

    fn delete_rows<M: Model>(&mut self, statement: &DeleteStatement) -> Result<u64> {
        self.write(Statement::Delete { statement, returning: false })
    }

    fn fetch_page<S: Selection>(
        &mut self,
        cursor: u64,
        count: u32,
        statement: &SelectStatement,
    ) -> Result<Vec<S::Plain>> {
        let criteria = self.criteria.leaving_out(&statement.left_out)?;
        let (cursors, transaction) = self.cursors();
        let Some(cursor) = cursors.get_mut(&cursor) else { return Err(stream_closed()) };
        let mut rows = PlainRows::<S>::of(statement);
        transaction.fetch(cursor, count, &mut |row| rows.read(row))?;
        rows.fill(&mut Reading { transaction, criteria })
    }

    fn close_cursor(&mut self, cursor: u64) -> Result<()> {
        let (cursors, transaction) = self.cursors();
        match cursors.remove(&cursor) {
            Some(cursor) => transaction.close_cursor(&cursor),
            None => Ok(()),
        }
    }
}

/// Locks the database before rows are read that are to be locked, where rows can't be.
pub(crate) fn lock_database(transaction: &mut Transaction, statement: Statement<'_>) -> Result<()> {
    let (Statement::Rows(select) | Statement::Count(select) | Statement::Exists(select)) =
        statement
    else {
        return Ok(());
    };
    let dialect = transaction.dialect();
    if let (Some(_), false, Some(source)) =
        (&select.lock, dialect.features.row_locks, select.from.first())
    {
        let sql = compile::batch::lock_database(source.table(), dialect)?;
        transaction.execute(&sql, Parameters::NONE, Plan::Cached)?;
    }
    Ok(())
}

/// A number for a cursor that no other one of the program has.
pub(crate) fn next_cursor() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// The error of a stream whose cursor is not here.
pub(crate) fn stream_closed() -> Error {
    Error::new(
        ErrorKind::Closed,
        "the stream (or the pages) ended with the transaction it was opened in, by `commit`, `rollback` or \
         an error, or is of another session; commit behind the last row, or ask for the rest anew, by \
         the last key",
    )
}
