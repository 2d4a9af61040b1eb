//! How statements run on a session: rows become handles, and what belongs to them follows.

use super::Session;
use super::cohort::Cohort;
use super::loader::Loader;
use super::loading::overwritten;
use crate::engine::select::{ROWS_PER_FETCH, next_cursor, stream_closed};
use crate::engine::transaction::Plan;
use crate::engine::tree::{PlainRows, Reading};
use crate::engine::{Executable, Rows};
use orm_core::compile::Compiled;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Model;
use orm_core::query::{
    Execute, JoinedStatement, PartOwners, Selection, Statement, Stream, part_arenas,
};
use orm_core::statement::{DeleteStatement, Parameters, SelectStatement, UpdateStatement};
use orm_core::types::{Row, RowReader};

/// Rows of a statement on their way into the identity map.
struct TrackedRows<'a, S: Selection> {
    rows: Vec<S::Tracked>,
    owners: PartOwners,
    loader: Loader<'a>,
}

impl<'a, S: Selection> TrackedRows<'a, S> {
    fn of(statement: &SelectStatement, loader: Loader<'a>) -> TrackedRows<'a, S> {
        TrackedRows { rows: Vec::new(), owners: PartOwners::of(statement), loader }
    }

    fn read(&mut self, row: &dyn Row) -> Result<()> {
        let mut reader = RowReader::new(row);
        if self.rows.is_empty() {
            self.loader.coming = reader.rest() + 1;
            self.rows.reserve(self.loader.coming);
        }
        self.owners.read(row)?;
        self.rows.push(S::tracked(&mut reader, &mut self.loader)?);
        Ok(())
    }

    /// The rows, the owners of parts in them, and the objects loaded together.
    fn finish(self) -> (Vec<S::Tracked>, PartOwners, Cohort) {
        (self.rows, self.owners, self.loader.loaded)
    }
}

impl Session {
    /// Runs a SELECT and puts its rows into the identity map.
    pub(super) fn tracked_rows<S: Selection>(
        &mut self,
        compiled: &Compiled,
        statement: &SelectStatement,
    ) -> Result<Vec<S::Tracked>> {
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Ok(Vec::new());
        };
        let mut loader = Loader::new(&mut self.map, scope, self.transaction_number);
        loader.overwrite = overwritten(statement);
        let mut rows = TrackedRows::<S>::of(statement, loader);
        let parameters = Parameters::Values(&compiled.parameters);
        let done =
            transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| rows.read(row));
        let (rows, owners, loaded) = rows.finish();
        done.map_err(|error| self.told(error))?;
        self.note_asked(loaded.from(0));
        self.followed::<S>(rows, owners, loaded, statement)
    }

    /// Rows with what follows them: what is included, and parts of collections.
    fn followed<S: Selection>(
        &mut self,
        mut rows: Vec<S::Tracked>,
        owners: PartOwners,
        loaded: Cohort,
        statement: &SelectStatement,
    ) -> Result<Vec<S::Tracked>> {
        self.tell_loaded()?;
        self.loaded_together(loaded, &statement.include)?;
        if !statement.parts.is_empty() {
            let arenas = part_arenas::<S>(statement)?;
            let parts = self.read_parts(statement, owners, arenas)?;
            let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
            for row in &mut rows {
                let mut next = parts.iter_mut();
                S::put_handles(row, &mut || {
                    next.next().and_then(Iterator::next).unwrap_or_default()
                });
            }
        }
        Ok(rows)
    }

    /// Reads the rows of a statement, under the criteria that hold in it.
    fn read_rows<S: Selection>(
        &mut self,
        statement: Statement<'_>,
        select: &SelectStatement,
    ) -> Result<Vec<S::Tracked>> {
        if let Some(joined) = JoinedStatement::of(select)? {
            return self.joined_rows::<S>(&joined, select);
        }
        let compiled = self.prepare(statement)?;
        self.tracked_rows::<S>(&compiled, select)
    }

    /// Runs a statement with what it includes, under the criteria that it leaves.
    fn under_statement<T>(
        &mut self,
        select: &SelectStatement,
        run: impl FnOnce(&mut Session) -> Result<T>,
    ) -> Result<T> {
        if select.left_out.is_nothing() {
            run(self)
        } else {
            self.leaving_out(&select.left_out, run)
        }
    }
}

impl Execute for Session {
    type Row<S: Selection> = S::Tracked;

    fn rows<S: Selection>(&mut self, statement: Statement<'_>) -> Result<Vec<S::Tracked>> {
        let nothing = SelectStatement::default();
        let select = match statement {
            Statement::Rows(select) => select,
            _ => &nothing,
        };
        self.under_statement(select, |session| session.read_rows::<S>(statement, select))
    }

