//! The echo on standard error, seen from outside: the test runs itself as a child.

use orm_session::engine::{Echo, Engine, text};
use orm_test_support::TestDatabase;
use std::process::Command;

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
