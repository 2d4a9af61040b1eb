//! Opening an SQLite database and making it behave as on PostgreSQL: foreign keys enforced, LIKE
//! telling upper from lower case, decimals compared as numbers; WAL for files.

use super::{Sqlite, decimal, error};
use crate::driver::{Settings, SqliteTarget};
use orm_core::error::{Error, ErrorKind, Result};
use rusqlite::{Connection, ErrorCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS_KEPT: usize = 256;
/// How many steps of SQLite's machine pass between two looks at the clock.
const STEPS_PER_LOOK: i32 = 1000;

/// Opens a connection.
pub(crate) fn connect(target: &SqliteTarget, settings: &Settings) -> Result<Sqlite> {
    let (opened, place) = match target {
        SqliteTarget::Memory => (Connection::open_in_memory(), "in memory".to_owned()),
        SqliteTarget::File(path) => (Connection::open(path), format!("file {}", path.display())),
    };
    let told = |failure: rusqlite::Error| error::of_connect(&failure, &place);
    let mut connection = opened.map_err(told)?;
    make_ready(&connection, matches!(target, SqliteTarget::File(_))).map_err(told)?;
    let deadline = match settings.statement_timeout {
        None => None,
        Some(timeout) => Some(Deadline::install(&mut connection, timeout).map_err(told)?),
    };
    Ok(Sqlite { connection, deadline, open: false, cursors: Vec::new(), cancelled: Arc::default() })
}

fn make_ready(connection: &Connection, file: bool) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.create_collation("orm_decimal", decimal::compare)?;
    if file {
        write_ahead(connection)?;
    }
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON")
}

/// Turns on the write-ahead log. SQLite does not wait by itself while others do the same.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let end = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(failure)
                if failure.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

/// Ends statements that run longer than the statement timeout.
pub(super) struct Deadline {
    timeout: Duration,
    birth: Instant,
    /// Microseconds after `birth` at which the running statement ends; 0 if none runs.
    end: Arc<AtomicU64>,
}

impl Deadline {
    fn install(connection: &mut Connection, timeout: Duration) -> rusqlite::Result<Deadline> {
        let birth = Instant::now();
        let end = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&end);
        let is_over = move || {
            let end = seen.load(Ordering::Relaxed);
            end != 0 && micros(birth.elapsed()) > end
        };
        connection.progress_handler(STEPS_PER_LOOK, Some(is_over))?;
        Ok(Deadline { timeout, birth, end })
    }

    pub(super) fn start(&self) {
        let end = micros(self.birth.elapsed() + self.timeout).max(1);
        self.end.store(end, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.end.store(0, Ordering::Relaxed);
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// An error for a URL that names no place a database can be.
pub(super) fn unreachable(place: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Unreachable,
        format!(
            "the SQLite database {place} could not be opened: {why}; check that its folder exists and may be written to"
        ),
    )
}
