//! Closures that commit or roll back, once: the whole transaction, or a savepoint in it; and savepoints
//! that a guard ends.

use super::scope::Mark;
use super::{Session, State};
use crate::engine::Engine;
use orm_core::error::{Error, ErrorKind, Result};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Weak};

/// A savepoint under way, from [`Session::begin_nested`].
#[must_use = "a savepoint whose guard is dropped is undone; end it by `commit` or `rollback`"]
pub struct Savepoint {
    session: NonZeroU32,
    serial: u32,
    /// The session sees by it whether the guard was dropped.
    #[allow(dead_code)] // dropped with the guard is all it does
    alive: Arc<()>,
}

impl fmt::Debug for Savepoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Savepoint").finish_non_exhaustive()
    }
}

impl Savepoint {
    /// Flushes, and keeps what was done since the savepoint: it is part of what is around it now, and
    /// undone with that. Sends `RELEASE SAVEPOINT`.
    ///
    /// # Errors
    /// Those of the flush, which leave the savepoint undone; `Closed` where it ended before or is of
    /// another session.
    pub fn commit(self, session: &mut Session) -> Result<()> {
        session.place_of(&self)?;
        session.flush()?;
        let place = session.place_of(&self)?;
        session.release_savepoints(place)
    }

    /// Undoes what was done since the savepoint, in the database and in the objects; also the way on
    /// after an error inside it. Sends `ROLLBACK TO SAVEPOINT`.
    ///
    /// # Errors
    /// `Closed` where it ended before or is of another session.
    pub fn rollback(self, session: &mut Session) -> Result<()> {
        let place = session.place_of(&self)?;
        session.undo_savepoints(place)
    }
}

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
        if done.is_err() && !self.in_closure() {
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
        self.open_savepoint(None)?;
        let (place, serial) = (self.scopes.len() - 1, self.scope_serial());
        let done = work(self).and_then(|value| self.flush().map(|()| value));
        if self.scopes.get(place).is_none_or(|scope| scope.serial != serial) {
            // the whole transaction was ended inside
            return done;
        }
        match done {
            Ok(value) => {
                self.release_savepoints(place)?;
                Ok(value)
            }
            Err(error) => {
                self.undo_savepoints(place)?;
                Err(error)
            }
        }
    }

    /// Begins a savepoint that is ended by its guard: `commit` keeps what was done since, `rollback`
    /// undoes it, in the database and in the objects. A guard that is dropped, by `?` for instance,
    /// undoes it too, at the next call that sends something. What was pending before is flushed before
    /// and stays.
    ///
    /// Guards may be opened inside one another and inside closures, to any depth; ending one ends
    /// those opened after it. While one is open `session.commit()` is an error, and
    /// `session.rollback()` undoes the whole transaction.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let savepoint = session.begin_nested()?;
    /// session.add(Tag::new("new"));
    /// savepoint.rollback(&mut session)?;
    /// let savepoint = session.begin_nested()?;
    /// session.add(Tag::new("newer"));
    /// savepoint.commit(&mut session)?;
    /// session.commit()?;
    /// # assert_eq!(session.query(Tag).count()?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Sends `SAVEPOINT`.
    ///
    /// # Errors
    /// Those of the flush before it, and of beginning a transaction.
    pub fn begin_nested(&mut self) -> Result<Savepoint> {
        let alive = Arc::new(());
        self.open_savepoint(Some(Arc::downgrade(&alive)))?;
        Ok(Savepoint { session: self.map.session(), serial: self.scope_serial(), alive })
    }

    fn open_savepoint(&mut self, guard: Option<Weak<()>>) -> Result<()> {
        self.flush()?;
        self.begin()?;
        let name = format!("orm_savepoint_{}", self.scopes.len());
        self.control(|transaction| transaction.savepoint(&name))?;
        self.open_scope();
        if let Some(scope) = self.scopes.last_mut() {
            scope.savepoint = Some(Mark { name, guard });
        }
        Ok(())
    }

    /// The place of the savepoint of a guard, and whether closures inside it are still running.
    fn place_of(&self, guard: &Savepoint) -> Result<usize> {
        let closed = |why: &str| Err(Error::new(ErrorKind::Closed, format!("the savepoint {why}")));
        if guard.session != self.map.session() {
            return closed("is of another session; use it with its own");
        }
        let Some(place) = self.scopes.iter().position(|scope| scope.serial == guard.serial) else {
            return closed("ended before, with its transaction or one around it");
        };
        let inside = &self.scopes[place + 1..];
        if inside.iter().any(|scope| scope.savepoint.as_ref().is_some_and(Mark::is_of_closure)) {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "a savepoint can't be ended inside the closure of another one; leave that first",
            ));
        }
        Ok(place)
    }

    /// Undoes savepoints whose guards were dropped.
    pub(super) fn undo_abandoned(&mut self) -> Result<()> {
        let mut abandoned = None;
        for (place, scope) in self.scopes.iter().enumerate().rev() {
            match &scope.savepoint {
                Some(mark) if !mark.is_of_closure() => {
                    if mark.is_abandoned() {
                        abandoned = Some(place);
                    }
                }
                Some(_) | None => break,
            }
        }
        abandoned.map_or(Ok(()), |place| self.undo_savepoints(place))
    }

    /// Keeps what was done since a savepoint; the books go to the scope around it.
    fn release_savepoints(&mut self, place: usize) -> Result<()> {
        let Some(name) = self.savepoint_name(place) else { return Ok(()) };
        self.control(|transaction| transaction.release_savepoint(&name))?;
        while self.scopes.len() > place {
            if let Some(scope) = self.scopes.pop()
                && let Some(parent) = self.scopes.last_mut()
            {
                scope.release(&mut self.map, parent);
            }
        }
        Ok(())
    }

    /// Undoes what was done since a savepoint in the database and in memory.
    fn undo_savepoints(&mut self, place: usize) -> Result<()> {
        let Some(name) = self.savepoint_name(place) else { return Ok(()) };
        let lost = self.transaction.is_none();
        self.revert_changes();
        while self.scopes.len() > place {
            let Some(scope) = self.scopes.pop() else { break };
            let gone = scope.roll_back(&mut self.map, &mut self.scopes);
            self.left_over.extend(gone);
        }
        if lost {
            return Ok(()); // the whole transaction is gone: the session says so until `rollback`
        }
        self.failed = None;
        self.cursors.clear();
        let done = self.control(|transaction| {
            transaction.rollback_to(&name)?;
            transaction.release_savepoint(&name)
        });
        if done.is_err() {
            self.leave_transaction();
        }
        done
    }

    fn savepoint_name(&self, place: usize) -> Option<String> {
        self.scopes.get(place)?.savepoint.as_ref().map(|mark| mark.name.clone())
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

    /// The name of the savepoint that the session is in.
    pub(super) fn innermost_savepoint(&self) -> Option<String> {
        self.savepoint_name(self.scopes.len().checked_sub(1)?)
    }

    /// Whether the transaction is inside a savepoint.
    pub(super) fn in_savepoint(&self) -> bool {
        self.scopes.len() > 1
    }

    /// Whether the transaction is inside the closure of a savepoint.
    pub(super) fn in_closure(&self) -> bool {
        self.scopes.iter().any(|scope| scope.savepoint.as_ref().is_some_and(Mark::is_of_closure))
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
