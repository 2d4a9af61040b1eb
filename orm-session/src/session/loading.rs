//! How statements run on a session: compiled, sent, their rows made objects by [`super::loader`].
//! Queries flush first, so that they see what is pending; an error that ended the transaction is kept.

use super::Session;
use super::cohort::Cohort;
use super::identity_map::{IdentityMap, ObjectId};
use super::loader::{Loader, Overwrite};
use super::state::State;
use crate::engine::select::{ROWS_PER_FETCH, lock_database, next_cursor, stream_closed};
use crate::engine::transaction::Plan;
use orm_core::compile::{Compiled, compile};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Entity, Handle, Model, RawHandle};
use orm_core::query::{Execute, Selection, Statement, Stream};
use orm_core::schema::{ModelMeta, Table};
use orm_core::statement::{
    ComparisonOperator, DeleteStatement, IncludeNode, Node, Parameter, Parameters, RowLock,
    SelectStatement, Selected, Source, UpdateStatement,
};
use orm_core::types::{ColumnType, Key, RowReader, Value};

impl Session {
    /// Reads a row by its key; `None`, and the object gone, when there is none.
    pub(super) fn load_by_key<E: Entity>(
        &mut self,
        entity: E,
        model: usize,
        key: &Key,
    ) -> Result<Option<Handle<E::Model>>> {
        let found = self.select_by_key(entity, model, key)?;
        if found.is_none()
            && let Some(id) = self.map.by_key(model, key)
            && self.map.state(id) == State::Stale
        {
            self.row_is_gone(id);
        }
        Ok(found)
    }

    /// Objects that one statement loaded: they are a cohort, and what is included follows.
    fn loaded_together(&mut self, loaded: Cohort, include: &[IncludeNode]) -> Result<()> {
        let owners: Vec<ObjectId> =
            if include.is_empty() { Vec::new() } else { loaded.from(0).collect() };
        self.make_cohort(loaded);
        self.include(&owners, include)
    }

    /// Sends the SELECT of one object, of which the text is made once.
    fn select_by_key<E: Entity>(
        &mut self,
        entity: E,
        model: usize,
        key: &Key,
    ) -> Result<Option<Handle<E::Model>>> {
        let compiled = match self.map.models[model].get_text.take() {
            Some(sql) => {
                self.ready(|| format!("the query of {}", <E::Model as Model>::meta().name))?;
                Compiled { sql, parameters: key_parameters(entity.table(), key) }
            }
            None => self.prepare(Statement::Rows(&by_key(entity, key)))?,
        };
        let found = self.tracked_rows::<E>(&compiled, &[], Overwrite::Older);
        self.map.models[model].get_text = Some(compiled.sql);
        Ok(found?.pop())
    }

    /// Reads a row by its key and locks it.
    pub(super) fn lock_by_key<E: Entity>(
        &mut self,
        entity: E,
        model: usize,
        key: &Key,
    ) -> Result<Option<Handle<E::Model>>> {
        let mut statement = by_key(entity, key);
        statement.lock = Some(RowLock::default());
        let statement = Statement::Rows(&statement);
        let compiled = self.prepare(statement)?;
        let found = self.tracked_rows::<E>(&compiled, &[], overwritten(statement))?.pop();
        let id = self.map.by_key(model, key);
        match (found, id.map(|id| (id, self.map.state(id)))) {
            (Some(_), Some((_, State::ToBeDeleted | State::Deleted))) => Ok(None),
            (None, Some((id, State::Persistent | State::Stale))) => {
                self.row_is_gone(id);
                Ok(None)
            }
            _ => Ok(found),
        }
    }

    /// What a statement is in SQL; handles in it become keys.
    pub(super) fn compile(&mut self, statement: Statement<'_>) -> Result<Compiled> {
        let map = &self.map;
        compile(statement, self.engine.dialect(), &|handle, meta| key_of(map, handle, meta))
    }

    /// Flushes what a query should see, compiles it and begins.
    pub(super) fn prepare(&mut self, statement: Statement<'_>) -> Result<Compiled> {
        self.usable()?;
        self.flush_before(|| describe(statement))?;
        let compiled = self.compile(statement)?;
        self.begin()?;
        if let Some(transaction) = &mut self.transaction
            && let Err(error) = lock_database(transaction, statement)
        {
            return Err(self.told(error));
        }
        Ok(compiled)
    }

    /// Flushes what a query should see and begins.
    fn ready(&mut self, what: impl FnOnce() -> String) -> Result<()> {
        self.usable()?;
        self.flush_before(what)?;
        self.begin()
    }

    /// Runs a SELECT and puts its rows into the identity map.
    fn tracked_rows<S: Selection>(
        &mut self,
        compiled: &Compiled,
        include: &[IncludeNode],
        overwrite: Overwrite,
    ) -> Result<Vec<S::Tracked>> {
        let mut rows = Vec::new();
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Ok(rows);
        };
        let mut loader = Loader::new(&mut self.map, scope, self.transaction_number);
        loader.overwrite = overwrite;
        let parameters = Parameters::Values(&compiled.parameters);
        let done = transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
            let mut row = RowReader::new(row);
            if rows.is_empty() {
                loader.coming = row.rest() + 1;
                rows.reserve(loader.coming);
            }
            rows.push(S::tracked(&mut row, &mut loader)?);
            Ok(())
        });
        let loaded = loader.loaded;
        done.map_err(|error| self.told(error))?;
        self.loaded_together(loaded, include)?;
        Ok(rows)
    }

    /// Keeps an error that ended the transaction.
    pub(super) fn told(&mut self, error: Error) -> Error {
        let ended = self.transaction.as_ref().is_none_or(|open| open.failure().is_some());
        if ended || error.sqlstate().is_some() { self.fail(error) } else { error }
    }
}

