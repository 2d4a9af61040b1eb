//! The engine: where the database is, the pool of connections to it, and work without a session.
//!
//! `url` and `builder` make an [`Engine`]; `pool` opens and keeps connections; `transaction` begins,
//! runs and ends (sessions build on it, too); `connection` is the face without a session, with
//! `text` statements and their `result`. `echo` and `record` tell what was sent. Building an engine
//! connects to nothing.

mod builder;
mod cancel;
mod connection;
mod cursor;
mod echo;
mod placeholder;
mod pool;
mod recognise;
mod record;
mod result;
mod row;
mod schema;
pub(crate) mod select;
mod text;
#[doc(hidden)]
pub mod transaction;
pub(crate) mod tree;
pub(crate) mod tree_joined;
mod url;
mod url_text;

pub use crate::driver::SslMode;
pub use builder::{EngineBuilder, IsolationLevel};
pub use cancel::CancelToken;
pub use connection::{Connection, Executable};
pub use echo::Echo;
pub use pool::PoolStatus;
pub use record::{StatementLog, Statistics};
pub use result::{FromRow, ResultRow, RowIndex, Rows};
#[doc(hidden)]
pub use row::{AbsentRowField, RowField};
pub use text::{AssertSafe, BindRow, SqlText, Text, text};
pub use url::{IntoUrl, PostgresUrl, Url};

use builder::Options;
use echo::Voice;
use orm_core::dialect::Dialect;
use orm_core::error::Result;
use orm_core::query::Select;
use pool::Pool;
use record::Records;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A database and the pool of connections to it; cheap to clone, shared by all threads.
///
/// ```
/// # use orm_session::engine::{Engine, text};
/// let engine = Engine::new("sqlite::memory:")?;
/// let mut connection = engine.connect()?;
/// let greeting: String = connection.execute(text("select 'hello world'"))?.scalar()?;
/// assert_eq!(greeting, "hello world");
/// # Ok::<(), orm_core::error::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Shared>);

/// What all clones of an engine share.
pub(crate) struct Shared {
    pub(crate) url: Url,
    pub(crate) dialect: &'static Dialect,
    pub(crate) options: Options,
    pub(crate) begin: String,
    pub(crate) voice: Voice,
    pub(crate) records: Records,
    pub(crate) pool: Pool,
}

impl Engine {
    /// An engine with the default options. Connects to nothing yet; a URL that is wrong is
    /// [`ErrorKind::Configuration`](orm_core::error::ErrorKind::Configuration).
    pub fn new(url: impl IntoUrl) -> Result<Engine> {
        Engine::builder(url).build()
    }

    /// An engine whose options are still to be said.
    pub fn builder(url: impl IntoUrl) -> EngineBuilder {
        EngineBuilder::new(url.into_url())
    }

    /// The URL, which prints with its password masked.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// The SQL that the database speaks.
    #[doc(hidden)]
    pub fn dialect(&self) -> &'static Dialect {
        self.0.dialect
    }

    /// What the layer above keeps with the engine.
    pub(crate) fn extension<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.options.extension.clone()?.downcast().ok()
    }

    /// Takes a connection out of the pool, opening one if none is free. It begins a transaction by
    /// itself at its first statement and rolls back when dropped, unless committed.
    ///
    /// # Errors
    /// `Unreachable`, `Authentication`, `UnknownDatabase`, `Tls` when a connection must be opened;
    /// `PoolTimeout` when none becomes free; `Closed` after [`Engine::close`].
    pub fn connect(&self) -> Result<Connection> {
        Connection::open(self)
    }

    /// Asks the database for a sign of life. Sends `SELECT 1` in a transaction of its own.
    pub fn ping(&self) -> Result<()> {
        let mut connection = self.connect()?;
        connection.execute(text("SELECT 1"))?;
        connection.rollback()
    }

    /// How many connections there are and what they do.
    pub fn pool_status(&self) -> PoolStatus {
        self.0.pool.status()
    }

    /// Closes the pool: idle connections end now, those in use when they are given back. Every
    /// later call that needs a connection is [`ErrorKind::Closed`](orm_core::error::ErrorKind::Closed).
    pub fn close(&self) {
        self.0.pool.close();
    }

    /// Writes down the SQL of all statements sent from now on, BEGIN, COMMIT and SAVEPOINT
    /// included, values left out, until the log is dropped.
    ///
    /// ```
    /// # use orm_session::engine::{Engine, text};
    /// # let engine = Engine::new("sqlite::memory:")?;
    /// let log = engine.record();
    /// engine.ping()?;
    /// assert_eq!(log.take(), ["BEGIN", "SELECT 1", "ROLLBACK"]);
    /// # Ok::<(), orm_core::error::Error>(())
    /// ```
    pub fn record(&self) -> StatementLog {
        self.0.records.open()
    }

    /// The SQL that a SELECT is for this engine's database, with placeholders and without values;
    /// nothing is sent. The criteria of the engine are in it; objects of a session count as keys.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let statement = select(Tag.name).filter(Tag.name.eq("rust"));
    /// let sql = engine.sql(&statement)?;
    /// assert_eq!(sql, r#"SELECT "tags"."name" FROM "tags" WHERE "tags"."name" = ?1"#);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidStatement` and `Unsupported`, as when it is sent.
    pub fn sql<S, X>(&self, statement: &Select<S, X>) -> Result<String> {
        let criteria = self.0.options.criteria.leaving_out(&statement.statement().left_out)?;
        orm_core::compile::display::sql(statement.statement(), self.0.dialect, &criteria)
    }

    /// How many statements were sent and waited for, and connections opened, by this engine so far.
    pub fn statistics(&self) -> Statistics {
        self.0.records.statistics()
    }
}

impl fmt::Display for Engine {
    /// `Engine(postgresql://sa:***@localhost:5432/inventorydb)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({})", self.0.url)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("url", &self.0.url)
            .field("options", &self.0.options)
            .field("pool", &self.pool_status())
            .finish()
    }
}
