//! A run leaves nothing on a server that outlives it, as one named by the user's `TEST_DATABASE_URL` does.
//!
//! Each test has such a server of its own, so that no other run is seen on it.

use std::env;
use std::process::{Command, Stdio};

use orm_test_support::{TestDatabase, on_postgres};
use postgres::{Client, NoTls};

use crate::users::{Folder, wait_until};

on_postgres!(
    a_launcher_drops_what_it_made,
    a_process_on_its_own_drops_what_it_made,
    what_a_killed_run_left_is_dropped_by_the_next,
    runs_do_not_disturb_each_other,
);

fn a_launcher_drops_what_it_made(_: &TestDatabase) {
    let folder = Folder::new();
    let server = folder.user(&[]);
    let mut launcher = folder.user_of(&server.url);
    assert_eq!(databases(&server.url).len(), 2, "the template and the shared one");
    launcher.finish();
    assert_eq!(databases(&server.url), [""; 0]);
}

/// Runs tests of this file's neighbour again, in a process that is told of the server but not of a run.
fn a_process_on_its_own_drops_what_it_made(_: &TestDatabase) {
    let folder = Folder::new();
    let server = folder.user(&[]);
    for threads in ["--test-threads=1", "--test-threads=2"] {
        let status = Command::new(env::current_exe().expect("this test has a file"))
            .args(["databases::the_shared_one", "databases::two_databases", threads])
            .env("TEST_DATABASE_URL", &server.url)
            .env_remove("TEST_DATABASE_RUN")
            .stdout(Stdio::null())
            .status()
            .expect("this test runs again");
        assert!(status.success());
        assert_eq!(databases(&server.url), [""; 0], "{threads}");
    }
}

fn what_a_killed_run_left_is_dropped_by_the_next(_: &TestDatabase) {
    let folder = Folder::new();
    let server = folder.user(&[]);
    let mut killed = folder.user_of(&server.url);
    killed.kill();
    assert_eq!(databases(&server.url).len(), 2);
    // The server needs a moment to miss a killed client.
    wait_until("the next run drops what the killed one left", || {
        folder.user_of(&server.url).finish();
        databases(&server.url).is_empty()
    });
}

fn runs_do_not_disturb_each_other(_: &TestDatabase) {
    let folder = Folder::new();
    let server = folder.user(&[]);
    let mut one = folder.user_of(&server.url);
    let mut other = folder.user_of(&server.url);
    assert_ne!(one.run, other.run);
    assert_eq!(databases(&server.url).len(), 4);
    one.finish();
    assert_eq!(databases(&server.url).len(), 2);
    other.finish();
}

/// The databases of runs, without those of the server's own.
fn databases(url: &str) -> Vec<String> {
    let mut client = Client::connect(url, NoTls).expect("the server can be reached");
    let query = "SELECT datname FROM pg_database
                  WHERE starts_with(datname, 'orm_test_') AND NOT starts_with(datname, 'orm_test_throwaway_')";
    let rows = client.query(query, &[]).expect("the catalogue can be read");
    rows.iter().map(|row| row.get(0)).collect()
}
