//! What a driver does: sends SQL with parameters, lends rows, turns failures into [`Error`]s.
//!
//! One module per database, with the same file names in each: `connect` opens a connection, `bind`
//! writes parameters, `row` lends result rows, `error` maps failures. Only the pool and the
//! transaction call drivers. Which modules exist is decided by the features; nothing else is.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "postgres")]
mod runtime;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod target;

pub use target::SslMode;
pub(crate) use target::{PostgresTarget, SqliteTarget, Target};

use orm_core::dialect::Dialect;
#[allow(unused_imports)]
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::statement::Parameters;
use orm_core::types::Row;
use std::fmt;
use std::time::Duration;

/// How a statement is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Prepared once per connection and found again by its text.
    Cached,
    /// Sent unnamed: planned for these parameters, for instance for the real length of an array.
    Once,
}

/// What a statement is known to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Rows.
    Rows,
    /// The number of rows it changed; rows that come anyway are not read.
    Count,
    /// One or the other: the statement is the user's.
    Either,
}

/// Takes what a statement returns.
pub(crate) trait Receiver {
    /// The names of the columns, told before the first row.
    fn columns(&mut self, _names: &mut dyn Iterator<Item = &str>) {}

    /// One row, lent; an error ends the statement.
    fn row(&mut self, row: &dyn Row) -> Result<()>;
}

/// Takes rows by a closure.
pub(crate) struct Each<'a>(pub(crate) &'a mut dyn FnMut(&dyn Row) -> Result<()>);

impl Receiver for Each<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        (self.0)(row)
    }
}

/// One open connection.
pub(crate) trait Driver: Send {
    /// Sends control statements or DDL: no parameters, no rows, possibly several statements.
    fn batch(&mut self, sql: &str) -> Result<()>;

    /// Sends one statement. Returns the number of rows it changed, or returned if it returns any.
    fn run(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
        how: (Plan, Answer),
        receiver: &mut dyn Receiver,
    ) -> Result<u64>;

    /// Makes a cursor of this name over a query; it lives until the transaction ends.
    fn declare(&mut self, name: &str, sql: &str, parameters: Parameters<'_>) -> Result<()>;

    /// Lends the next `count` rows of a cursor, of which `passed` were lent already.
    fn fetch(
        &mut self,
        name: &str,
        passed: u64,
        count: u32,
        receiver: &mut dyn Receiver,
    ) -> Result<u64>;

    /// Ends a cursor before its transaction ends.
    fn close(&mut self, name: &str) -> Result<()>;

    /// Whether the open transaction has failed and takes nothing but ROLLBACK (or ROLLBACK TO).
    fn transaction_failed(&self) -> bool;

    /// Whether the transaction goes on although COMMIT failed.
    fn commit_left_open(&self) -> bool;

    /// Whether a statement ended the transaction although no COMMIT or ROLLBACK was asked for.
    fn transaction_ended(&self) -> bool;

    /// Whether the transaction is known to be over, so that ROLLBACK would be refused.
    fn rolled_back_already(&self) -> bool;

    /// The row id of the last row inserted; 0 where the database tells none.
    fn last_insert_id(&self) -> i64 {
        0
    }

    /// Whether nothing more can be sent.
    fn is_broken(&self) -> bool;

    /// What other threads cancel the running statement by.
    fn cancel(&self) -> Box<dyn Cancel>;

    /// Messages sent to the server and waited for, since the connection was opened.
    fn round_trips(&self) -> u64;
}

/// Cancels the statement that a connection runs.
pub(crate) trait Cancel: Send + Sync {
    /// Cancels it; nothing is done where none runs.
    fn cancel(&self) -> Result<()>;
}

/// What a connection is opened with, beside the URL.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How long to try to connect.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Option<Duration>,
    /// Whether statements are prepared and cached.
    pub prepared_statements: bool,
    /// The name the server shows of the program.
    pub application_name: Option<String>,
}

