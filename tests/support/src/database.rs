//! One database per test, on either backend, gone when its value is dropped.
//!
//! The tests hold these values; everything about servers and names is below, in `server` and `run`.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::thread;

use tempfile::TempDir;

use crate::run::{Run, explain};
use crate::server::server;

/// The two databases the behaviour suite runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// PostgreSQL, on a server.
    Postgres,
    /// SQLite, in a file.
    Sqlite,
}

/// A database of its own for one test; dropped with the value.
pub struct TestDatabase {
    url: String,
    place: Place,
}

enum Place {
    Postgres { run: Arc<Run>, name: String },
    Sqlite { _folder: TempDir },
}

impl TestDatabase {
    /// A fresh, empty database on the PostgreSQL server, copied from the template.
    ///
    /// # Panics
    /// When there is no server or it refuses; the message says why.
    #[must_use]
    pub fn postgres() -> TestDatabase {
        let run = Run::of(server().address());
        let name = run.create_database().unwrap_or_else(|error| panic!("{}", explain(&error)));
        TestDatabase { url: run.url_of(&name), place: Place::Postgres { run, name } }
    }

    /// A fresh file in a folder of its own, so that its journal and WAL go with it.
    ///
    /// # Panics
    /// When no folder can be made for it.
    #[must_use]
    pub fn sqlite() -> TestDatabase {
        let folder = TempDir::with_prefix("orm-test-")
            .expect("a folder in the system's temporary folder can be made");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        TestDatabase { url, place: Place::Sqlite { _folder: folder } }
    }

    /// `postgresql://…` or `sqlite:/…/test.db`, as the engine takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.place {
            Place::Postgres { .. } => Backend::Postgres,
            Place::Sqlite { .. } => Backend::Sqlite,
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::Sqlite { .. } => {}
            Place::Postgres { run, name } => match run.drop_database(name) {
                Err(error) if thread::panicking() => eprintln!("{name} stays: {}", explain(&error)),
                Err(error) => panic!("{name} stays: {}", explain(&error)),
                Ok(()) => {}
            },
        }
    }
}

/// The URL of one PostgreSQL database for all cases that only read, or bring what they need under a name of their own.
///
/// It is made once per run. On a server that outlives this process, it goes when the last thread that asked for it
/// has ended.
///
/// # Panics
/// When there is no server or it refuses; the message says why.
pub fn shared_postgres() -> &'static str {
    thread_local! {
        static HELD: RefCell<Option<Arc<Run>>> = const { RefCell::new(None) };
    }
    static URL: OnceLock<String> = OnceLock::new();

    let run = Run::of(server().address());
    let url = URL.get_or_init(|| run.url_of(&run.shared()));
    HELD.with(|held| *held.borrow_mut() = Some(run));
    url
}
