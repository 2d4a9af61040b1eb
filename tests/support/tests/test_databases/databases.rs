//! A test's database is its own, comes from a template nobody gets into, and leaves nothing behind.

use std::path::Path;

use orm_test_support::{
    Backend, TestDatabase, on_each_database, on_postgres, on_sqlite, server, shared_postgres,
};
use postgres::error::SqlState;
use postgres::{Client, NoTls};

on_each_database!(has_a_url_of_its_own, may_return_a_result);

fn has_a_url_of_its_own(db: &TestDatabase) {
    let other = match db.backend() {
        Backend::Postgres => TestDatabase::postgres(),
        Backend::Sqlite => TestDatabase::sqlite(),
    };
    assert_ne!(db.url(), other.url());
}

fn may_return_a_result(db: &TestDatabase) -> Result<(), String> {
    let scheme = db.url().split(':').next().ok_or("a URL has a scheme")?;
    match db.backend() {
        Backend::Postgres => assert!(scheme.starts_with("postgres")),
        Backend::Sqlite => assert_eq!(scheme, "sqlite"),
    }
    Ok(())
}

on_sqlite! {
    /// The journal and the WAL lie beside the file, so the whole folder has to go.
    fn goes_with_its_folder(db: &TestDatabase) {
        let other = TestDatabase::sqlite();
        let file = Path::new(other.url().trim_start_matches("sqlite:")).to_owned();
        std::fs::write(&file, "database").expect("the folder exists");
        std::fs::write(file.with_extension("db-wal"), "journal").expect("the folder exists");
        drop(other);
        assert!(!file.parent().expect("a file has a folder").exists());
        assert!(db.url().ends_with("/test.db"));
    }
}

on_postgres!(
    two_databases_are_independent,
    is_gone_when_dropped,
    is_dropped_while_somebody_is_connected,
    the_template_refuses_connections,
    sorts_by_code_point,
    the_shared_one_is_the_same_for_all,
);

fn two_databases_are_independent(one: &TestDatabase) {
    let other = TestDatabase::postgres();
    connect(one.url()).batch_execute("CREATE TABLE t (x int)").expect("the database is empty");
    connect(other.url()).batch_execute("CREATE TABLE t (x int)").expect("so is the other");
}

fn is_gone_when_dropped(_: &TestDatabase) {
    let other = TestDatabase::postgres();
    let url = other.url().to_owned();
    drop(connect(&url));
    drop(other);
    let refused = Client::connect(&url, NoTls).err().expect("the database is gone");
    assert_eq!(refused.code(), Some(&SqlState::INVALID_CATALOG_NAME));
}

fn is_dropped_while_somebody_is_connected(_: &TestDatabase) {
    let other = TestDatabase::postgres();
    let mut connection = connect(other.url());
    drop(other);
    assert!(connection.batch_execute("SELECT 1").is_err());
}

fn the_template_refuses_connections(db: &TestDatabase) {
    let run = name_in(db.url()).rsplitn(4, '_').last().expect("orm_test_<run>_<pid>_<n>_<random>");
    let template = format!("{run}_template");
    let url = db.url().replace(name_in(db.url()), &template);
    let refused = Client::connect(&url, NoTls).err().expect("nobody may connect");
    assert_eq!(refused.code(), Some(&SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE), "{refused:?}");

    let row = connect(server().url())
        .query_one(
            "SELECT datistemplate, datallowconn FROM pg_database WHERE datname = $1",
            &[&template],
        )
        .expect("the template exists");
    assert_eq!((row.get(0), row.get(1)), (true, false));
}

fn sorts_by_code_point(db: &TestDatabase) {
    let rows = connect(db.url())
        .query("SELECT x FROM unnest(ARRAY['a', 'B', 'ä', 'Z', '_']) AS t (x) ORDER BY x", &[])
        .expect("the query runs");
    let sorted: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(sorted, ["B", "Z", "_", "a", "ä"]);
}

fn the_shared_one_is_the_same_for_all(_: &TestDatabase) {
    let here = shared_postgres();
    let there = std::thread::spawn(shared_postgres).join().expect("the other thread gets it too");
    assert_eq!(here, there);
    connect(here).batch_execute("SELECT 1").expect("it can be read from");
}

fn name_in(url: &str) -> &str {
    let place = url.split('?').next().unwrap_or(url);
    place.rsplit('/').next().expect("a URL has a path")
}

fn connect(url: &str) -> Client {
    Client::connect(url, NoTls).expect("the database can be reached")
}
