//! The session: objects, the transaction they live in, and the unit of work between them.
//!
//! `identity_map` keeps one object per key, `scope` what rollback puts back, `flush` turns changes
//! into batches, `loading` turns rows into objects, `access` is `session[handle]`. The session
//! itself coordinates: `unit_of_work` flushes, `transaction` begins, commits and rolls back.

mod access;
mod associate;
mod by_database;
mod cascade;
mod cohort;
mod criteria;
mod debug_view;
mod detached;
mod drop;
mod edits;
mod execute;
mod expunge;
mod flush;
mod graph;
mod history;
mod hooked;
mod hooks;
mod identity_map;
mod joined;
mod key_index;
mod lazy_loads;
mod links;
mod loader;
mod loading;
mod merge;
mod on_connection;
mod options;
mod parts;
mod positions;
mod related;
mod retry;
mod savepoint;
mod scope;
mod set_based;
mod set_column;
mod sides;
mod stale;
mod state;
mod takeover;
mod transaction;
mod unit_of_work;
mod view_only;

pub use debug_view::DebugView;
pub use history::{Attribute, History};
pub use lazy_loads::LazyLoad;
pub use related::LoadMode;
pub use retry::Retry;
pub use savepoint::Savepoint;
pub use state::{Gone, State};

use crate::engine::transaction::{Cursor, Transaction};
use crate::engine::{CancelToken, Engine};
use cohort::Cohort;
use criteria::Under;
use edits::Edits;
use flush::Work;
use hooks::{Hooks, Running};
use identity_map::{EntryState, IdentityMap, ObjectId};
use options::SessionOptions;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Entity, Handle, IntoKey, Model, NewObject, Object, RawHandle};
use orm_core::query::{Select, Selection};
use rustc_hash::FxHashMap;
use scope::Scope;
use std::any::TypeId;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A unit of work over an engine: it keeps the objects it loaded and was given, notices what
/// changed, and writes it in batches.
///
/// It opens nothing until its first statement, which takes a connection and begins a transaction;
/// `commit` and `rollback` give it back. Dropping it rolls back. It belongs to one thread at a time
/// (it is `Send`).
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, _) = blog()?;
/// let mut session = engine.session();
/// let author = session.add(Author::new("Ann"));
/// session.commit()?;
/// # let log = engine.record();
/// session[author].country = Some("NL".into());
/// session.commit()?; // UPDATE of one column
/// # assert!(log.take().iter().any(|sql| sql.contains(r#"SET "country" = "#)));
/// # Ok::<(), Error>(())
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
    cohorts: Vec<Cohort>,
    transaction: Option<Transaction>,
    /// The transaction of the connection that the session is on, where it is on one.
    outer: Option<on_connection::Outer>,
    /// What another thread cancels statements by, once it was asked for.
    cancel: Option<CancelToken>,
    /// Values of objects that a rollback took out, for `take`.
    left_over: FxHashMap<ObjectId, Box<dyn Object>>,
    /// Open cursors, by the number their streams know.
    cursors: FxHashMap<u64, Cursor>,
    /// The error that ended the transaction, until `rollback`.
    failed: Option<Error>,
    options: SessionOptions,
    /// What holds in whatever is read.
    under: Under,
    /// What the engine was built with, where it was.
    hooks: Option<Arc<Hooks>>,
    /// The hook that is running.
    running: Option<Running>,
    /// What is kept of lazy loads, where they are watched.
    lazy_loads: Option<lazy_loads::LazyLoads>,
    /// How many statements have read relationships.
    related_statements: u64,
}

impl Engine {
    /// A new session. Connects to nothing yet.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }
}

