//! Hooks: closures of the program that sessions call around flushes, objects and ends of transactions.
//!
//! They are said when the engine is built, and kept by it in a form it does not know; every session
//! takes the `Arc` along. `hooked` calls them. An engine without hooks costs its sessions nothing.

use super::Session;
use super::identity_map::ObjectId;
use crate::engine::EngineBuilder;
use orm_core::error::Result;
use orm_core::model::Model;
use rustc_hash::FxHashMap;
use std::any::{TypeId, type_name};
use std::sync::Arc;

/// All hooks of an engine.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub before_flush: Vec<SessionHook>,
    pub after_flush: Vec<SessionHook>,
    pub after_commit: Vec<EndHook>,
    pub after_rollback: Vec<EndHook>,
    pub objects: FxHashMap<(TypeId, Moment), Vec<ObjectHook>>,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Moment {
    BeforeInsert,
    BeforeUpdate,
    BeforeDelete,
    AfterLoad,
}

impl Moment {
    /// How messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Moment::BeforeInsert => "before_insert",
            Moment::BeforeUpdate => "before_update",
            Moment::BeforeDelete => "before_delete",
            Moment::AfterLoad => "after_load",
        }
    }
}

type OfSession = dyn Fn(&mut Session) -> Result<()> + Send + Sync;
type OfObject = dyn Fn(&mut Session, ObjectId) -> Result<()> + Send + Sync;

/// A hook that is called with the session.
#[derive(Clone)]
pub(super) struct SessionHook {
    /// Where the closure stands, as far as its type tells.
    pub place: &'static str,
    pub call: Arc<OfSession>,
}

/// A hook that is called with an object of the session.
#[derive(Clone)]
pub(super) struct ObjectHook {
    pub place: &'static str,
    pub call: Arc<OfObject>,
}

/// A hook that can refuse nothing: what it is about is done.
pub(super) type EndHook = Arc<dyn Fn(&mut Session) + Send + Sync>;

/// The hook that is running in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Running {
    /// Of a flush, by its name.
    Flush(&'static str),
    /// After the end of a transaction.
    End,
}

impl Hooks {
    /// The models whose loaded objects have hooks.
    pub fn loaded_models(&self) -> Vec<TypeId> {
        let loaded = self.objects.keys().filter(|(_, moment)| *moment == Moment::AfterLoad);
        loaded.map(|&(model, _)| model).collect()
    }

    /// The hooks of one model.
    pub fn of(&self, model: TypeId, moment: Moment) -> &[ObjectHook] {
        self.objects.get(&(model, moment)).map_or(&[], Vec::as_slice)
    }
}

impl EngineBuilder {
    /// Calls a closure before each flush that has something to write. It may use the session: what it
    /// adds, changes and deletes is written by the same flush, and what is open is told by
    /// [`added`](Session::added), [`dirty`](Session::dirty), [`deleted`](Session::deleted) and
    /// [`history`](Session::history). Its queries see the database as it is before the flush. An error
    /// ends the flush before anything is sent.
    ///
    /// Hooks are called in the order in which they were said. Inside one that belongs to a flush, `flush`,
    /// `commit`, `rollback` and savepoints are errors.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// let engine = Engine::builder("sqlite::memory:")
    ///     .models(Schema::of((Author, Article, Tag, Profile)))
    ///     .before_flush(|session: &mut Session| {
    ///         for author in session.deleted(Author) {
    ///             let told = format!("without {}", session[author].name);
    ///             session.add(Tag::new(told));
    ///         }
    ///         Ok(())
    ///     })
    ///     .build()?;
    /// # engine.create_all()?;
    /// # let mut session = engine.session();
    /// # let author = session.add(Author::new("Ann"));
    /// # session.commit()?;
    /// # session.delete(author)?;
    /// # session.commit()?;
    /// # assert_eq!(session.query(Tag.name).one()?, "without Ann");
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn before_flush<F>(self, hook: F) -> EngineBuilder
    where
        F: Fn(&mut Session) -> Result<()> + Send + Sync + 'static,
    {
        self.extended(|hooks: &mut Hooks| hooks.before_flush.push(session_hook(hook)))
    }

    /// Calls a closure after a flush has written something. It may use the session: what it adds and
    /// changes is written by another round of the flush, hooks included, of which there are 100 at
    /// most. An error ends the transaction, as an error of the database does.
    #[must_use]
    pub fn after_flush<F>(self, hook: F) -> EngineBuilder
    where
        F: Fn(&mut Session) -> Result<()> + Send + Sync + 'static,
    {
        self.extended(|hooks: &mut Hooks| hooks.after_flush.push(session_hook(hook)))
    }