/// Opens a connection. Errors have the kinds of connecting: Authentication,
/// `UnknownDatabase`, Tls, Unreachable, Configuration.
pub(crate) fn connect(target: &Target, settings: &Settings) -> Result<Box<dyn Driver>> {
    match target {
        #[cfg(feature = "postgres")]
        Target::Postgres(postgres) => self::postgres::connect(postgres, settings)
            .map(|driver| Box::new(driver) as Box<dyn Driver>),
        #[cfg(feature = "sqlite")]
        Target::Sqlite(sqlite) => self::sqlite::connect(sqlite, settings)
            .map(|driver| Box::new(driver) as Box<dyn Driver>),
        #[cfg(not(feature = "postgres"))]
        Target::Postgres(_) => Err(missing("postgres", settings)),
        #[cfg(not(feature = "sqlite"))]
        Target::Sqlite(_) => Err(missing("sqlite", settings)),
    }
}

/// What can be told without connecting: whether its driver was built, and with TLS.
pub(crate) fn check(target: &Target, settings: &Settings) -> Result<()> {
    let _ = settings;
    match target {
        #[cfg(feature = "postgres")]
        Target::Postgres(postgres) => self::postgres::check(postgres),
        #[cfg(feature = "sqlite")]
        Target::Sqlite(_) => Ok(()),
        #[cfg(not(feature = "postgres"))]
        Target::Postgres(_) => Err(missing("postgres", settings)),
        #[cfg(not(feature = "sqlite"))]
        Target::Sqlite(_) => Err(missing("sqlite", settings)),
    }
}

/// The SQL spoken there.
pub(crate) fn dialect(target: &Target) -> &'static Dialect {
    match target {
        Target::Postgres(_) => &orm_core::dialect::POSTGRES,
        Target::Sqlite(_) => &orm_core::dialect::SQLITE,
    }
}

/// Runs work that may wait for a server where an async runtime around the caller does no harm.
pub(crate) fn outside_runtime(work: impl FnOnce() + Send) {
    #[cfg(feature = "postgres")]
    runtime::outside(work);
    #[cfg(not(feature = "postgres"))]
    work();
}

/// Whether BEGIN takes an isolation level (and SET LOCAL may follow it).
pub(crate) fn has_isolation_levels(target: &Target) -> bool {
    match target {
        Target::Postgres(_) => true,
        Target::Sqlite(_) => false,
    }
}

#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
fn missing(feature: &str, _settings: &Settings) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!(
            "this program was built without the driver of this URL; turn on the feature `{feature}`"
        ),
    )
}

/// Which parameter a driver could not send, told before anything was sent; shows no value.
#[derive(Clone, Debug)]
pub(crate) struct ParameterFault {
    /// The placeholder's number, from 0.
    pub index: usize,
    /// The row of a batch.
    pub row: Option<usize>,
    /// What is wrong, in general words.
    pub why: Why,
}

/// Why a value can't be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The type fits, the value does not.
    Value(&'static str),
    /// The value's type has no way into the parameter's type.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))] // SQLite takes every value
    Type {
        /// What was bound.
        bound: &'static str,
        /// What the database wants.
        wanted: String,
    },
}

impl fmt::Display for ParameterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parameter {}", self.index + 1)?;
        if let Some(row) = self.row {
            write!(f, " of row {}", row + 1)?;
        }
        match &self.why {
            Why::Value(why) => write!(f, ": {why}"),
            Why::Type { bound, wanted } => {
                write!(
                    f,
                    ": {bound} was bound where the database wants {wanted}; bind that, or cast in the SQL"
                )
            }
        }
    }
}

impl std::error::Error for ParameterFault {}

impl From<ParameterFault> for Error {
    fn from(fault: ParameterFault) -> Error {
        let kind = match fault.why {
            Why::Value(_) => ErrorKind::ValueOutOfRange,
            Why::Type { .. } => ErrorKind::InvalidStatement,
        };
        Error::new(kind, fault.to_string()).with_source(fault)
    }
}