impl Session {
    fn new(engine: Engine) -> Session {
        let hooks = engine.extension::<Hooks>();
        let under = Under::of(engine.0.options.criteria.clone());
        let mut map = IdentityMap::new(next_session_number());
        if let Some(hooks) = &hooks {
            map.watched = hooks.loaded_models();
        }
        let lazy_loads = engine.0.options.watch_lazy_loads.map(lazy_loads::LazyLoads::new);
        let mut session = Session {
            engine,
            map,
            scopes: Vec::new(),
            last_scope: 0,
            transaction_number: 0,
            work: Work::default(),
            edits: Edits::default(),
            cohorts: Vec::new(),
            transaction: None,
            outer: None,
            cancel: None,
            left_over: FxHashMap::default(),
            cursors: FxHashMap::default(),
            failed: None,
            options: SessionOptions::default(),
            under,
            hooks,
            running: None,
            lazy_loads,
            related_statements: 0,
        };
        session.open_scope();
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
    pub fn add<N: NewObject>(&mut self, object: N) -> Handle<N::Model> {
        let id = self.map.add(object.into_model(), self.scope_serial());
        self.note_added(id);
        self.adopt_graph(id);
        self.map.handle(id).typed()
    }

    /// Adds several objects; their handles in the same order.
    pub fn add_all<N: NewObject>(
        &mut self,
        objects: impl IntoIterator<Item = N>,
    ) -> Vec<Handle<N::Model>> {
        let objects = objects.into_iter();
        let model = self.map.model(<N::Model as Model>::meta());
        let count = objects.size_hint().0;
        self.map.models[model].reserve::<N::Model>(count);
        self.work.added.reserve(count);
        if let Some(scope) = self.scopes.last_mut() {
            scope.added.reserve(count);
        }
        objects.map(|object| self.add(object)).collect()
    }

    /// Marks an object for deletion; its row is deleted by the next flush. A pending object leaves
    /// the session at once, with the pending ones that its collections would delete; where another
    /// object still points to it the next flush tells so, for what is to become of that one nobody has
    /// said. Deleting it twice is deleting it once.
    ///
    /// # Errors
    /// `Closed` for an object that is gone or of another session.
    #[track_caller]
    pub fn delete<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let id = self.living(object)?;
        // what can't be held together is told by the next flush, unless it goes with this object
        let _ = self.settle();
        match self.map.state(id) {
            State::Pending => self.discard(id),
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
    /// `SELECT … WHERE key = $1`; a stale object is read again and keeps its handle. A row that criteria
    /// hide is `None`; under them an object that was read round them, or written since it was read, is
    /// asked for again.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let author = session.get(Author, 1)?;
    /// assert!(author.is_some());
    /// assert!(session.get(Author, 1000)?.is_none());
    /// # Ok::<(), Error>(())
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
                format!(
                    "`get` of `{}` by a key that is unset; flush the object whose key it is first",
                    <E::Model as Model>::meta().name
                ),
            ));
        };
        let model = self.map.model(<E::Model as Model>::meta());
        if let Some(id) = self.map.by_key(model, &key) {
            match self.map.entry(id).state {
                EntryState::Known(State::Persistent) if !self.must_ask(id) => {
                    return Ok(Some(self.map.handle(id).typed()));
                }
                EntryState::Known(State::ToBeDeleted | State::Deleted) => return Ok(None),
                EntryState::Known(_) | EntryState::Reserved => {}
            }
        }
        self.load_by_key(entity, model, &key)
    }

    /// The object with a primary key, its row locked until the transaction ends; `None` when there is
    /// no such row.
    ///
    /// Flushes and sends `SELECT … WHERE key = $1 FOR UPDATE`; an object that the session knows takes
    /// over what the row says now. Of statements the same is said by
    /// [`for_update`](orm_core::query::Select::for_update).
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// if let Some(author) = session.get_for_update(Author, 1)? {
    ///     session[author].name.push('!'); // nobody else changes the row meanwhile
    /// }
    /// session.commit()?;
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Session::get`].
    pub fn get_for_update<E: Entity>(
        &mut self,
        entity: E,
        key: impl IntoKey<<E::Model as Model>::Key>,
    ) -> Result<Option<Handle<E::Model>>> {
        self.usable()?;
        let Some(key) = key.into_key() else {
            return Err(Error::new(
                ErrorKind::InvalidStatement,
                format!(
                    "`get_for_update` of `{}` by a key that is unset; flush the object whose key it \
                     is first",
                    <E::Model as Model>::meta().name
                ),
            ));
        };
        let model = self.map.model(<E::Model as Model>::meta());
        self.lock_by_key(entity, model, &key)
    }

    /// A statement bound to this session: `session.query(Article).filter(..).all()?`.
    ///
    /// The same as `select(..)`, which is finished by `.all(&mut session)` and may read objects of
    /// the session in its expressions.
    pub fn query<S: Selection>(&mut self, selection: S) -> Select<S, &mut Session> {
        Select::bound(&selection, self)
    }

    /// The state of an object. Never panics; an object of another session is an error.
    pub fn state<M: Model>(&self, object: Handle<M>) -> Result<State> {
        if self.map.is_cleared(object.into()) {
            return Ok(State::Gone(Gone::Cleared));
        }
        self.find(object).map(|id| self.map.state(id))
    }

    /// The place of a handle.
    fn find<M: Model>(&self, object: Handle<M>) -> Result<ObjectId> {
        let raw = RawHandle::from(object);
        self.map.find(raw, TypeId::of::<M>()).ok_or_else(|| {
            let message = if self.map.is_cleared(raw) {
                format!("{object:?} is {}", State::Gone(Gone::Cleared))
            } else {
                format!("{object:?} is a handle of another session; use it with its own")
            };
            Error::new(ErrorKind::Closed, message)
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
