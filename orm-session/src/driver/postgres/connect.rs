//! Opening a connection: within the timeout, with the cause of a failure known at once.
//!
//! 1. Each attempt runs on a thread of its own, so that a silent server ends with the timeout and
//!    an async runtime around the caller does no harm.
//! 2. "Refused", "no such socket" and "starting up" are tried again until the timeout; every other
//!    failure is told at once.

use super::cache::Cache;
use super::error::{self, Attempt, Sent};
use super::held::Held;
use super::{Postgres, bind::Encoded};
use crate::driver::{PostgresTarget, Settings, SslMode};
use orm_core::error::{Error, ErrorKind, Result};
use postgres::error::{DbError, SqlState};
use postgres::tls::{MakeTlsConnect, TlsConnect};
use postgres::{Client, Config, Socket};
use r2d2::ManageConnection;
use r2d2_postgres::PostgresConnectionManager;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Whether the server said that there was no transaction where we believed in one.
#[derive(Clone, Default)]
pub(super) struct Notices(Arc<AtomicBool>);

impl Notices {
    pub(super) fn told_of_no_transaction(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn forget(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn hear(&self, notice: &DbError) {
        if *notice.code() == SqlState::NO_ACTIVE_SQL_TRANSACTION {
            self.0.store(true, Ordering::Relaxed);
        }
        tracing::debug!(target: "orm::sql", code = notice.code().code(), "notice of the server");
    }
}

/// What can be said without connecting.
pub(crate) fn check(target: &PostgresTarget) -> Result<()> {
    if cfg!(feature = "tls") || matches!(target.ssl_mode, SslMode::Disable | SslMode::Prefer) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Tls,
        format!(
            "the URL says sslmode={}, and this program was built without TLS; turn on the feature `tls`",
            target.ssl_mode.name()
        ),
    ))
}

/// Opens a connection.
pub(crate) fn connect(target: &PostgresTarget, settings: &Settings) -> Result<Postgres> {
    let notices = Notices::default();
    let config = config(target, settings, &notices);
    let client = client(&config, target, settings.connect_timeout)?;
    Ok(Postgres {
        client: Held::new(client),
        cache: Cache::new(),
        encoded: Encoded::default(),
        prepared_statements: settings.prepared_statements,
        sent: Sent { bound: false, timeout: settings.statement_timeout },
        failed: false,
        notices,
        broken: false,
        trips: 0,
        place: Arc::new(target.clone()),
    })
}

fn client(config: &Config, target: &PostgresTarget, timeout: Duration) -> Result<Client> {
    let place = place(target);
    let end = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let error = match attempt(config, target, left) {
            None => return Err(silent(&place, timeout)),
            Some(Ok(client)) => return Ok(client),
            Some(Err(Started::Client(error))) => match error::of_connect(error, &place) {
                Attempt::Failed(error) => return Err(error),
                Attempt::Again(error) => error,
            },
            Some(Err(Started::Tls(error))) => return Err(error),
        };
        if Instant::now() + pause >= end {
            return Err(error.with_context(format!("tried for {timeout:?}")));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Why an attempt failed: on the wire, or already while TLS was made ready.
pub(super) enum Started {
    Client(postgres::Error),
    #[cfg_attr(not(feature = "tls"), allow(dead_code))]
    Tls(Error),
}

/// One attempt; `None` if nothing was heard within `timeout`.
fn attempt(
    config: &Config,
    target: &PostgresTarget,
    timeout: Duration,
) -> Option<Result<Client, Started>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let mut config = config.clone();
    config.connect_timeout(timeout.max(Duration::from_millis(1)));
    let target = target.clone();
    std::thread::Builder::new()
        .name("orm-connect".into())
        .spawn(move || {
            // nobody hears an answer that comes too late: the client ends here
            let _ = sender.send(start(&config, &target));
        })
        .ok()?;
    receiver.recv_timeout(timeout).ok()
}

/// Opens a client through `r2d2_postgres`, whose errors keep their cause.
pub(super) fn open<T>(config: &Config, tls: T) -> Result<Client, Started>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::TlsConnect: Send,
    T::Stream: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let manager = PostgresConnectionManager::new(config.clone(), tls);
    manager.connect().map_err(Started::Client)
}

#[cfg(feature = "tls")]
fn start(config: &Config, target: &PostgresTarget) -> Result<Client, Started> {
    super::tls::start(config, target)
}

#[cfg(not(feature = "tls"))]
fn start(config: &Config, _: &PostgresTarget) -> Result<Client, Started> {
    open(config, postgres::NoTls)
}

fn silent(place: &str, timeout: Duration) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!("{place} did not answer within {timeout:?}; check host and port"),
    )
    .with_source(std::io::Error::from(std::io::ErrorKind::TimedOut))
}

/// Where we connect to, for messages.
fn place(target: &PostgresTarget) -> String {
    let host = target.host.as_deref().unwrap_or("localhost");
    let port = target.port.unwrap_or(5432);
    if host.starts_with('/') {
        format!("the PostgreSQL server at socket {host}/.s.PGSQL.{port}")
    } else {
        format!("the PostgreSQL server at {host}:{port}")
    }
}

fn config(target: &PostgresTarget, settings: &Settings, notices: &Notices) -> Config {
    let mut config = Config::new();
    config.host(target.host.as_deref().unwrap_or("localhost"));
    config.port(target.port.unwrap_or(5432));
    if let Some(user) = &target.user {
        config.user(user);
    }
    if let Some(password) = &target.password {
        config.password(password);
    }
    if let Some(database) = target.database.as_deref().or(target.user.as_deref()) {
        config.dbname(database);
    }
    if let Some(name) = settings.application_name.as_ref().or(target.application_name.as_ref()) {
        config.application_name(name);
    }
    let mut options = target.options.clone().unwrap_or_default();
    // through a transaction pooler the timeout travels with BEGIN instead
    if let (Some(timeout), true) = (settings.statement_timeout, settings.prepared_statements) {
        let _ = write!(options, " -c statement_timeout={}", timeout.as_millis().max(1));
    }
    if !options.is_empty() {
        config.options(options.trim());
    }
    config.ssl_mode(match target.ssl_mode {
        SslMode::Disable => postgres::config::SslMode::Disable,
        SslMode::Prefer => postgres::config::SslMode::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            postgres::config::SslMode::Require
        }
    });
    let notices = notices.clone();
    config.notice_callback(move |notice| notices.hear(&notice));
    config
}
