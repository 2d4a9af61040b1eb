//! Where a session's transaction comes from: the engine's pool, or a connection that the session is on.
//!
//! On a connection the session's transactions are savepoints in that connection's own: commit releases
//! one, rollback goes back to it, and what was done is kept or undone by whoever ends the connection's
//! transaction. That is how tests leave no trace.

use super::Session;
use super::criteria::Under;
use crate::engine::Connection;
use crate::engine::transaction::Transaction;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::statement::Criteria;

/// The savepoint that stands for a transaction of a session on a connection.
const JOINED: &str = "orm_session";

impl Session {
    /// A session on a connection, inside the connection's own transaction, which is begun if none is
    /// open. The session's commits release a savepoint, its rollbacks go back to it; what is kept is
    /// decided when [`into_connection`](Session::into_connection) gives the connection back, or undone
    /// when the session is dropped.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let mut session = Session::on(engine.connect()?);
    /// session.add(Tag::new("new"));
    /// session.commit()?; // RELEASE SAVEPOINT
    /// let mut connection = session.into_connection()?;
    /// assert_eq!(connection.query(Tag).count()?, 3);
    /// connection.rollback()?; // as if nothing had been
    /// assert_eq!(connection.query(Tag).count()?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn on(connection: Connection) -> Session {
        let (transaction, criteria) = connection.into_transaction();
        let mut session = Session::new(transaction.engine());
        session.under = Under::of(criteria.clone());
        session.outer = Some(Outer { parked: Some(transaction), criteria });
        session
    }

    /// Gives back the connection that the session is on, its transaction still open. What was not
    /// committed in the session is undone.
    ///
    /// # Errors
    /// `InvalidState` for a session that is on no connection, `ConnectionLost` where the connection
    /// broke.
    pub fn into_connection(mut self) -> Result<Connection> {
        self.work = super::flush::Work::default();
        self.edits.clear();
        self.leave_transaction();
        match self.outer.take() {
            Some(Outer { parked: Some(transaction), criteria }) => {
                Ok(Connection::from_transaction(transaction, criteria))
            }
            Some(Outer { parked: None, .. }) => Err(lost()),
            None => Err(Error::new(
                ErrorKind::InvalidState,
                "the session is on no connection; make it by `Session::on`",
            )),
        }
    }

    /// Begins a transaction, or the savepoint that stands for one.
    pub(super) fn begin_transaction(&mut self) -> Result<Transaction> {
        let Some(Outer { parked, .. }) = &mut self.outer else {
            return Transaction::begin(&self.engine);
        };
        let Some(mut transaction) = parked.take() else { return Err(lost()) };
        let begun = transaction.start().and_then(|()| transaction.savepoint(JOINED));
        match begun {
            Ok(()) => Ok(transaction),
            Err(error) => {
                *parked = Some(transaction);
                Err(error)
            }
        }
    }

    /// Commits; a transaction that could not be is ended all the same.
    pub(super) fn commit_transaction(&mut self) -> Result<()> {
        let Some(mut transaction) = self.transaction.take() else { return Ok(()) };
        match &mut self.outer {
            None => transaction.commit(),
            Some(Outer { parked, .. }) => {
                if planted(Fault::JoinedUndone) {
                    transaction.rollback_to(JOINED)?;
                }
                let done = transaction.release_savepoint(JOINED);
                if done.is_ok() {
                    transaction.disarm();
                    *parked = Some(transaction);
                } else {
                    self.transaction = Some(transaction);
                }
                done
            }
        }
    }

    /// Undoes what was done in the innermost savepoint, or in the transaction, and leaves it open.
    pub(super) fn undo_to_boundary(&mut self) -> Result<()> {
        let joined = self.outer.is_some().then_some(JOINED);
        let savepoint = self.innermost_savepoint().or(joined.map(str::to_owned));
        let Some(transaction) = &mut self.transaction else { return Err(lost()) };
        if let Some(name) = savepoint {
            return transaction.rollback_to(&name);
        }
        transaction.rollback();
        transaction.start()
    }

    /// Rolls back and gives the connection back. One that does not take it is thrown away, which undoes
    /// the transaction too.
    pub(super) fn leave_transaction(&mut self) {
        // without a connection of its own the drop rolls back
        let Some(mut transaction) = self.transaction.take() else { return };
        transaction.disarm();
        if let Some(Outer { parked, .. }) = &mut self.outer {
            let undone = transaction
                .rollback_to(JOINED)
                .and_then(|()| transaction.release_savepoint(JOINED));
            if undone.is_ok() {
                *parked = Some(transaction);
            }
        }
    }
}

/// The transaction of the connection that a session is on, while the session has none; none once the
/// connection is lost.
pub(super) struct Outer {
    parked: Option<Transaction>,
    /// The criteria of the connection.
    criteria: Criteria,
}

fn lost() -> Error {
    Error::new(
        ErrorKind::ConnectionLost,
        "the connection that the session is on broke; make a new session on a new one",
    )
}
