//! The options of an engine.

use super::echo::{Echo, Voice};
use super::pool::Pool;
use super::record::Records;
use super::{Engine, Shared, Url};
use crate::driver::{self, Settings, Target};
use orm_core::compile;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::expression::Condition;
use orm_core::model::{Entity, IntoSchema};
use orm_core::schema::Schema;
use orm_core::statement::Criteria;
use std::any::Any;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// How far transactions are kept apart.
///
/// SQLite keeps them apart as `Serializable` says, whatever is asked for: a transaction that read
/// before another one wrote, and then writes, is a serialization failure.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsolationLevel {
    /// Each statement sees what was committed before it began.
    ReadCommitted,
    /// All statements see what was committed before the first one.
    RepeatableRead,
    /// As if the transactions had run one after the other; one that can't be is a serialization
    /// failure and is to be run again.
    Serializable,
}

impl IsolationLevel {
    fn sql(self) -> &'static str {
        match self {
            IsolationLevel::ReadCommitted => "READ COMMITTED",
            IsolationLevel::RepeatableRead => "REPEATABLE READ",
            IsolationLevel::Serializable => "SERIALIZABLE",
        }
    }
}

/// What an engine was built with.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) pool_size: u32,
    pub(crate) pool_timeout: Duration,
    pub(crate) settings: Settings,
    pub(crate) isolation_level: Option<IsolationLevel>,
    pub(crate) echo: Echo,
    pub(crate) schema: Schema,
    /// What holds in whatever is read.
    pub(crate) criteria: Criteria,
    /// What the layer above keeps with the engine, which does not know what it is.
    pub(crate) extension: Option<Arc<dyn Any + Send + Sync>>,
    /// Sessions report lazy loads, and warn above so many statements of one place.
    pub(crate) watch_lazy_loads: Option<u64>,
}

/// An engine whose options are being said.
#[derive(Debug)]
pub struct EngineBuilder {
    url: Result<Url>,
    connect_timeout: Option<Duration>,
    options: Options,
}

impl EngineBuilder {
    pub(super) fn new(url: Result<Url>) -> EngineBuilder {
        let settings = Settings {
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            prepared_statements: true,
            application_name: None,
        };
        let options = Options {
            pool_size: 10,
            pool_timeout: Duration::from_secs(30),
            settings,
            isolation_level: None,
            echo: Echo::Off,
            schema: Schema::new(),
            criteria: Criteria::default(),
            extension: None,
            watch_lazy_loads: None,
        };
        EngineBuilder { url, connect_timeout: None, options }
    }

    /// How many connections there may be at once; 10 unless said. An SQLite database in memory has
    /// one, whatever is said.
    pub fn pool_size(mut self, connections: u32) -> EngineBuilder {
        self.options.pool_size = connections;
        self
    }

    /// How long to wait for a connection to become free; 30 s unless said.
    pub fn pool_timeout(mut self, timeout: Duration) -> EngineBuilder {
        self.options.pool_timeout = timeout;
        self
    }

