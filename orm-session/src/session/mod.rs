//! The session: objects, the transaction they live in, and the unit of work between them.
//!
//! `identity_map` keeps one object per key, `scope` what rollback puts back, `flush` turns changes
//! into batches, `loading` turns rows into objects, `access` is `session[handle]`. The session
//! itself coordinates: it begins, flushes, commits and rolls back.

mod access;
mod associate;
mod cascade;
mod drop;
mod edits;
mod flush;
mod graph;
mod identity_map;
mod key_index;
mod links;
mod loading;
mod options;
mod related;
mod savepoint;
mod scope;
mod set_based;
mod state;

pub use related::LoadMode;
pub use state::{Gone, State};

use crate::engine::Engine;
use crate::engine::transaction::{Cursor, Transaction};
use cascade::DoneByDatabase;
use edits::Edits;
use flush::{FlushPlan, Linked, Work};
use identity_map::{EntryState, IdentityMap, ObjectId};
use options::SessionOptions;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Entity, Handle, IntoKey, Model, Object, RawHandle};
use orm_core::query::{Select, Selection};
use orm_core::schema::{ModelMeta, RelationshipKind};
use rustc_hash::FxHashMap;
use scope::Scope;
use std::any::TypeId;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// A unit of work over an engine: it keeps the objects it loaded and was given, notices what
/// changed, and writes it in batches.
///
/// It opens nothing until its first statement, which takes a connection and begins a transaction;
/// `commit` and `rollback` give it back. Dropping it rolls back. It belongs to one thread at a time
/// (it is `Send`).
///
/// ```ignore
/// let mut session = engine.session();
/// let author = session.add(Author::new("ezz@example.com"));
/// session.commit()?;
/// session[author].lastname = Some("Ezzeddin".into());
/// session.commit()?;                                   // UPDATE of one column
/// ```
pub struct Session {
    engine: Engine,
    map: IdentityMap,
    /// The transaction since the last commit or rollback, and its savepoints.
    scopes: Vec<Scope>,
    last_scope: u32,
    /// Grows with every BEGIN.
    transaction_number: u32,
    work: Work,
    /// What is remembered of relationships since the last flush.
    edits: Edits,
    /// Objects loaded together, which are loaded further together.
    cohorts: Vec<Vec<ObjectId>>,
    transaction: Option<Transaction>,
    /// Values of objects that a rollback took out, for `take`.
    left_over: FxHashMap<ObjectId, Box<dyn Object>>,
    /// Open cursors, by the number their streams know.
    cursors: FxHashMap<u64, Cursor>,
    /// The error that ended the transaction, until `rollback`.
    failed: Option<Error>,
    options: SessionOptions,
}

impl Engine {
    /// A new session. Connects to nothing yet.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }
}

impl Session {
    fn new(engine: Engine) -> Session {
        let mut session = Session {
            engine,
            map: IdentityMap::new(next_session_number()),
            scopes: Vec::new(),
            last_scope: 0,
            transaction_number: 0,
            work: Work::default(),
            edits: Edits::default(),
            cohorts: Vec::new(),
            transaction: None,
            left_over: FxHashMap::default(),
            cursors: FxHashMap::default(),
            failed: None,
            options: SessionOptions::default(),
        };
        session.open_scope(None);
        session
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Adds a new object, with the new objects its fields hold; its row is inserted by the next
    /// flush.
    ///
    /// Never fails: what is wrong with the object (a key that another object of the session has)
    /// is told by the next call that returns a `Result`, before any SQL.
    pub fn add<M: Model>(&mut self, object: M) -> Handle<M> {
        let id = self.map.add(object, self.scope_serial());
        self.work.added.push(id);
        if let Some(scope) = self.scopes.last_mut() {
            scope.added.push(id);
        }
        self.map.handle(id).typed()
    }

    /// Adds several objects; their handles in the same order.
    pub fn add_all<M: Model>(&mut self, objects: impl IntoIterator<Item = M>) -> Vec<Handle<M>> {
        let objects = objects.into_iter();
        let model = self.map.model(M::meta());
        self.map.models[model].reserve::<M>(objects.size_hint().0);
        objects.map(|object| self.add(object)).collect()
    }

    /// Marks an object for deletion; its row is deleted by the next flush. A pending object leaves
    /// the session at once. Deleting it twice is deleting it once.
    ///
    /// # Errors
    /// `Closed` for an object that is gone or of another session.
    #[track_caller]
    pub fn delete<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let id = self.living(object)?;
        match self.map.state(id) {
            State::Pending => {
                if let Some(value) = self.map.remove(id, Gone::Discarded) {
                    self.left_over.insert(id, value);
                }
            }
            State::Persistent | State::Stale => {
                if let Some(scope) = self.scopes.last_mut() {
                    // changes not flushed are not written any more; rollback puts the row's values
                    // back and the object's state
                    scope.record(&mut self.map, id, None);
                }
                self.map.set_state(id, State::ToBeDeleted);
                self.work.deleting.push(id);
            }
            State::ToBeDeleted | State::Deleted | State::Gone(_) => {}
        }
        Ok(())
    }

