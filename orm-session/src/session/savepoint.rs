//! Closures that commit or roll back, once: the whole transaction, or a savepoint in it.

use super::{Session, State};
use crate::engine::Engine;
use orm_core::error::{Error, ErrorKind, Result};

impl Session {
    /// Runs a closure and commits; an error rolls everything back and is handed on.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// session.transaction(|session| {
    ///     session.add(Author::new("Ann"));
    ///     Ok(())
    /// })?;
    /// # assert_eq!(session.query(Author).count()?, 4);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// A user's own error travels inside [`Error::custom`].
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        let done = work(self).and_then(|value| self.commit().map(|()| value));
        if done.is_err() && !self.in_savepoint() {
            self.rollback()?;
        }
        done
    }

    /// Runs a closure inside a savepoint. An error undoes what it did, in the database and in the
    /// objects, and is handed on; the transaction around it goes on. What was pending before is
    /// flushed before and stays.
    ///
    /// Sends `SAVEPOINT`, and `RELEASE SAVEPOINT` or `ROLLBACK TO SAVEPOINT`.
    ///
    /// # Errors
    /// Those of the closure, and of the flush before and after it.
    pub fn savepoint<T>(&mut self, work: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        self.flush()?;
        self.begin()?;
        let name = format!("orm_savepoint_{}", self.scopes.len());
        self.control(|transaction| transaction.savepoint(&name))?;
        self.open_scope();
        let depth = self.scopes.len();
        let done = work(self).and_then(|value| self.flush().map(|()| value));
        if self.scopes.len() != depth {
            // the whole transaction was ended inside
            return done;
        }
        match done {
            Ok(value) => {
                self.control(|transaction| transaction.release_savepoint(&name))?;
                if let Some(scope) = self.scopes.pop()
                    && let Some(parent) = self.scopes.last_mut()
                {
                    scope.release(&mut self.map, parent);
                }
                Ok(value)
            }
            Err(error) => {
                self.roll_back_savepoint(&name)?;
                Err(error)
            }
        }
    }

    /// Undoes the innermost savepoint in the database and in memory.
    fn roll_back_savepoint(&mut self, name: &str) -> Result<()> {
        let lost = self.transaction.is_none();
        self.revert_changes();
        if let Some(scope) = self.scopes.pop() {
            let gone = scope.roll_back(&mut self.map);
            self.left_over.extend(gone);
        }
        if lost {
            return Ok(()); // the whole transaction is gone: the session says so until `rollback`
        }
        self.failed = None;
        self.cursors.clear();
        self.control(|transaction| {
            transaction.rollback_to(name)?;
            transaction.release_savepoint(name)
        })
        .inspect_err(|_| self.transaction = None)
    }

    fn control(
        &mut self,
        send: impl FnOnce(&mut crate::engine::transaction::Transaction) -> Result<()>,
    ) -> Result<()> {
        let sent = match &mut self.transaction {
            Some(transaction) => send(transaction),
            None => Err(Error::new(ErrorKind::Closed, "no transaction is open")),
        };
        sent.map_err(|error| self.fail(error))
    }

    /// Whether the transaction is inside a savepoint.
    pub(super) fn in_savepoint(&self) -> bool {
        self.scopes.len() > 1
    }

    /// Whether an object is in the session and not deleted.
    pub fn contains<M: orm_core::model::Model>(&self, object: orm_core::model::Handle<M>) -> bool {
        matches!(self.state(object), Ok(State::Pending | State::Persistent | State::Stale))
    }
}

impl Engine {
    /// Opens a session, runs a closure in it and commits; an error rolls back and is handed on.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?;
    /// engine.transaction(|session| {
    ///     let author = session.add(Author::new("Ann"));
    ///     session.add(Article::new("slug", "title", author));
    ///     Ok(())
    /// })?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn transaction<T>(&self, work: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        self.session().transaction(work)
    }
}
