//! How statements run on a session: compiled, sent, their rows made objects by [`super::loader`].
//! Queries flush first, so that they see what is pending; an error that ended the transaction is kept.

use super::Session;
use super::cohort::Cohort;
use super::identity_map::{IdentityMap, ObjectId};
use super::loader::Overwrite;
use super::state::State;
use crate::engine::select::lock_database;
use orm_core::compile::{Compiled, compile};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Entity, Handle, Model, RawHandle};
use orm_core::query::{Selection as _, Statement};
use orm_core::schema::{ModelMeta, Table};
use orm_core::statement::{
    ComparisonOperator, IncludeNode, Node, Parameter, RowLock, SelectStatement, Selected, Source,
};
use orm_core::types::{ColumnType, Key, Value};

impl Session {
    /// Reads a row by its key; `None`, and the object gone, when there is none.
    pub(super) fn load_by_key<E: Entity>(
        &mut self,
        entity: E,
        model: usize,
        key: &Key,
    ) -> Result<Option<Handle<E::Model>>> {
        let found = self.select_by_key(entity, model, key)?;
        // a row that the criteria hide is not gone
        let hides = self.under.criteria.hold_for(<E::Model as Model>::meta());
        if found.is_none()
            && !hides
            && let Some(id) = self.map.by_key(model, key)
            && self.map.state(id) == State::Stale
        {
            self.row_is_gone(id);
        }
        Ok(found)
    }

    /// Objects that one statement loaded: they are a cohort, and what is included follows.
    pub(super) fn loaded_together(
        &mut self,
        loaded: Cohort,
        include: &[IncludeNode],
    ) -> Result<()> {
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
        // the text that is kept is that without criteria
        if self.under.criteria.hold_for(<E::Model as Model>::meta()) {
            let compiled = self.prepare(Statement::Rows(&by_key(entity, key)))?;
            return Ok(self.tracked_rows::<E>(&compiled, &SelectStatement::default())?.pop());
        }
        let compiled = match self.map.models[model].get_text.take() {
            Some(sql) => {
                self.ready(|| format!("the query of {}", <E::Model as Model>::meta().name))?;
                Compiled { sql, parameters: key_parameters(entity.table(), key) }
            }
            None => self.prepare(Statement::Rows(&by_key(entity, key)))?,
        };
        let found = self.tracked_rows::<E>(&compiled, &SelectStatement::default());
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
        let compiled = self.prepare(Statement::Rows(&statement))?;
        let found = self.tracked_rows::<E>(&compiled, &statement)?.pop();
        let hides = self.under.criteria.hold_for(<E::Model as Model>::meta());
        let id = self.map.by_key(model, key);
        match (found, id.map(|id| (id, self.map.state(id)))) {
            (Some(_), Some((_, State::ToBeDeleted | State::Deleted))) => Ok(None),
            (None, Some((id, State::Persistent | State::Stale))) if !hides => {
                self.row_is_gone(id);
                Ok(None)
            }
            _ => Ok(found),
        }
    }

    /// What a statement is in SQL; handles in it become keys.
    pub(super) fn compile(&mut self, statement: Statement<'_>) -> Result<Compiled> {
        let map = &self.map;
        let resolve = |handle, meta| key_of(map, handle, meta);
        compile(statement, self.engine.dialect(), &resolve, &self.under.criteria)
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

/// What the rows of a statement do to objects that are known.
pub(super) fn overwritten(select: &SelectStatement) -> Overwrite {
    if select.populate_existing {
        Overwrite::All
    } else if select.lock.is_some() {
        Overwrite::Unchanged
    } else {
        Overwrite::Older
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
