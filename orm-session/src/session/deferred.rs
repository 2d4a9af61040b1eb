//! Deferred columns, read for objects that lack them by one statement.
//!
//! A row that is taken over (`loader`) says all there is: columns that it was read without are not loaded.

use super::Session;
use super::apart::take_in;
use super::identity_map::ObjectId;
use super::loader::Overwrite;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::query::{columns_statement, owner_key};
use orm_core::types::Key;

impl Session {
    /// Reads deferred columns, by their positions, of objects of one model that have rows; one
    /// statement.
    pub(super) fn load_deferred(&mut self, owners: &[ObjectId], columns: &[usize]) -> Result<()> {
        let Some(model) = owners.first().map(|owner| owner.model) else { return Ok(()) };
        let meta = self.map.models[model].meta;
        let keys: Vec<Key> =
            owners.iter().filter_map(|&owner| self.map.entry(owner).key.clone()).collect();
        let width = meta.table().primary_key.len();
        for keys in self.chunks(&keys) {
            let statement = columns_statement(meta, keys, columns);
            // the objects are there, whatever criteria say of their rows
            self.without_criteria(|session| {
                session.each_row(&statement, model, Overwrite::Older, &mut |loader, model, row| {
                    let key = owner_key(meta.table(), width, row)?;
                    row.skip(width);
                    match key.and_then(|key| loader.map.by_key(model, &key)) {
                        Some(id) => take_in(loader.map, loader.scope, id, columns, row),
                        None => Ok(()),
                    }
                })
            })?;
        }
        Ok(())
    }

    /// Reads a deferred column of an object that lacks it, with those that were loaded together with it.
    pub(super) fn load_column(&mut self, id: ObjectId, column: usize) -> Result<()> {
        let state = self.map.state(id);
        let meta = self.map.models[id.model].meta;
        let field = meta.table().column(column).field;
        if !matches!(state, State::Persistent | State::Stale | State::ToBeDeleted) {
            return Err(Error::new(
                ErrorKind::NotLoaded,
                format!(
                    "`{}.{}` of {} has no value and can't be loaded: the object is {state}",
                    meta.name,
                    meta.fields[field].name,
                    self.map.describe(id)
                ),
            ));
        }
        let mut owners = self.cohort_lacking(id, field);
        if !owners.contains(&id) {
            owners.push(id);
        }
        self.load_deferred(&owners, &[column])?;
        if self.is_loaded(id, field) {
            return Ok(());
        }
        let message = format!(
            "`{}.{}` of {} can't be loaded: the row is gone; another transaction deleted it, or changed \
             its key",
            meta.name,
            meta.fields[field].name,
            self.map.describe(id)
        );
        self.row_is_gone(id);
        Err(Error::new(ErrorKind::NotFound, message))
    }

    /// The deferred columns that an object has values of.
    pub(super) fn deferred_of(&self, id: ObjectId) -> Vec<usize> {
        self.map.object(id).map_or_else(Vec::new, <dyn Object>::loaded_columns)
    }

    /// Keeps what an object was for a rollback, where deferred columns of it are about to be unloaded: a
    /// new row has their values nowhere else once it is rolled back.
    pub(super) fn keep_deferred(&mut self, id: ObjectId) {
        if self.deferred_of(id).is_empty() {
            return;
        }
        let original = self.map.values(id.model).and_then(|values| values.original(id.slot));
        let known = original.or_else(|| self.map.object(id)).map(Object::boxed);
        if let Some(scope) = self.scopes.last_mut() {
            scope.record(&mut self.map, id, known);
        }
    }
}