    /// The object with a primary key; `None` when there is no such row.
    ///
    /// An object the session knows costs no SQL. Otherwise it flushes and sends
    /// `SELECT … WHERE key = $1`; a stale object is read again and keeps its handle.
    ///
    /// ```ignore
    /// let author = session.get(Author, 7)?;
    /// let employee = session.get(Employment, (person_id, company_id))?;
    /// ```
    pub fn get<E: Entity>(
        &mut self,
        entity: E,
        key: impl IntoKey<<E::Model as Model>::Key>,
    ) -> Result<Option<Handle<E::Model>>> {
        self.usable()?;
        let Some(key) = key.into_key() else {
            return Err(Error::new(
                ErrorKind::InvalidStatement,
                format!("`get` of `{}` by a key that is unset", <E::Model as Model>::meta().name),
            ));
        };
        let model = self.map.model(<E::Model as Model>::meta());
        if let Some(id) = self.map.by_key(model, &key) {
            match self.map.entry(id).state {
                EntryState::Known(State::Persistent) => {
                    return Ok(Some(self.map.handle(id).typed()));
                }
                EntryState::Known(State::ToBeDeleted | State::Deleted) => return Ok(None),
                EntryState::Known(_) | EntryState::Reserved => {}
            }
        }
        self.load_by_key(entity, model, &key)
    }

    /// A statement bound to this session: `session.query(Article).filter(..).all()?`.
    ///
    /// The same as `select(..)`, which is finished by `.all(&mut session)` and may read objects of
    /// the session in its expressions.
    pub fn query<S: Selection>(&mut self, selection: S) -> Select<S, &mut Session> {
        Select::bound(&selection, self)
    }

    /// Writes what was added, changed and deleted since the last flush. With nothing to write it
    /// sends nothing and begins no transaction.
    ///
    /// # Errors
    /// `InvalidState` and `Stale` before or while SQL is sent, and every kind of the database. An
    /// error while SQL is sent ends the transaction: the session says so until `rollback`.
    pub fn flush(&mut self) -> Result<()> {
        self.usable()?;
        let Some((plan, done)) = self.plan()? else { return Ok(()) };
        self.begin()?;
        let cleared = self.cleared_links(&done);
        let linked = Linked { changes: self.edits.links.tables(), cleared };
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Err(Error::new(ErrorKind::Closed, "no transaction is open"));
        };
        let number = self.transaction_number;
        match flush::persist(&mut self.map, &plan, &linked, transaction, scope, number) {
            Ok(()) => {
                self.tell_objects(&done);
                self.forget_work();
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Flushes, then commits. With nothing written or read since the last one it sends nothing.
    ///
    /// # Errors
    /// As [`Session::flush`]; `CommitOutcomeUnknown` when the connection broke while COMMIT was
    /// under way.
    pub fn commit(&mut self) -> Result<()> {
        if self.in_savepoint() {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "`commit` inside a savepoint; leave its closure first",
            ));
        }
        self.flush()?;
        if let Some(mut transaction) = self.transaction.take() {
            self.cursors.clear();
            if let Err(error) = transaction.commit() {
                return Err(self.fail(error));
            }
        }
        self.committed();
        Ok(())
    }

