//! The echo on standard error, seen from outside: the test runs itself as a child.

use orm_session::engine::{Echo, Engine, text};
use orm_test_support::TestDatabase;
use std::fmt::{Debug, Write as _};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};

const URL: &str = "ORM_TEST_ECHO_URL";
const VALUES: &str = "ORM_TEST_ECHO_VALUES";

/// Does nothing unless run as a child of the tests below.
#[test]
fn echo_child_of_both() {
    let Ok(url) = std::env::var(URL) else { return };
    let echo = if std::env::var_os(VALUES).is_some() { Echo::from(true) } else { Echo::Sql };
    let engine = Engine::builder(url).echo(echo).build().unwrap();
    let mut connection = engine.connect().unwrap();
    connection.execute(text("select 'hello world'")).unwrap();
    connection.execute(text("CREATE TABLE coordinates (x int, y int)")).unwrap();
    let insert = text("INSERT INTO coordinates (x, y) VALUES (:x, :y)");
    connection.execute(insert.bind_rows(["x", "y"], [(1, 1), (2, 4)])).unwrap();
    connection.commit().unwrap();
    connection.execute(text("SELECT x FROM coordinates WHERE y = :y").bind("y", 4)).unwrap();
}

fn echoed(db: &TestDatabase, values: bool) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "echo::echo_child_of_both", "--nocapture"]).env(URL, db.url());
    if values {
        child.env(VALUES, "1");
    }
    let output = child.output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stderr).unwrap();
    let ours: Vec<&str> = lines.lines().filter(|line| line.starts_with("orm::sql")).collect();
    ours.join("\n") + "\n"
}

#[test]
fn echo_shows_begin_sql_parameters_and_the_end_on_postgres() {
    assert_eq!(
        echoed(&TestDatabase::postgres(), true),
        "\
orm::sql BEGIN (implicit)
orm::sql select 'hello world'
orm::sql []
orm::sql CREATE TABLE coordinates (x int, y int)
orm::sql []
orm::sql INSERT INTO coordinates (x, y) VALUES ($1, $2)
orm::sql [1, 1], [2, 4]
orm::sql COMMIT
orm::sql BEGIN (implicit)
orm::sql SELECT x FROM coordinates WHERE y = $1
orm::sql [4]
orm::sql ROLLBACK
"
    );
}

#[test]
fn echo_sql_leaves_the_values_out_on_sqlite() {
    assert_eq!(
        echoed(&TestDatabase::sqlite(), false),
        "\
orm::sql BEGIN (implicit)
orm::sql select 'hello world'
orm::sql CREATE TABLE coordinates (x int, y int)
orm::sql INSERT INTO coordinates (x, y) VALUES (?1, ?2)
orm::sql COMMIT
orm::sql BEGIN (implicit)
orm::sql SELECT x FROM coordinates WHERE y = ?1
orm::sql ROLLBACK
"
    );
}

/// Writes down the events of `orm::sql`.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

impl Visit for Heard {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let _ = writeln!(self.0.lock().unwrap(), "{value:?}");
    }
}

impl tracing::Subscriber for Heard {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "orm::sql"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn tracing_events_hold_no_values_on_sqlite() {
    let heard = Heard::default();
    tracing::subscriber::with_default(heard.clone(), || {
        let engine = Engine::new("sqlite::memory:").unwrap();
        let mut connection = engine.connect().unwrap();
        connection.execute(text("SELECT :x").bind("x", "s3cret")).unwrap();
    });
    assert_eq!(*heard.0.lock().unwrap(), "BEGIN\nSELECT ?1\nROLLBACK\n");
}