    /// How long to try to open a connection to a server that is not there (yet); 10 s unless said
    /// here or in the URL.
    pub fn connect_timeout(mut self, timeout: Duration) -> EngineBuilder {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long a statement may run; no limit unless said.
    pub fn statement_timeout(mut self, timeout: Duration) -> EngineBuilder {
        self.options.settings.statement_timeout = Some(timeout);
        self
    }

    /// The models that the engine works with: what `create_all` creates. They and the models they
    /// point to are checked together when the engine is built. A tuple of models, or a
    /// [`Schema`](orm_core::schema::Schema) of them.
    pub fn models(mut self, models: impl IntoSchema) -> EngineBuilder {
        self.options.schema = models.into_schema();
        self
    }

    /// Adds a condition on a model that holds in all sessions and connections of the engine, wherever
    /// the model's table is mentioned: in queries, joins, conditions, includes, loads, `get`, counts,
    /// and updates and deletes of all rows found.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, _) = blog()?;
    /// let engine = Engine::builder("sqlite::memory:")
    ///     .models(Schema::of((Author, Article, Tag, Profile, Employee)))
    ///     .criterion("read", Article, |article| article.views.gt(0))
    ///     .build()?;
    /// engine.create_all()?;
    /// let mut session = engine.session();
    /// # let log = engine.record();
    /// session.query(Author).filter(Author.articles.exists()).all()?;
    /// // … WHERE EXISTS (SELECT … WHERE … AND ("articles_1"."views" > ?2))
    /// # assert!(log.take().iter().any(|sql| sql.contains(r#""articles_1"."views" > ?2"#)));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Its name is what it is left out by:
    /// [`select(..).without_criterion("read")`](orm_core::query::Select::without_criterion),
    /// [`session.without_criterion("read", ..)`](crate::session::Session::without_criterion). Inside of it
    /// no criteria hold.
    pub fn criterion<E: Entity, C: Condition>(
        mut self,
        name: &'static str,
        entity: E,
        condition: impl Fn(E) -> C + Send + Sync + 'static,
    ) -> EngineBuilder {
        let criteria = std::mem::take(&mut self.options.criteria);
        self.options.criteria = criteria.with(name, entity, condition);
        self
    }

    /// The isolation level of all transactions; the database's own default unless said.
    pub fn isolation_level(mut self, level: IsolationLevel) -> EngineBuilder {
        self.options.isolation_level = Some(level);
        self
    }

    /// All sessions watch lazy loads, as [`Session::watch_lazy_loads`](crate::session::Session::watch_lazy_loads)
    /// says.
    pub fn watch_lazy_loads(mut self, warn_above: u64) -> EngineBuilder {
        self.options.watch_lazy_loads = Some(warn_above);
        self
    }

    /// Prints statements to standard error: `true` with their parameters, [`Echo::Sql`] without.
    pub fn echo(mut self, echo: impl Into<Echo>) -> EngineBuilder {
        self.options.echo = echo.into();
        self
    }

    /// `false` sends each statement unnamed with its types, which works through a pooler such as
    /// PgBouncer in transaction mode; statements are prepared and cached unless said.
    pub fn prepared_statements(mut self, prepared: bool) -> EngineBuilder {
        self.options.settings.prepared_statements = prepared;
        self
    }

    /// The name that the server shows of this program's connections.
    pub fn application_name(mut self, name: impl Into<String>) -> EngineBuilder {
        self.options.settings.application_name = Some(name.into());
        self
    }

    /// Changes what the layer above keeps with the engine.
    pub(crate) fn extended<T: Any + Clone + Default + Send + Sync>(
        mut self,
        change: impl FnOnce(&mut T),
    ) -> EngineBuilder {
        let kept = self.options.extension.take().and_then(|kept| kept.downcast::<T>().ok());
        let mut extension = kept.map(Arc::unwrap_or_clone).unwrap_or_default();
        change(&mut extension);
        self.options.extension = Some(Arc::new(extension));
        self
    }

    /// The engine. Connects to nothing.
    ///
    /// # Errors
    /// `Configuration` if the URL, an option or a model is wrong or the driver was not built; `Tls` if the
    /// URL demands encryption and the program was built without.
    pub fn build(self) -> Result<Engine> {
        let url = self.url?;
        let mut options = self.options;
        if options.pool_size == 0 {
            return Err(Error::new(
                ErrorKind::Configuration,
                "a pool of no connections; say at least 1",
            ));
        }
        let in_url = match url.target() {
            Target::Postgres(target) => target.connect_timeout,
            Target::Sqlite(_) => None,
        };
        if let Some(timeout) = self.connect_timeout.or(in_url) {
            options.settings.connect_timeout = timeout;
        }
        options.schema.check()?;
        compile::check_criteria(&options.criteria)?;
        driver::check(url.target(), &options.settings)?;
        let dialect = driver::dialect(url.target());
        for table in options.schema.tables() {
            compile::batch::check_made(table, dialect)?;
        }
        let records = Records::default();
        let pool = Pool::new(url.target().clone(), &options, records.clone());
        Ok(Engine(Arc::new(Shared {
            begin: begin(&options, driver::has_isolation_levels(url.target())),
            voice: Voice::new(options.echo),
            url,
            dialect,
            options,
            records,
            pool,
        })))
    }
}

/// The statement that begins a transaction.
fn begin(options: &Options, has_isolation_levels: bool) -> String {
    let mut sql = "BEGIN".to_owned();
    if !has_isolation_levels {
        return sql;
    }
    if let Some(level) = options.isolation_level {
        sql.push_str(" ISOLATION LEVEL ");
        sql.push_str(level.sql());
    }
    if let (Some(timeout), false) =
        (options.settings.statement_timeout, options.settings.prepared_statements)
    {
        let _ = write!(sql, "; SET LOCAL statement_timeout = {}", timeout.as_millis().max(1));
    }
    sql
}