    /// Undoes everything since the last commit: in the database, and in the objects of the session.
    ///
    /// Always succeeds in memory: objects that were there get back the values and states they had,
    /// those added since are gone ([`Session::take`] gives them back), those first loaded since are
    /// stale. After an error that ended the transaction this is the way on.
    ///
    /// A connection that does not take ROLLBACK is thrown away, which undoes the transaction too:
    /// it never fails, and returns a `Result` so that it reads like `commit`.
    pub fn rollback(&mut self) -> Result<()> {
        // its drop rolls back; a connection that does not take ROLLBACK is thrown away
        self.transaction = None;
        self.failed = None;
        self.cursors.clear();
        self.revert_changes();
        while let Some(scope) = self.scopes.pop() {
            let gone = scope.roll_back(&mut self.map);
            self.left_over.extend(gone);
        }
        self.open_scope(None);
        Ok(())
    }

    /// Gives back the value of an object that a rollback took out of the session (or that was
    /// deleted before it was flushed), as it was added: generated keys unset, new objects it
    /// pointed to inside.
    ///
    /// # Errors
    /// `Closed` where there is no such value.
    pub fn take<M: Model>(&mut self, object: Handle<M>) -> Result<M> {
        let id = self.find(object)?;
        let value = self.take_object(id).and_then(|value| {
            let value: Box<dyn std::any::Any> = value;
            value.downcast::<M>().ok()
        });
        value.map(|value| *value).ok_or_else(|| {
            Error::new(
                ErrorKind::Closed,
                format!("{object:?} has no value to take; it is {}", self.map.state(id)),
            )
        })
    }

    /// The state of an object. Never panics; an object of another session is an error.
    pub fn state<M: Model>(&self, object: Handle<M>) -> Result<State> {
        self.find(object).map(|id| self.map.state(id))
    }

    /// Whether a transaction is open in the database.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// What a flush sends; `None` when nothing has to be written. Loads what cascades need.
    fn plan(&mut self) -> Result<Option<(FlushPlan, DoneByDatabase)>> {
        self.reconcile()?;
        if self.work.is_empty() && self.edits.is_empty() {
            return Ok(None);
        }
        let done = self.cascade()?;
        let plan = flush::plan(&mut self.map, &self.work)?;
        if plan.is_empty() && self.edits.links.is_empty() {
            self.forget_work();
            return Ok(None);
        }
        Ok(Some((plan, done)))
    }

    /// The link tables of the models of objects that are deleted, with these objects.
    fn cleared_links(
        &self,
        done: &DoneByDatabase,
    ) -> Vec<(&'static ModelMeta, usize, Vec<ObjectId>)> {
        let deleted: Vec<ObjectId> = self
            .work
            .deleting
            .iter()
            .copied()
            .filter(|&id| self.map.state(id) == State::ToBeDeleted)
            .chain(done.deleted.iter().copied())
            .collect();
        let mut cleared = Vec::new();
        if deleted.is_empty() {
            return cleared;
        }
        for link in self.link_tables() {
            for (side, field) in link.fields.iter().enumerate() {
                let objects: Vec<ObjectId> = deleted
                    .iter()
                    .copied()
                    .filter(|id| field.target() == Some(self.map.models[id.model].meta))
                    .collect();
                if !objects.is_empty() {
                    cleared.push((link, side, objects));
                }
            }
        }
        cleared
    }