    fn scalar<S: Selection>(&mut self, statement: Statement<'_>) -> Result<S::Plain> {
        let compiled = self.prepare(statement)?;
        let mut value = None;
        let parameters = Parameters::Values(&compiled.parameters);
        let done = match &mut self.transaction {
            Some(transaction) => {
                transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
                    value = Some(S::plain(&mut RowReader::new(row))?);
                    Ok(())
                })
            }
            None => Ok(0),
        };
        if let Err(error) = done {
            return Err(self.told(error));
        }
        value.ok_or_else(|| Error::new(ErrorKind::NotFound, "the statement answered with no row"))
    }

    fn update<M: Model>(&mut self, statement: &UpdateStatement) -> Result<u64> {
        self.update_rows::<M>(statement)
    }

    fn delete_rows<M: Model>(&mut self, statement: &DeleteStatement) -> Result<u64> {
        self.delete_found::<M>(statement)
    }

    fn open_cursor(&mut self, statement: &SelectStatement) -> Result<u64> {
        let compiled = self.prepare(Statement::Rows(statement))?;
        let parameters = Parameters::Values(&compiled.parameters);
        let Some(transaction) = &mut self.transaction else { return Err(stream_closed()) };
        match transaction.declare(&compiled.sql, parameters) {
            Ok(cursor) => {
                let number = next_cursor();
                self.cursors.insert(number, cursor);
                Ok(number)
            }
            Err(error) => Err(self.told(error)),
        }
    }

    fn fetch<S: Selection>(&mut self, stream: &mut Stream<S>) -> Result<bool> {
        self.usable()?;
        let number = stream.cursor();
        let (Some(transaction), Some(cursor)) =
            (&mut self.transaction, self.cursors.get_mut(&number))
        else {
            return Err(stream_closed());
        };
        let criteria = self.under.criteria.leaving_out(&stream.statement().left_out)?;
        let mut rows = PlainRows::<S>::of(stream.statement());
        let done = transaction.fetch(cursor, ROWS_PER_FETCH, &mut |row| rows.read(row));
        let filled =
            done.and_then(|count| Ok((count, rows.fill(&mut Reading { transaction, criteria })?)));
        match filled {
            Ok((count, rows)) => {
                stream.extend(rows);
                Ok(count == u64::from(ROWS_PER_FETCH))
            }
            Err(error) => Err(self.told(error)),
        }
    }

    fn check_cursor(&mut self, cursor: u64) -> Result<()> {
        self.usable()?;
        if self.cursors.contains_key(&cursor) { Ok(()) } else { Err(stream_closed()) }
    }

    fn fetch_page<S: Selection>(
        &mut self,
        cursor: u64,
        count: u32,
        statement: &SelectStatement,
    ) -> Result<Vec<S::Tracked>> {
        self.usable()?;
        let (Some(transaction), Some(cursor), Some(scope)) =
            (&mut self.transaction, self.cursors.get_mut(&cursor), self.scopes.last_mut())
        else {
            return Err(stream_closed());
        };
        let loader = Loader::new(&mut self.map, scope, self.transaction_number);
        let mut rows = TrackedRows::<S>::of(statement, loader);
        let done = transaction.fetch(cursor, count, &mut |row| rows.read(row));
        let (rows, owners, loaded) = rows.finish();
        done.map_err(|error| self.told(error))?;
        self.under_statement(statement, |session| {
            session.note_asked(loaded.from(0));
            session.followed::<S>(rows, owners, loaded, statement)
        })
    }

    fn close_cursor(&mut self, cursor: u64) -> Result<()> {
        let (Some(transaction), Some(cursor)) =
            (&mut self.transaction, self.cursors.remove(&cursor))
        else {
            return Ok(());
        };
        transaction.close_cursor(&cursor).map_err(|error| self.told(error))
    }
}

impl Session {
    /// Sends SQL text in the session's transaction, which is begun if none is open; what is pending
    /// is flushed first, where autoflush is on.
    ///
    /// Objects in memory are told nothing of what the text writes: [`expire_all`] has all of them
    /// read again, [`refresh`] reads one. Set-based [`update`] and [`delete`] tell them.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let ezz = session.get(Author, 1)?.unwrap();
    /// session.execute(text("UPDATE authors SET name = upper(name) WHERE id = :id").bind("id", 1))?;
    /// assert_eq!(session[ezz].name, "Ezz"); // as it was read
    /// session.refresh(ezz)?;
    /// assert_eq!(session[ezz].name, "EZZ");
    /// let names: Vec<(String,)> = session.execute(text("SELECT name FROM tags ORDER BY name"))?.all()?;
    /// # assert_eq!(names.len(), 2);
    /// session.rollback()?; // undoes it, as everything else of the transaction
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// [`expire_all`]: Session::expire_all
    /// [`refresh`]: Session::refresh
    /// [`update`]: orm_core::query::Select::update
    /// [`delete`]: orm_core::query::Select::delete
    ///
    /// # Errors
    /// What the database tells, which ends the transaction: `rollback` leads on. `InvalidStatement`
    /// where names and values do not fit, with nothing of the text sent.
    pub fn execute(&mut self, statement: impl Executable) -> Result<Rows> {
        self.usable()?;
        self.flush_before(|| "a statement of SQL text".to_owned())?;
        self.begin()?;
        self.under.ask_again();
        let Some(transaction) = &mut self.transaction else {
            return Err(Error::new(ErrorKind::Closed, "no transaction is open"));
        };
        statement.execute_on(transaction).map_err(|error| self.told(error))
    }

    /// Calls a closure with each row of a statement, read in batches in constant memory; the
    /// session is free inside.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// session.for_each(&select(Article), |session, article| {
    ///     session.add(Tag::new(format!("about {}", article.title)));
    ///     Ok(())
    /// })?;
    /// # assert_eq!(session.query(Tag).count()?, 5);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn for_each<S: Selection>(
        &mut self,
        statement: &orm_core::query::Select<S>,
        mut each: impl FnMut(&mut Session, S::Plain) -> Result<()>,
    ) -> Result<()> {
        let mut rows = statement.stream(self)?;
        while let Some(row) = rows.next(self)? {
            each(self, row)?;
        }
        Ok(())
    }

    /// All rows of a statement: `session.all(&statement)`, the same as `statement.all(&mut session)`.
    pub fn all<S: Selection>(
        &mut self,
        statement: &orm_core::query::Select<S>,
    ) -> Result<Vec<S::Tracked>> {
        statement.all(self)
    }
}
