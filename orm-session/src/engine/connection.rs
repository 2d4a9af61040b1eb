//! A connection without a session: begins by itself, commits when told, rolls back when dropped.

use super::Engine;
use super::cancel::CancelToken;
use super::result::{Collector, Rows};
use super::text::Text;
use super::transaction::{Cursor, Transaction};
use orm_core::dialect::Dialect;
use orm_core::error::Result;
use orm_core::expression::Condition;
use orm_core::model::Entity;
use orm_core::statement::Criteria;
use rustc_hash::FxHashMap;
use std::fmt;

/// A connection taken out of the pool.
///
/// Its first statement begins a transaction (`BEGIN`, with the engine's isolation level). What is
/// not committed when it is dropped is rolled back. After an error that ended the transaction on
/// the server every call is [`ErrorKind::SessionFailed`], with the first error as its source, until
/// [`rollback`](Connection::rollback).
///
/// [`ErrorKind::SessionFailed`]: orm_core::error::ErrorKind::SessionFailed
///
/// ```
/// # use orm_session::engine::{Engine, text};
/// # let engine = Engine::new("sqlite::memory:")?;
/// let mut connection = engine.connect()?;
/// connection.execute(text("CREATE TABLE coordinates (x int, y int)"))?;
/// connection.execute(
///     text("INSERT INTO coordinates (x, y) VALUES (:x, :y)").bind_rows(["x", "y"], [(1, 1), (2, 4)]),
/// )?;
/// connection.commit()?;
/// for row in connection.execute(text("SELECT x, y FROM coordinates WHERE x > :x").bind("x", 1))? {
///     assert_eq!((row.get::<i32>("x")?, row.get::<i32>(1)?), (2, 4));
/// }
/// # Ok::<(), orm_core::error::Error>(())
/// ```
pub struct Connection {
    transaction: Transaction,
    /// Open cursors, by the number their streams know.
    pub(super) cursors: FxHashMap<u64, Cursor>,
    /// What holds in whatever is read.
    pub(super) criteria: Criteria,
}

impl Connection {
    pub(super) fn open(engine: &Engine) -> Result<Connection> {
        let criteria = engine.0.options.criteria.clone();
        Ok(Connection::from_transaction(Transaction::idle(engine)?, criteria))
    }

    /// The transaction, open or not, and the criteria; cursors end.
    pub(crate) fn into_transaction(self) -> (Transaction, Criteria) {
        (self.transaction, self.criteria)
    }

    /// The connection of a transaction.
    pub(crate) fn from_transaction(transaction: Transaction, criteria: Criteria) -> Connection {
        Connection { transaction, cursors: FxHashMap::default(), criteria }
    }

    /// Adds a condition on a model that holds in whatever this connection reads and writes by typed
    /// statements: wherever the model's table is mentioned. Those of the engine hold too; SQL text is
    /// sent as it is.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let mut connection =
    ///     engine.connect()?.criterion("at home", Author, |author| author.country.is_null());
    /// assert_eq!(connection.query(Author).count()?, 2);
    /// assert_eq!(select(Author).without_criterion("at home").count(&mut connection)?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn criterion<E: Entity, C: Condition>(
        mut self,
        name: &'static str,
        entity: E,
        condition: impl Fn(E) -> C + Send + Sync + 'static,
    ) -> Connection {
        self.criteria = std::mem::take(&mut self.criteria).with(name, entity, condition);
        self
    }

    /// What another thread cancels this connection's statements by.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let mut connection = engine.connect()?;
    /// let token = connection.cancel_token();
    /// std::thread::spawn(move || token.cancel()); // the statement that runs then is `Cancelled`
    /// # Ok::<(), Error>(())
    /// ```
    pub fn cancel_token(&mut self) -> CancelToken {
        self.transaction.cancel_token()
    }

    /// Sends a statement, beginning a transaction first if none is open, and returns its result.
    ///
    /// # Errors
    /// What the database tells; `InvalidStatement` if names and values do not fit, before anything
    /// is sent.
    pub fn execute(&mut self, statement: impl Executable) -> Result<Rows> {
        statement.execute_on(&mut self.transaction)
    }

    /// Commits what was done since the last commit or rollback. Sends `COMMIT` if a transaction is
    /// open.
    pub fn commit(&mut self) -> Result<()> {
        self.cursors.clear();
        self.transaction.commit()
    }

    /// Undoes what was done since the last commit or rollback. Sends `ROLLBACK` if a transaction is
    /// open; always succeeds.
    pub fn rollback(&mut self) -> Result<()> {
        self.cursors.clear();
        self.transaction.rollback();
        Ok(())
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_open()
    }

    /// The SQL that the database speaks.
    pub(super) fn dialect(&self) -> &'static Dialect {
        self.transaction.dialect()
    }

    /// The open cursors, and the transaction they are in.
    pub(super) fn cursors(&mut self) -> (&mut FxHashMap<u64, Cursor>, &mut Transaction) {
        (&mut self.cursors, &mut self.transaction)
    }

    /// The open transaction, begun if need be: what typed statements run on.
    #[doc(hidden)]
    pub fn transaction(&mut self) -> Result<&mut Transaction> {
        self.transaction.start()?;
        Ok(&mut self.transaction)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("in_transaction", &self.in_transaction())
            .field("failure", &self.transaction.failure())
            .finish_non_exhaustive()
    }
}

/// A statement that a [`Connection`] or a session can execute: SQL text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be executed as it is",
    label = "expected SQL text: `text(\"SELECT 1\")`",
    note = "write `text(..)` around SQL, with `:name` for values and `.bind(\"name\", value)`; typed statements are run by `.all(..)` and their like"
)]
pub trait Executable {
    /// Begins the transaction if need be, runs the statement, and gathers its result.
    #[doc(hidden)]
    fn execute_on(&self, transaction: &mut Transaction) -> Result<Rows>;
}

impl<E: Executable> Executable for &E {
    fn execute_on(&self, transaction: &mut Transaction) -> Result<Rows> {
        (**self).execute_on(transaction)
    }
}

impl Executable for Text {
    fn execute_on(&self, transaction: &mut Transaction) -> Result<Rows> {
        let compiled = self.compile(transaction.dialect())?;
        transaction.start()?;
        let mut collector = Collector::default();
        let done = transaction.run_sets(&compiled.sql, &compiled.sets, &mut collector);
        let changed = done.map_err(|error| compiled.named(error))?;
        Ok(collector.finish(changed))
    }
}
