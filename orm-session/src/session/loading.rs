//! From rows to objects.
//!
//! What a row of a known key does to its object:
//! 1. not changed, and read in an earlier transaction, or stale: overwritten;
//! 2. not changed, and read in this transaction: kept;
//! 3. changed, or deleted: kept.

use super::Session;
use super::cohort::Cohort;
use super::identity_map::{EntryState, IdentityMap, ObjectId};
use super::scope::Scope;
use super::state::State;
use orm_core::compile::{Compiled, compile};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Entity, Handle, Model, Object, RawHandle, RefValue};
use orm_core::query::{Selection as _, Statement, Tracker};
use orm_core::schema::{ModelMeta, Table};
use orm_core::statement::{
    ComparisonOperator, IncludeNode, Node, Parameter, SelectStatement, Selected, Source,
};
use orm_core::types::{ColumnType, Key, RowReader, Value};

/// Puts rows into the identity map.
pub(super) struct Loader<'a> {
    pub map: &'a mut IdentityMap,
    pub scope: &'a mut Scope,
    pub transaction_number: u32,
    /// The model of the last row, which most likely is the next one's.
    last: Option<(&'static ModelMeta, usize)>,
    /// Entities in the order of their rows: those loaded together.
    pub loaded: Cohort,
    /// How many rows are about to come, as far as it is known.
    pub coming: usize,
}

impl<'a> Loader<'a> {
    pub fn new(
        map: &'a mut IdentityMap,
        scope: &'a mut Scope,
        transaction_number: u32,
    ) -> Loader<'a> {
        Loader { map, scope, transaction_number, last: None, loaded: Cohort::default(), coming: 0 }
    }

    fn model<M: Model>(&mut self) -> usize {
        let meta = M::meta();
        match self.last {
            Some((last, number)) if std::ptr::eq(last, meta) => number,
            _ => {
                let number = self.map.model(meta);
                self.map.models[number].reserve::<M>(std::mem::take(&mut self.coming));
                self.last = Some((meta, number));
                number
            }
        }
    }

    /// The object of the row that comes next in a row; its model has an arena.
    pub fn load(&mut self, model: usize, row: &mut RowReader<'_>) -> Result<ObjectId> {
        let table = self.map.models[model].meta.table();
        let Some(key) = table.read_key(&table.primary_key, row)? else {
            return Err(Error::new(
                ErrorKind::Decode,
                format!("a row of `{}` has NULL in its primary key", table.model.name),
            ));
        };
        let (slot, known) = self.map.models[model].find_or_push(key, self.scope.serial);
        let id = ObjectId { model, slot };
        if !known {
            return self.fill(id, row);
        }
        match self.map.entry(id).state {
            EntryState::Reserved => {
                let entry = self.map.entry_mut(id);
                entry.state = EntryState::Known(State::Persistent);
                entry.born = self.scope.serial;
                self.fill(id, row)
            }
            EntryState::Known(state) => {
                let changed =
                    self.map.values(model).is_some_and(|values| values.original(slot).is_some());
                let fresh = state == State::Persistent
                    && self.map.entry(id).read_in == self.transaction_number;
                let overwritten = matches!(state, State::Persistent | State::Stale) && !fresh;
                if overwritten && !changed {
                    self.overwrite(id, row)?;
                } else {
                    row.skip(table.columns.len());
                }
                Ok(id)
            }
        }
    }

    /// Reads the row of an object that was not here.
    fn fill(&mut self, id: ObjectId, row: &mut RowReader<'_>) -> Result<ObjectId> {
        if let Some(values) = self.map.values_mut(id.model)
            && let Err(error) = values.read(id.slot, row)
        {
            self.map.entry_mut(id).state = EntryState::Reserved;
            return Err(error);
        }
        self.map.entry_mut(id).read_in = self.transaction_number;
        self.point(id);
        Ok(id)
    }

    /// Takes over what the database has now; what the object was is kept for rollback where it
    /// differs. Collections stay as they are.
    fn overwrite(&mut self, id: ObjectId, row: &mut RowReader<'_>) -> Result<()> {
        let Some(values) = self.map.values_mut(id.model) else { return Ok(()) };
        let mut new = values.read_object(row)?;
        self.scope.record(self.map, id, None);
        let old = self.map.object(id);
        if !old.is_some_and(|old| same_row(old, &*new)) {
            if let Some(old) = old {
                for relationship in &old.table().relationships {
                    let field = relationship.field;
                    if old.field(field).collection().is_some() {
                        new.field_mut(field).assign(old.field(field));
                    }
                }
            }
            if let Some(old) = self.map.put(id, new) {
                self.scope.record(self.map, id, Some(old));
            }
            self.point(id);
        }
        let entry = self.map.entry_mut(id);
        entry.state = EntryState::Known(State::Persistent);
        entry.read_in = self.transaction_number;
        Ok(())
    }

    /// Gives the references of a row just read the handles of their objects.
    pub fn point(&mut self, id: ObjectId) {
        for index in 0..self.map.models[id.model].references.len() {
            let (field, target) = self.map.models[id.model].references[index];
            let key = self
                .map
                .object(id)
                .and_then(|object| object.field(field).reference())
                .and_then(RefValue::key)
                .cloned();
            let Some(key) = key else { continue };
            let target = self.map.reserve(target, &key);
            let handle = self.map.handle(target);
            if let Some(reference) =
                self.map.object_mut(id).and_then(|object| object.field_mut(field).reference_mut())
            {
                reference.set_handle(handle);
            }
        }
    }
}

fn same_row(one: &dyn Object, other: &dyn Object) -> bool {
    (0..one.meta().fields.len()).all(|index| one.field(index).same(other.field(index)))
}

impl Tracker for Loader<'_> {
    fn track<M: Model>(&mut self, row: &mut RowReader<'_>) -> Result<Handle<M>> {
        let model = self.model::<M>();
        let id = self.load(model, row)?;
        self.loaded.push(id);
        Ok(self.map.handle(id).typed())
    }
}

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
            && self.map.object(id).is_some()
            && let Some(scope) = self.scopes.last_mut()
        {
            // its row is gone: nothing is to be written to it, and a rollback brings it back
            scope.record(&mut self.map, id, None);
            self.map.set_state(id, State::Deleted);
            self.leave_collections(&[id]);
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
        return Err(refused("is of another session; use it with its own"));
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