    /// The link tables of the registered models, and of those the session has met.
    fn link_tables(&self) -> Vec<&'static ModelMeta> {
        let mut links = self.engine.schema().links().to_vec();
        for model in &self.map.models {
            for relationship in &model.meta.table().relationships {
                if let RelationshipKind::ManyToMany { link, .. } = relationship.kind
                    && !links.contains(&link)
                {
                    links.push(link);
                }
            }
        }
        links
    }

    /// Nothing differs from what the database has any more. Copies of objects that were lent go, so
    /// that their next change is noticed; where collections changed, rollback has them.
    fn forget_work(&mut self) {
        for id in std::mem::take(&mut self.work).touched {
            let original =
                self.map.values_mut(id.model).and_then(|values| values.take_original(id.slot));
            if let (Some(original), Some(scope)) = (original, self.scopes.last_mut())
                && original.meta().has_collections()
            {
                scope.record(&mut self.map, id, Some(original));
            }
        }
        self.edits.clear();
    }

    /// Takes a connection and begins, unless that was done.
    fn begin(&mut self) -> Result<()> {
        if self.transaction.is_none() {
            self.transaction = Some(Transaction::begin(&self.engine)?);
            self.transaction_number += 1;
        }
        Ok(())
    }

    /// Writes pending changes before a query, as far as that is wanted; an error names the query.
    fn flush_before(&mut self, what: impl FnOnce() -> String) -> Result<()> {
        if self.options.autoflush {
            self.flush().map_err(|error| {
                error.with_context(format!("while pending changes were flushed before {}", what()))
            })
        } else {
            self.reconcile()
        }
    }

    /// Ends the transaction after an error of the database; `error` is told again to every call
    /// until `rollback`.
    fn fail(&mut self, error: Error) -> Error {
        self.transaction = None;
        self.cursors.clear();
        self.failed = Some(error.repeat());
        error
    }

    /// An error for every call between a failure and `rollback`.
    fn usable(&self) -> Result<()> {
        match &self.failed {
            None => Ok(()),
            Some(cause) => Err(Error::new(
                ErrorKind::SessionFailed,
                format!("the transaction was ended by an error; call `rollback()` first: {cause}"),
            )
            .with_source(cause.repeat())),
        }
    }

    fn committed(&mut self) {
        for scope in self.scopes.drain(..) {
            for id in scope.deleted(&self.map) {
                self.map.remove(id, Gone::Deleted);
            }
        }
        self.left_over.clear();
        if self.options.expire_on_commit {
            for entry in self.map.models.iter_mut().flat_map(|model| &mut model.entries) {
                if entry.state == EntryState::Known(State::Persistent) {
                    entry.state = EntryState::Known(State::Stale);
                }
            }
        }
        self.open_scope(None);
    }

    fn open_scope(&mut self, savepoint: Option<String>) {
        self.last_scope += 1;
        self.scopes.push(Scope::new(self.last_scope, savepoint));
    }

    fn scope_serial(&self) -> u32 {
        self.scopes.last().map_or(0, |scope| scope.serial)
    }

    /// Undoes changes that were not flushed.
    fn revert_changes(&mut self) {
        self.edits.clear();
        for id in std::mem::take(&mut self.work).touched {
            if let Some(values) = self.map.values_mut(id.model) {
                values.revert(id.slot);
            }
        }
    }

    /// The place of a handle.
    fn find<M: Model>(&self, object: Handle<M>) -> Result<ObjectId> {
        let raw = RawHandle::from(object);
        self.map.find(raw, TypeId::of::<M>()).ok_or_else(|| {
            Error::new(
                ErrorKind::Closed,
                format!("{object:?} is a handle of another session; use it with its own"),
            )
        })
    }

    /// The place of an object that is not gone.
    fn living<M: Model>(&self, object: Handle<M>) -> Result<ObjectId> {
        let id = self.find(object)?;
        match self.map.state(id) {
            state @ State::Gone(_) => {
                Err(Error::new(ErrorKind::Closed, format!("{object:?} is {state}")))
            }
            _ => Ok(id),
        }
    }
}

fn next_session_number() -> NonZeroU32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    // after 4 billion sessions numbers come again; handles of the first ones are long gone
    NonZeroU32::new(LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)).unwrap_or(NonZeroU32::MIN)
}