    /// Calls a closure with each object that was added, before it is written; the model is that of the
    /// closure's argument. What it changes is written, new objects that it points to are added. An error
    /// ends the flush before anything is sent.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// let engine = Engine::builder("sqlite::memory:")
    ///     .models(Schema::of((Author, Article, Tag, Profile)))
    ///     .before_insert(|tag: &mut Tag| {
    ///         tag.name = tag.name.trim().to_lowercase();
    ///         Ok(())
    ///     })
    ///     .before_delete(|tag: &Tag| match &tag.name[..] {
    ///         "rust" => Err(Error::custom("this tag stays")),
    ///         _ => Ok(()),
    ///     })
    ///     .build()?;
    /// # engine.create_all()?;
    /// # let mut session = engine.session();
    /// let tag = session.add(Tag::new(" Rust "));
    /// session.commit()?;
    /// assert_eq!(session[tag].name, "rust");
    /// session.delete(tag)?;
    /// assert!(session.commit().is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn before_insert<M: Model, F>(self, hook: F) -> EngineBuilder
    where
        F: Fn(&mut M) -> Result<()> + Send + Sync + 'static,
    {
        self.with_changing(Moment::BeforeInsert, hook)
    }

    /// Calls a closure with each object that differs from its row, before it is written. What it changes
    /// is written, too; an error ends the flush before anything is sent.
    #[must_use]
    pub fn before_update<M: Model, F>(self, hook: F) -> EngineBuilder
    where
        F: Fn(&mut M) -> Result<()> + Send + Sync + 'static,
    {
        self.with_changing(Moment::BeforeUpdate, hook)
    }

    /// Calls a closure with each object that a flush deletes, itself or by a cascade, before that. An
    /// error ends the flush before anything is sent. Rows that the database deletes by itself (ON DELETE
    /// CASCADE), and those of set-based deletes, are passed over.
    #[must_use]
    pub fn before_delete<M: Model, F>(self, hook: F) -> EngineBuilder
    where
        F: Fn(&M) -> Result<()> + Send + Sync + 'static,
    {
        let place = type_name::<F>();
        let call = move |session: &mut Session, id: ObjectId| {
            session.map.value::<M>(id).map_or(Ok(()), &hook)
        };
        self.with_object_hook::<M>(Moment::BeforeDelete, ObjectHook { place, call: Arc::new(call) })
    }

    /// Calls a closure with each object into which a row was read: by a query, `get`, `load`, `include`,
    /// `refresh`. What it changes is a change as any other, written by the next flush. An error is that
    /// of the call that read; the object is stale then, and is read again when it is asked for.
    #[must_use]
    pub fn after_load<M: Model, F>(self, hook: F) -> EngineBuilder
    where
        F: Fn(&mut M) -> Result<()> + Send + Sync + 'static,
    {
        self.with_changing(Moment::AfterLoad, hook)
    }

    /// Calls a closure after each commit that ended a transaction. It may use the session, in a
    /// transaction that it has to commit itself; the hooks of ends are not called for that.
    #[must_use]
    pub fn after_commit(
        self,
        hook: impl Fn(&mut Session) + Send + Sync + 'static,
    ) -> EngineBuilder {
        self.extended(|hooks: &mut Hooks| hooks.after_commit.push(Arc::new(hook)))
    }

    /// Calls a closure after each `rollback` of a session, its objects put back; as
    /// [`after_commit`](EngineBuilder::after_commit). Not called for savepoints, nor by a session that is
    /// dropped.
    #[must_use]
    pub fn after_rollback(
        self,
        hook: impl Fn(&mut Session) + Send + Sync + 'static,
    ) -> EngineBuilder {
        self.extended(|hooks: &mut Hooks| hooks.after_rollback.push(Arc::new(hook)))
    }

    fn with_changing<M: Model, F>(self, moment: Moment, hook: F) -> EngineBuilder
    where
        F: Fn(&mut M) -> Result<()> + Send + Sync + 'static,
    {
        let place = type_name::<F>();
        let call = move |session: &mut Session, id: ObjectId| {
            session.lend(id);
            let value = session.map.arena_mut::<M>().and_then(|arena| arena.value_mut(id.slot));
            value.map_or(Ok(()), &hook)
        };
        self.with_object_hook::<M>(moment, ObjectHook { place, call: Arc::new(call) })
    }

    fn with_object_hook<M: Model>(self, moment: Moment, hook: ObjectHook) -> EngineBuilder {
        self.extended(|hooks: &mut Hooks| {
            hooks.objects.entry((TypeId::of::<M>(), moment)).or_default().push(hook);
        })
    }
}

fn session_hook<F>(hook: F) -> SessionHook
where
    F: Fn(&mut Session) -> Result<()> + Send + Sync + 'static,
{
    SessionHook { place: type_name::<F>(), call: Arc::new(hook) }
}
