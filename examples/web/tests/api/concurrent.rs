//! Requests that come at once.

use crate::server::{Server, article};
use orm_test_support::{TestDatabase, on_each_database};
use serde_json::json;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

on_each_database!(
    of_two_patches_of_one_version_one_is_a_conflict,
    of_ten_that_create_one_slug_one_does,
    a_tag_that_many_make_at_once_is_one,
    nothing_is_lost_between_readers_and_writers,
);

/// Does it so often at once; gives what each of them was answered.
fn at_once<T: Send>(count: usize, ask: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let together = Barrier::new(count);
    thread::scope(|scope| {
        let one = |number| {
            together.wait();
            ask(number)
        };
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || one(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

fn of_two_patches_of_one_version_one_is_a_conflict(db: &TestDatabase) {
    let server = Server::on(db);
    server.post(&article("rust"));
    for version in 1..=10 {
        let mut answers = at_once(2, |number| {
            let patch = json!({"version": version, "title": format!("By {number}")});
            server.patch("/articles/rust", &patch)
        });
        answers.sort_by_key(|answer| answer.status);
        assert_eq!((answers[0].status, answers[1].status), (200, 409), "{answers:?}");
        assert_eq!(answers[1].body["version"], version + 1);
        assert_eq!(server.get("/articles/rust").body, answers[0].body);
    }
}

fn of_ten_that_create_one_slug_one_does(db: &TestDatabase) {
    let server = Server::on(db);
    let mut answers = at_once(10, |number| {
        let mut new = article("rust");
        new["author"]["email"] = json!(format!("{number}@example.com"));
        server.post(&new)
    });
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers[0].status, 201, "{answers:?}");
    for answer in &answers[1..] {
        assert_eq!(answer.status, 422, "{answer:?}");
        assert_eq!(answer.body, json!({"error": "is taken", "column": "slug"}));
    }
    assert_eq!(server.get("/articles").body["total"], 1);
}

fn a_tag_that_many_make_at_once_is_one(db: &TestDatabase) {
    let server = Server::on(db);
    let answers = at_once(8, |number| {
        let mut new = article(&format!("a{number}"));
        new["tags"] = if number % 2 == 0 { json!(["go", "sql"]) } else { json!(["sql", "go"]) };
        server.post(&new)
    });
    for answer in answers {
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.body["tags"], json!([{"name": "go"}, {"name": "sql"}]));
    }
    assert_eq!(server.get("/articles?tag=go").body["total"], 8);
}

/// One of those that write, until it is dropped: readers end also where a writer panicked.
struct Writes<'a>(&'a AtomicUsize);

impl Drop for Writes<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Each writer counts on, in the text of one article, and begins again after a conflict; and each
/// creates and deletes articles of its own.
fn nothing_is_lost_between_readers_and_writers(db: &TestDatabase) {
    const WRITERS: usize = 4;
    const READERS: usize = 4;
    const ROUNDS: usize = 5;
    let server = Server::on(db);
    let mut counter = article("counter");
    counter["content"] = json!("0");
    server.post(&counter);
    let writing = AtomicUsize::new(WRITERS);
    let count_on = || {
        loop {
            let there = server.get("/articles/counter").body;
            let number: usize = there["content"].as_str().unwrap().parse().unwrap();
            let patch = json!({"version": there["version"], "content": (number + 1).to_string()});
            match server.patch("/articles/counter", &patch).status {
                409 => {}
                status => return assert_eq!(status, 200),
            }
        }
    };
    let write = |number: usize| {
        let _writes = Writes(&writing);
        for round in 0..ROUNDS {
            count_on();
            let slug = format!("a{number}-{round}");
            assert_eq!(server.post(&article(&slug)).status, 201);
            if round > 0 {
                assert_eq!(server.delete(&format!("/articles/{slug}")).status, 204);
            }
        }
    };
    let read = || {
        while writing.load(Ordering::SeqCst) > 0 {
            let page = server.get("/articles?per_page=100");
            assert_eq!(page.status, 200);
            for article in page.body["articles"].as_array().unwrap() {
                assert!(article["author"]["email"].is_string() && article["tags"].is_array());
            }
        }
    };
    at_once(WRITERS + READERS, |number| if number < WRITERS { write(number) } else { read() });

    let counter = server.get("/articles/counter").body;
    assert_eq!(counter["content"], (WRITERS * ROUNDS).to_string());
    assert_eq!(counter["version"], 1 + WRITERS * ROUNDS);
    assert_eq!(server.get("/articles").body["total"], 1 + WRITERS);
}
