//! The transaction around the objects: begun by the first statement, ended by `commit` or
//! `rollback`, or by an error that only `rollback` leads on from.

use super::scope::Scope;
use super::{Gone, Session};
use crate::engine::CancelToken;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Handle, Model};

impl Session {
    /// Flushes, then commits. With nothing written or read since the last one it sends nothing.
    ///
    /// # Errors
    /// As [`Session::flush`]; `CommitOutcomeUnknown` when the connection broke while COMMIT was
    /// under way.
    pub fn commit(&mut self) -> Result<()> {
        self.undo_abandoned()?;
        if self.in_savepoint() {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "`commit` inside a savepoint; leave its closure, or end its guard, first",
            ));
        }
        self.outside_of_hooks("commit")?;
        self.flush()?;
        let open = self.transaction.is_some();
        if open {
            self.cursors.clear();
            if let Err(error) = self.commit_transaction() {
                return Err(self.fail(error));
            }
        }
        self.committed();
        if open {
            self.after_end(|hooks| &hooks.after_commit);
        }
        Ok(())
    }

    /// Undoes everything since the last commit: in the database, and in the objects of the session.
    ///
    /// Always succeeds in memory: objects that were there get back the values and states they had,
    /// those added since are gone ([`Session::take`] gives them back), those first loaded since are
    /// stale. After an error that ended the transaction this is the way on.
    ///
    /// A connection that does not take ROLLBACK is thrown away, which undoes the transaction too.
    ///
    /// # Errors
    /// `InvalidState` inside the closure of a savepoint and inside a hook of a flush only, with nothing
    /// undone: an error returned from the closure undoes the savepoint, one from the hook ends the flush.
    pub fn rollback(&mut self) -> Result<()> {
        if self.in_closure() {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "`rollback` inside a savepoint; return an error from its closure, which undoes it",
            ));
        }
        self.outside_of_hooks("rollback")?;
        self.leave_transaction();
        self.failed = None;
        self.cursors.clear();
        self.revert_changes();
        while let Some(scope) = self.scopes.pop() {
            let gone = scope.roll_back(&mut self.map, &mut self.scopes);
            self.left_over.extend(gone);
        }
        self.map.doubted.clear();
        self.map.rewritten.clear();
        self.open_scope();
        self.after_end(|hooks| &hooks.after_rollback);
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

    /// Takes a connection and begins, unless that was done.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.transaction.is_none() {
            let mut transaction = self.begin_transaction()?;
            if let Some(token) = &self.cancel {
                transaction.arm(token);
            }
            self.transaction = Some(transaction);
            self.transaction_number += 1;
            self.under.ask_again();
        }
        Ok(())
    }

    /// Ends the transaction after an error of the database, or leaves it to the savepoint around to
    /// undo; `error` is told again to every call until then, or until `rollback`.
    pub(super) fn fail(&mut self, error: Error) -> Error {
        let lost = matches!(
            error.kind(),
            ErrorKind::ConnectionLost | ErrorKind::CommitOutcomeUnknown | ErrorKind::Closed
        );
        if lost || !self.in_savepoint() {
            self.leave_transaction();
        }
        self.cursors.clear();
        self.failed = Some(error.repeat());
        error
    }

    /// An error for every call between a failure and `rollback`; savepoints whose guards were dropped are
    /// undone first.
    pub(super) fn usable(&mut self) -> Result<()> {
        self.undo_abandoned()?;
        match &self.failed {
            None => Ok(()),
            Some(cause) => Err(Error::new(
                ErrorKind::SessionFailed,
                format!("the transaction was ended by an error; call `rollback()` first: {cause}"),
            )
            .with_source(cause.repeat())),
        }
    }

    pub(super) fn committed(&mut self) {
        for scope in self.scopes.drain(..) {
            for id in scope.deleted(&self.map) {
                self.map.remove(id, Gone::Deleted);
            }
        }
        self.left_over.clear();
        self.map.doubted.clear();
        self.map.rewritten.clear();
        if self.options.expire_on_commit {
            self.expire_objects();
        }
        self.open_scope();
    }

    pub(super) fn open_scope(&mut self) {
        self.last_scope += 1;
        self.scopes.push(Scope::new(self.last_scope));
    }

    pub(super) fn scope_serial(&self) -> u32 {
        self.scopes.last().map_or(0, |scope| scope.serial)
    }

    /// Undoes changes that were not flushed.
    pub(super) fn revert_changes(&mut self) {
        self.edits.clear();
        self.under.ask_again();
        self.all_settled();
        for id in std::mem::take(&mut self.work).touched {
            if let Some(values) = self.map.values_mut(id.model) {
                values.revert(id.slot);
            }
        }
    }

    /// What another thread cancels this session's statements by, in this transaction and later ones. The
    /// statement that runs then fails with `Cancelled`, which ends its transaction: `rollback` leads on.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let token = session.cancel_token();
    /// std::thread::spawn(move || token.cancel()); // by a watchdog, or a user who does not wait
    /// # Ok::<(), Error>(())
    /// ```
    pub fn cancel_token(&mut self) -> CancelToken {
        let token = self.cancel.get_or_insert_default().clone();
        if let Some(transaction) = &mut self.transaction {
            transaction.arm(&token);
        }
        token
    }

    /// Whether a transaction is open in the database.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }
}