/// The key of an object in a statement.
fn key_of(map: &IdentityMap, handle: RawHandle, meta: &'static ModelMeta) -> Result<Key> {
    let refused = |why: &str| {
        Error::new(
            ErrorKind::InvalidStatement,
            format!("a handle of `{}` in a statement {why}", meta.name),
        )
    };
    let Some(id) = map.find(handle, (meta.type_id)()) else {
        let cleared = map.is_cleared(handle);
        return Err(refused(if cleared {
            "is gone: the session was cleared"
        } else {
            "is of another session; use it with its own"
        }));
    };
    match (&map.entry(id).key, map.state(id)) {
        (_, state @ State::Gone(_)) => Err(refused(&format!("is {state}"))),
        (Some(key), _) => Ok(key.clone()),
        (None, _) => Err(refused("is of an object that is not flushed yet; flush first")),
    }
}

/// `SELECT … FROM … WHERE key = …`
fn by_key<E: Entity>(entity: E, key: &Key) -> SelectStatement {
    let source: Source = entity.__source();
    let mut statement = SelectStatement::default();
    entity.add_to(&mut statement);
    let values = key_values(source.table(), key);
    for (column, (ty, value)) in Node::key_of(source).into_iter().zip(values) {
        statement.filter.push(Node::Comparison {
            operator: ComparisonOperator::Equal,
            left: Box::new(column),
            right: Box::new(Node::Value { ty, value }),
        });
    }
    statement
}

/// What a statement includes.
fn included(statement: Statement<'_>) -> &[IncludeNode] {
    match statement {
        Statement::Rows(select) => &select.include,
        Statement::Count(_)
        | Statement::Exists(_)
        | Statement::Update { .. }
        | Statement::Delete { .. } => &[],
    }
}

/// What the rows of a statement do to objects that are known.
fn overwritten(statement: Statement<'_>) -> Overwrite {
    match statement {
        Statement::Rows(select) if select.populate_existing => Overwrite::All,
        Statement::Rows(select) if select.lock.is_some() => Overwrite::Unchanged,
        _ => Overwrite::Older,
    }
}

/// The parameters of [`by_key`].
fn key_parameters(table: &Table, key: &Key) -> Vec<Parameter> {
    key_values(table, key).map(|(ty, value)| Parameter { ty: Some(ty), value }).collect()
}

fn key_values(table: &Table, key: &Key) -> impl Iterator<Item = (ColumnType, Value)> {
    table.primary_key.iter().enumerate().map(|(part, &index)| {
        let ty = table.column(index).ty;
        (ty, key.value(part, ty))
    })
}

/// How messages name a query.
fn describe(statement: Statement<'_>) -> String {
    let select = match statement {
        Statement::Rows(select) | Statement::Count(select) | Statement::Exists(select) => select,
        Statement::Update { statement, .. } => {
            return format!("the update of {}", statement.source.model.name);
        }
        Statement::Delete { statement, .. } => {
            return format!("the deletion of {}", statement.source.model.name);
        }
    };
    let names: Vec<&str> = select
        .selected
        .iter()
        .map(|selected| match selected {
            Selected::Entity { source, .. } => source.model.name,
            Selected::Node { .. } => "an expression",
        })
        .collect();
    format!("the query of {}", names.join(", "))
}

impl Execute for Session {
    type Row<S: Selection> = S::Tracked;

    fn rows<S: Selection>(&mut self, statement: Statement<'_>) -> Result<Vec<S::Tracked>> {
        let compiled = self.prepare(statement)?;
        let rows =
            self.tracked_rows::<S>(&compiled, included(statement), overwritten(statement))?;
        Ok(rows)
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
        let done = transaction.fetch(cursor, ROWS_PER_FETCH, &mut |row| {
            stream.push(S::plain(&mut RowReader::new(row))?);
            Ok(())
        });
        match done {
            Ok(count) if count == u64::from(ROWS_PER_FETCH) => Ok(true),
            Ok(_) => {
                self.close_cursor(number)?;
                Ok(false)
            }
            Err(error) => Err(self.told(error)),
        }
    }

    fn fetch_page<S: Selection>(
        &mut self,
        cursor: u64,
        count: u32,
        include: &[IncludeNode],
    ) -> Result<Vec<S::Tracked>> {
        self.usable()?;
        let mut rows = Vec::new();
        let (Some(transaction), Some(cursor), Some(scope)) =
            (&mut self.transaction, self.cursors.get_mut(&cursor), self.scopes.last_mut())
        else {
            return Err(stream_closed());
        };
        let mut loader = Loader::new(&mut self.map, scope, self.transaction_number);
        let done = transaction.fetch(cursor, count, &mut |row| {
            rows.push(S::tracked(&mut RowReader::new(row), &mut loader)?);
            Ok(())
        });
        let loaded = loader.loaded;
        done.map_err(|error| self.told(error))?;
        self.loaded_together(loaded, include)?;
        Ok(rows)
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
