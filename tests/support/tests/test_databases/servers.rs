//! The throw-away server: what it offers, that processes share it, and that it ends with its last user.
//!
//! Each test that starts servers does so in a folder of its own, out of the way of the run it is part of.

use std::fs;
use std::thread;
use std::time::Duration;

use orm_test_support::{TestDatabase, on_postgres, server};
use postgres::{Client, NoTls};

use crate::users::Folder;

on_postgres!(
    the_password_is_asked_for_by_tcp,
    processes_share_a_server_until_the_last_is_gone,
    a_killed_user_takes_the_server_along,
    a_killed_launcher_takes_its_server_along,
    what_a_killed_supervisor_left_is_swept_up,
);

fn the_password_is_asked_for_by_tcp(_: &TestDatabase) {
    let by_tcp = server().tcp_url();
    Client::connect(by_tcp, NoTls)
        .expect("the password is right")
        .batch_execute("SELECT 1")
        .expect("it answers");
    let wrong = by_tcp.replace(server().password(), "wrong");
    assert_ne!(wrong, by_tcp);
    let refused = Client::connect(&wrong, NoTls).err().expect("the password is wrong");
    assert_eq!(refused.code().map(postgres::error::SqlState::code), Some("28P01"), "{refused:?}");
}

fn processes_share_a_server_until_the_last_is_gone(_: &TestDatabase) {
    let folder = Folder::new();
    let (mut one, mut other) = thread::scope(|scope| {
        let one = scope.spawn(|| folder.user(&["--shared"]));
        let other = scope.spawn(|| folder.user(&["--shared"]));
        (one.join().expect("a user starts"), other.join().expect("a user starts"))
    });
    assert_eq!(one.url, other.url);
    assert_eq!(folder.servers().len(), 1);

    one.kill();
    thread::sleep(Duration::from_secs(3));
    assert!(answers(&other.url), "somebody uses the server still");

    other.kill();
    folder.wait_until_empty();
    assert!(!answers(&other.url));
}

fn a_killed_user_takes_the_server_along(_: &TestDatabase) {
    let folder = Folder::new();
    let mut user = folder.user(&["--shared"]);
    assert!(answers(&user.url));
    user.kill();
    folder.wait_until_empty();
    assert!(!answers(&user.url));
}

fn a_killed_launcher_takes_its_server_along(_: &TestDatabase) {
    let folder = Folder::new();
    let mut one = folder.user(&[]);
    let mut other = folder.user(&[]);
    assert_ne!(one.url, other.url, "each launcher has a server of its own");
    one.kill();
    other.kill();
    folder.wait_until_empty();
}

fn what_a_killed_supervisor_left_is_swept_up(_: &TestDatabase) {
    let folder = Folder::new();
    let left = folder.path().join("shared-left");
    fs::create_dir(&left).expect("a folder can be made");
    fs::write(left.join("alive"), "").expect("a file can be written");
    let mut user = folder.user(&["--shared"]);
    assert!(!left.exists());
    user.kill();
    folder.wait_until_empty();
}

fn answers(url: &str) -> bool {
    Client::connect(url, NoTls).is_ok_and(|mut client| client.batch_execute("SELECT 1").is_ok())
}
