//! What a SELECT does beside reading: it locks its rows, and brings objects up to date.

use super::{Select, Selection};
use crate::model::Entity;
use crate::statement::{LockWait, RowLock};

impl<S: Selection, X> Select<S, X> {
    /// Locks the rows until the transaction ends: `FOR UPDATE`. Other transactions that want to write
    /// or lock them wait. Objects of a session take over what the rows say now, unless they were
    /// changed.
    ///
    /// On a database without row locks the whole database is locked for other writers, before the
    /// rows are read.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let article = select(Article).filter(Article.slug.eq("rust")).for_update().one(&mut session)?;
    /// # assert_eq!(session[article].title, "Rust");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn for_update(mut self) -> Self {
        self.lock().shared = false;
        self
    }

    /// Locks the rows against writers until the transaction ends: `FOR SHARE`.
    pub fn for_share(mut self) -> Self {
        self.lock().shared = true;
        self
    }

    /// Leaves out rows that another transaction has locked: `FOR UPDATE SKIP LOCKED`, unless
    /// [`for_share`](Select::for_share) was said. For jobs of which each is done by one of several
    /// workers.
    pub fn skip_locked(mut self) -> Self {
        self.lock().wait = LockWait::SkipLocked;
        self
    }

    /// Fails at once with `LockNotAvailable` where another transaction has locked a row: `FOR UPDATE
    /// NOWAIT`, unless [`for_share`](Select::for_share) was said. Unsupported on a database without
    /// row locks.
    pub fn nowait(mut self) -> Self {
        self.lock().wait = LockWait::NoWait;
        self
    }

    /// Locks the rows of this entity only, of those selected and joined: `FOR UPDATE OF …`. Several
    /// calls add to one another.
    pub fn lock_of(mut self, entity: impl Entity) -> Self {
        self.lock().of.push(entity.__source());
        self
    }

    fn lock(&mut self) -> &mut RowLock {
        self.statement.lock.get_or_insert_default()
    }

    /// Makes the objects of the session take over what their rows say, also those that were read in
    /// this transaction already, and those that were changed: changes not flushed are given up (with
    /// autoflush there are none). Objects that are deleted stay so.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let authors = select(Author).populate_existing().all(&mut session)?;
    /// # assert_eq!(authors.len(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn populate_existing(mut self) -> Self {
        self.statement.populate_existing = true;
        self
    }
}
