//! Reading again: `refresh`, `expire`, and rows read by a list of keys.
//!
//! 1. Expiring sends nothing and takes nothing away: the object is stale, its last known values can be
//!    read, its changes are written; collections and deferred columns are not loaded any more. No rollback
//!    undoes that.
//! 2. Refreshing reads now: the row, and the collections and deferred columns that were loaded; members of collections with
//!    `cascade(refresh)` with them.
//! 3. A row that is gone makes its object deleted; a rollback brings it back.

use super::Session;
use super::apart::{forget, unload};
use super::edits::members;
use super::identity_map::{EntryState, ObjectId};
use super::loader::Overwrite;
use super::scope::Scope;
use super::state::State;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Entity, Handle, IntoKey, Model};
use orm_core::query::targets_statement;
use orm_core::schema::{FieldSpec, Relationship};
use orm_core::types::Key;
use rustc_hash::FxHashSet;

impl Session {
    /// Reads an object again, now: its row, and what is loaded of its collections and deferred columns. Objects in
    /// collections with `cascade(refresh)` are read again with it.
    ///
    /// Flushes first, so that nothing is lost; without autoflush changes of the object that were not
    /// flushed are given up. Sends one SELECT, and one for each collection.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let author = session.get(Author, 1)?.unwrap();
    /// # session.commit()?;
    /// engine.transaction(|other| {
    ///     other.query(Author).filter(Author.id.eq(1)).update(Author.name.set("Ezzeddin"))
    /// })?;
    /// session.refresh(author)?;
    /// assert_eq!(session[author].name, "Ezzeddin");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotFound` when the row is gone, `InvalidState` for an object that has no row or is deleted,
    /// `Closed` for one that is gone or of another session.
    pub fn refresh<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        self.usable()?;
        let id = self.living(object)?;
        self.flush_before(|| format!("{} was refreshed", self_name::<M>()))?;
        match self.map.state(id) {
            State::Persistent | State::Stale => {}
            state => {
                return Err(Error::new(
                    ErrorKind::InvalidState,
                    format!("{object:?} is {state} and has no row to be read again"),
                ));
            }
        }
        self.map.models[id.model].typed_arena::<M>();
        let mut done = FxHashSet::default();
        self.refresh_row(id)?;
        self.refresh_collections(vec![id], &mut done)
    }

    fn refresh_row(&mut self, id: ObjectId) -> Result<()> {
        let Some(key) = self.map.entry(id).key.clone() else { return Ok(()) };
        self.edits.expressions.remove(&id);
        let deferred = self.deferred_of(id);
        // the object is there, whatever the criteria say of its row
        let found = self.without_criteria(|session| {
            session.read_by_keys(id.model, &[key], Overwrite::All, &deferred)
        })?;
        if found.is_empty() {
            let name = self.map.describe(id);
            self.row_is_gone(id);
            return Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "{name} can't be refreshed: its row is gone; another transaction deleted it, or changed its key"
                ),
            ));
        }
        Ok(())
    }

    /// Reads the collections of objects of one model again, and those behind them.
    fn refresh_collections(
        &mut self,
        owners: Vec<ObjectId>,
        done: &mut FxHashSet<ObjectId>,
    ) -> Result<()> {
        let owners: Vec<ObjectId> = owners.into_iter().filter(|&id| done.insert(id)).collect();
        let Some(&first) = owners.first() else { return Ok(()) };
        for relationship in self.map.models[first.model].meta.table().all_relationships() {
            let loaded = |&id: &ObjectId| self.holds_collection(id, relationship);
            let loaded: Vec<ObjectId> = owners.iter().copied().filter(loaded).collect();
            if loaded.is_empty() {
                continue;
            }
            let overwrite =
                if relationship.cascade.refresh { Overwrite::All } else { Overwrite::Older };
            let found = self.load_related(&loaded, relationship, overwrite, &[])?;
            if relationship.cascade.refresh {
                self.refresh_collections(found, done)?;
            }
        }
        Ok(())
    }

    /// Whether a field is a collection that is loaded.
    fn holds_collection(&self, id: ObjectId, relationship: &Relationship) -> bool {
        let object = self.map.object(id);
        object
            .and_then(|object| object.field(relationship.field).collection())
            .is_some_and(orm_core::model::Collection::is_loaded)
    }

    /// Makes an object stale: it is read again when it is asked for by key or found by a query. Its
    /// collections and deferred columns are not loaded any more, and objects in those with `cascade(refresh)` are stale
    /// with it. Nothing is sent; the last known values stay readable, changes stay and are written. An
    /// object without a row stays as it is. A rollback puts back values, and the object stays stale:
    /// what was known before is older still.
    ///
    /// # Errors
    /// `Closed` for an object that is gone or of another session; those of relationships that
    /// contradict each other.
    pub fn expire<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let id = self.living(object)?;
        self.settle()?;
        let mut all = vec![id];
        let mut seen: FxHashSet<ObjectId> = all.iter().copied().collect();
        let mut index = 0;
        while let Some(&owner) = all.get(index) {
            index += 1;
            for relationship in &self.map.models[owner.model].meta.table().relationships {
                if relationship.cascade.refresh {
                    let inside = members(&self.map, owner, relationship, false).into_iter();
                    all.extend(inside.filter(|&id| seen.insert(id)));
                }
            }
        }
        for id in all {
            self.expire_object(id);
        }
        Ok(())
    }

    /// Makes every object stale, as [`Session::expire`] does.
    ///
    /// # Errors
    /// Those of relationships that contradict each other.
    pub fn expire_all(&mut self) -> Result<()> {
        self.settle()?;
        self.expire_objects();
        Ok(())
    }

    /// Makes every object stale, and its collections unloaded.
    pub(super) fn expire_objects(&mut self) {
        for model in 0..self.map.models.len() {
            for slot in 0..self.map.models[model].entries.len() {
                self.expire_object(ObjectId { model, slot });
            }
        }
    }

    fn expire_object(&mut self, id: ObjectId) {
        let has_row = [State::Persistent, State::Stale].map(EntryState::Known);
        if !has_row.contains(&self.map.entry(id).state) {
            return;
        }
        if !planted(Fault::ExpiredForRollback) {
            Scope::expire(&mut self.scopes, &self.map, id);
        }
        self.map.set_state(id, State::Stale);
        let meta = self.map.models[id.model].meta;
        if !meta.is_read_in_parts() {
            return;
        }
        self.keep_deferred(id);
        for (field, described) in meta.fields.iter().enumerate() {
            match described.spec {
                FieldSpec::Collection { .. } => self.unload(id, field),
                FieldSpec::Column { deferred: true, .. } => forget(&mut self.map, id, field),
                _ => {}
            }
        }
    }

    /// Makes a collection one that is not loaded; what was changed in it stays remembered.
    pub(super) fn unload(&mut self, id: ObjectId, field: usize) {
        unload(&mut self.map, id, field);
        self.edits.forget(id, field);
    }

    /// The objects with these primary keys, in the order asked; `None` for a key without a row.
    ///
    /// Objects that the session knows cost no SQL. For the others it flushes and sends one `SELECT …
    /// WHERE key = ANY($1)`, whatever their number (on SQLite one per 10,000 keys of several columns).
    /// The objects are loaded together: what `load` loads for one of them it loads for all.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let found = session.get_many(Author, [3, 1000, 1])?;
    /// assert_eq!(found.len(), 3);
    /// assert!(found[0].is_some() && found[1].is_none() && found[2].is_some());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidStatement` for a key that is unset.
    pub fn get_many<E: Entity, K: IntoKey<<E::Model as Model>::Key>>(
        &mut self,
        _: E,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Vec<Option<Handle<E::Model>>>> {
        self.usable()?;
        let meta = <E::Model as Model>::meta();
        let mut wanted = Vec::new();
        for key in keys {
            let Some(key) = key.into_key() else {
                return Err(Error::new(
                    ErrorKind::InvalidStatement,
                    format!(
                        "`get_many` of `{}` by a key that is unset; flush the objects whose keys they are \
                         first",
                        meta.name
                    ),
                ));
            };
            wanted.push(key);
        }
        let model = self.map.model(meta);
        self.map.models[model].typed_arena::<E::Model>();
        self.read_lacking(model, &wanted)?;
        let there = |key: &Key| {
            let id = self.map.by_key(model, key)?;
            self.is_there(id).then(|| self.map.handle(id).typed())
        };
        Ok(wanted.iter().map(there).collect())
    }

    /// Reads the objects of these keys as far as they are not known; flushes before it sends
    /// anything. The model has an arena.
    pub(super) fn read_lacking(&mut self, model: usize, keys: &[Key]) -> Result<()> {
        if self.lacking(model, keys).is_empty() {
            return Ok(());
        }
        let name = self.map.models[model].meta.name;
        self.flush_before(|| format!("the query of {name}"))?;
        let lacking = self.lacking(model, keys);
        self.read_by_keys(model, &lacking, Overwrite::Older, &[])?;
        self.tell_gone(model, &lacking);
        Ok(())
    }

    /// Of keys that were just read, those whose objects are still stale have no rows.
    pub(super) fn tell_gone(&mut self, model: usize, keys: &[Key]) {
        if self.under.criteria.hold_for(self.map.models[model].meta) {
            return; // what they hide is not gone
        }
        for key in keys {
            if let Some(id) = self.map.by_key(model, key)
                && self.map.entry(id).state == EntryState::Known(State::Stale)
            {
                self.row_is_gone(id);
            }
        }
    }

    /// The keys whose rows have to be read, each once.
    pub(super) fn lacking(&self, model: usize, keys: &[Key]) -> Vec<Key> {
        let mut seen = FxHashSet::default();
        let lacks = |key: &&Key| match self.map.by_key(model, key) {
            None => true,
            Some(id) => {
                let to_read = [EntryState::Reserved, EntryState::Known(State::Stale)];
                to_read.contains(&self.map.entry(id).state) || self.must_ask(id)
            }
        };
        let mut lacking: Vec<Key> = keys.iter().filter(lacks).cloned().collect();
        lacking.retain(|key| seen.insert(key.clone()));
        lacking
    }

    /// Whether an object has a row that was read.
    fn is_there(&self, id: ObjectId) -> bool {
        let states = [State::Persistent, State::Stale].map(EntryState::Known);
        states.contains(&self.map.entry(id).state)
            && self.map.object(id).is_some()
            && !self.must_ask(id)
    }

    /// Sends the SELECT of rows by their keys, with some deferred columns; the objects found are a
    /// cohort.
    pub(super) fn read_by_keys(
        &mut self,
        model: usize,
        keys: &[Key],
        overwrite: Overwrite,
        deferred: &[usize],
    ) -> Result<Vec<ObjectId>> {
        let meta = self.map.models[model].meta;
        let mut found = Vec::new();
        for keys in self.chunks(keys) {
            let statement = targets_statement(meta, keys, deferred.to_vec());
            self.each_row(&statement, model, overwrite, &mut |loader, model, row| {
                found.push(loader.load(model, row)?);
                Ok(())
            })?;
        }
        self.note_asked(found.iter().copied());
        self.make_cohort(found.iter().copied().collect());
        Ok(found)
    }

    /// Reads objects again whose rows the database wrote by itself, where it keeps their versions. One
    /// that has changes of its own keeps what it is compared with.
    pub(super) fn read_rewritten(&mut self) -> Result<()> {
        let mut objects = std::mem::take(&mut self.map.rewritten);
        objects.sort_unstable();
        objects.dedup();
        let unchanged = |id: &ObjectId| {
            let values = self.map.values(id.model);
            matches!(self.map.state(*id), State::Persistent | State::Stale)
                && values.is_some_and(|values| values.original(id.slot).is_none())
        };
        objects.retain(unchanged);
        for objects in objects.chunk_by(|one, other| one.model == other.model) {
            let keys = objects.iter().filter_map(|&id| self.map.entry(id).key.clone());
            let keys: Vec<Key> = keys.collect();
            let mut deferred: Vec<usize> =
                objects.iter().flat_map(|&id| self.deferred_of(id)).collect();
            deferred.sort_unstable();
            deferred.dedup();
            // they are objects of the session, whatever criteria say of their rows
            let model = objects[0].model;
            let read = self.without_criteria(|session| {
                session.read_by_keys(model, &keys, Overwrite::All, &deferred)
            });
            read.map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    /// The row of an object was looked for and is gone: nothing is to be written to it, and a rollback
    /// brings it back.
    pub(super) fn row_is_gone(&mut self, id: ObjectId) {
        if self.map.object(id).is_some()
            && let Some(scope) = self.scopes.last_mut()
        {
            scope.record(&mut self.map, id, None);
            self.map.set_state(id, State::Deleted);
            self.leave_collections(&[id]);
        }
    }
}

fn self_name<M: Model>() -> &'static str {
    M::meta().name
}
