//! The databases of one test run on one server: their names, the template they are copied from, and their end.
//!
//! Every name is `orm_test_<run>_<rest>`, so several runs may use the same server at once:
//! 1. `…_template` is copied for every test; nobody may connect to it, or the copying would fail;
//! 2. `…_shared` is one database for the cases that only read;
//! 3. `…_<pid>_<n>_<random>` belongs to one test.
//!
//! On a server that outlives the run, one connection carries the run's name as its `application_name`. A run whose
//! connection is gone was killed; the next run drops what it left behind.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread;

use postgres::error::SqlState;
use postgres::{Client, Config, Error, NoTls};

use crate::address::{Address, with_database};
use crate::random;

const PREFIX: &str = "orm_test";

/// One run's databases on one server.
pub struct Run {
    url: String,
    id: String,
    /// The connection that keeps others from taking this run for dead; only a run that cleans up after itself has it.
    alive: Option<Mutex<Client>>,
}

impl Run {
    /// The run that this process takes part in: the one handed down with the address, or else its own, which ends
    /// with the last value that holds it.
    pub fn of(address: &Address) -> Arc<Run> {
        static OWN: Mutex<Weak<Run>> = Mutex::new(Weak::new());
        static ID: OnceLock<String> = OnceLock::new();

        if let Some(id) = &address.run {
            return Arc::new(Run { url: address.url.clone(), id: id.clone(), alive: None });
        }
        let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = own.upgrade() {
            return run;
        }
        let id = ID.get_or_init(|| random::hex(12)).clone();
        let run =
            Run::begin(&address.url, id).unwrap_or_else(|error| panic!("{}", explain(&error)));
        let run = Arc::new(run);
        *own = Arc::downgrade(&run);
        run
    }

    /// Makes the databases of a run that cleans up after itself, and after runs that could not.
    pub fn begin(url: &str, id: String) -> Result<Run, Error> {
        let name = format!("{PREFIX}_{id}");
        let connection = on_own_thread(|| {
            let mut client = connect(url, &name)?;
            drop_dead_runs(&mut client)?;
            drop_run(&mut client, &id)?;
            create_run(&mut client, &id)?;
            Ok(client)
        })?;
        Ok(Run { url: url.to_owned(), id, alive: Some(Mutex::new(connection)) })
    }

    /// Makes the databases of the one run on a server that ends with it, where nothing is ever cleaned up.
    pub fn begin_on_throwaway(url: &str) -> Result<String, Error> {
        let id = "throwaway";
        on_own_thread(|| create_run(&mut connect(url, PREFIX)?, id))?;
        Ok(id.to_owned())
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    pub fn shared(&self) -> String {
        shared(&self.id)
    }

    /// Copies the template into a new database and returns its name.
    pub fn create_database(&self) -> Result<String, Error> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}_{}_{}_{count}_{}", self.id, process::id(), random::hex(6));
        on_own_thread(|| copy_template(&mut connect(&self.url, PREFIX)?, &self.id, &name))?;
        Ok(name)
    }

    pub fn drop_database(&self, name: &str) -> Result<(), Error> {
        on_own_thread(|| drop_database(&mut connect(&self.url, PREFIX)?, name))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let Some(alive) = self.alive.take() else { return };
        let mut client = alive.into_inner().unwrap_or_else(PoisonError::into_inner);
        let id = &self.id;
        if let Err(error) = on_own_thread(move || drop_run(&mut client, id)) {
            eprintln!("the databases {PREFIX}_{id}_… could not be dropped: {}", explain(&error));
        }
    }
}

/// The message of a failure, with the server's own words, which `Display` of the driver's error leaves out.
pub fn explain(error: &Error) -> String {
    let cause =
        std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("PostgreSQL for the tests: {error}{cause}")
}

/// Whether a server answers under this URL.
pub fn ping(url: &str) -> Result<(), Error> {
    on_own_thread(|| connect(url, PREFIX)?.batch_execute("SELECT 1"))
}

fn template(id: &str) -> String {
    format!("{PREFIX}_{id}_template")
}

fn shared(id: &str) -> String {
    format!("{PREFIX}_{id}_shared")
}

/// Sorting by code point, as SQLite does, wherever the server can: the clauses are tried in order, because the
/// provider is unknown before version 15 and `C.UTF-8` unknown to some systems.
const LOCALES: [&str; 3] = [
    "LOCALE_PROVIDER libc LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
    "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
    "LC_COLLATE 'C' LC_CTYPE 'C'",
];

fn create_run(client: &mut Client, id: &str) -> Result<(), Error> {
    let template = template(id);
    let mut created = Ok(());
    for locale in LOCALES {
        created = client.batch_execute(&format!(
            r#"CREATE DATABASE "{template}" TEMPLATE template0 ENCODING 'UTF8' {locale}"#
        ));
        if created.is_ok() {
            break;
        }
    }
    created?;
    client.batch_execute(&format!(r#"ALTER DATABASE "{template}" IS_TEMPLATE true"#))?;
    client.batch_execute(&format!(r#"ALTER DATABASE "{template}" ALLOW_CONNECTIONS false"#))?;
    copy_template(client, id, &shared(id))
}

/// `CREATE DATABASE`, again for a while if a background process of the server is looking at the template.
fn copy_template(client: &mut Client, id: &str, name: &str) -> Result<(), Error> {
    let statement = format!(r#"CREATE DATABASE "{name}" TEMPLATE "{}""#, template(id));
    let mut attempts = 0;
    loop {
        attempts += 1;
        match client.batch_execute(&statement) {
            Err(error) if attempts < 50 && error.code() == Some(&SqlState::OBJECT_IN_USE) => {
                thread::sleep(std::time::Duration::from_millis(100));
            }
            done => return done,
        }
    }
}

fn drop_run(client: &mut Client, id: &str) -> Result<(), Error> {
    let names = client.query(
        "SELECT datname FROM pg_database WHERE starts_with(datname, $1)",
        &[&format!("{PREFIX}_{id}_")],
    )?;
    names.iter().try_for_each(|row| drop_database(client, row.get(0)))
}

/// The databases of this user that belong to a run with no connection of its name.
const DEAD_RUNS: &str = "
    SELECT datname FROM pg_database
     WHERE datname ~ '^orm_test_[0-9a-f]{12}_'
       AND pg_get_userbyid(datdba) = current_user
       AND left(datname, 21) NOT IN (SELECT application_name FROM pg_stat_activity
                                      WHERE application_name IS NOT NULL)";

fn drop_dead_runs(client: &mut Client) -> Result<(), Error> {
    client.query(DEAD_RUNS, &[])?.iter().try_for_each(|row| drop_database(client, row.get(0)))
}

/// Drops a database whoever is connected to it; one that is gone already is no error.
fn drop_database(client: &mut Client, name: &str) -> Result<(), Error> {
    if name.ends_with("_template") {
        match client.batch_execute(&format!(r#"ALTER DATABASE "{name}" IS_TEMPLATE false"#)) {
            Err(error) if error.code() != Some(&SqlState::INVALID_CATALOG_NAME) => {
                return Err(error);
            }
            _ => {}
        }
    }
    client.batch_execute(&format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#))
}

fn connect(url: &str, application_name: &str) -> Result<Client, Error> {
    url.parse::<Config>()?.application_name(application_name).connect(NoTls)
}

/// The driver may not be used on a thread that runs an async runtime or is about to end; tests do both.
fn on_own_thread<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
