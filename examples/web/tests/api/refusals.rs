//! What is refused, and how that is told.

use crate::server::{Answer, LONG, Server, article, until};
use orm::prelude::*;
use orm_test_support::{Cut, Proxy, TestDatabase, on_each_database, on_postgres};
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;
use ureq::http::Method;
use web::models::{Author, Tag};

on_each_database!(
    what_the_database_refuses_names_its_column,
    an_author_that_is_not_there_is_refused,
    what_can_not_be_read_is_refused,
    who_finds_no_connection_is_told_to_come_again,
    who_comes_while_all_connections_are_in_use_waits,
    what_is_wrong_inside_is_not_told,
);

on_postgres!(a_connection_that_is_lost_is_told_and_replaced);

fn refused(answer: &Answer, status: u16, column: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body["column"], column, "{answer:?}");
    assert!(answer.body["error"].is_string(), "{answer:?}");
}

fn what_the_database_refuses_names_its_column(db: &TestDatabase) -> orm::Result<()> {
    let server = Server::on(db);
    server.post(&article("rust"));
    let with = |field: &str, value: Value| {
        let mut new = article("new");
        new[field] = value;
        server.post(&new)
    };
    let taken = with("slug", json!("rust"));
    refused(&taken, 422, "slug");
    assert_eq!(taken.body, json!({"error": "is taken", "column": "slug"}));
    refused(&with("author", json!({"name": "A", "email": "rust@example.com"})), 422, "email");
    refused(&with("author", json!({"name": "", "email": "a@example.com"})), 422, "name");
    refused(&with("author", json!({"name": "A", "email": "nowhere"})), 422, "email");
    for slug in ["", "Rust", "a b", "a/b", "a\nb"] {
        refused(&with("slug", json!(slug)), 422, "slug");
    }
    refused(&with("title", json!("")), 422, "title");
    refused(&with("title", json!("x".repeat(201))), 422, "title");
    refused(&with("tags", json!(["x".repeat(51)])), 422, "name");
    refused(&server.patch("/articles/rust", &json!({"version": 1, "title": ""})), 422, "title");
    assert_eq!(with("content", json!("\0")).status, 422);

    // NOT NULL, of a table that is stricter than the model
    let mut connection = server.engine.connect()?;
    connection.execute(text("ALTER TABLE articles DROP COLUMN content"))?;
    connection
        .execute(text("ALTER TABLE articles ADD COLUMN content TEXT NOT NULL DEFAULT 'x'"))?;
    connection.commit()?;
    drop(connection);
    refused(&with("content", Value::Null), 422, "content");

    assert_eq!(server.get("/articles").body["total"], 1, "nothing was kept");
    let mut session = server.engine.session();
    assert_eq!((session.query(Author).count()?, session.query(Tag).count()?), (1, 1));
    Ok(())
}

fn an_author_that_is_not_there_is_refused(db: &TestDatabase) {
    let server = Server::on(db);
    let mut new = article("rust");
    new["author"] = json!(7);
    let answer = server.post(&new);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.body, json!({"error": "does not exist", "column": "author_id"}));
}

fn what_can_not_be_read_is_refused(db: &TestDatabase) {
    let server = Server::on(db);
    let post = |body: &str| server.ask(&Method::POST, "/articles", Some(body.to_owned()));
    let no_author = r#"{"slug": "a", "title": "A"}"#;
    for (answer, status) in [
        (post("{"), 400),
        (post(no_author), 422),
        (post(r#"{"slug": "a", "title": "A", "author": {"name": "no address"}}"#), 422),
        (server.patch("/articles/a", &json!({"title": "of no version"})), 422),
        (server.ask(&Method::POST, "/articles", None), 415),
        (server.get("/articles?page=two"), 400),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.body["error"].is_string(), "{answer:?}");
    }
    assert!(post(no_author).body["error"].as_str().is_some_and(|said| said.contains("`author`")));
}

fn who_finds_no_connection_is_told_to_come_again(db: &TestDatabase) -> orm::Result<()> {
    let server = Server::with_one_connection(db, Duration::from_millis(1))?;
    let mut held = None;
    until("it is ours", || {
        held = server.engine.connect().ok(); // in a millisecond, or next time
        held.is_some()
    });
    for answer in [server.get("/articles"), server.post(&article("rust"))] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.body, json!({"error": "too busy just now, try again"}));
    }
    drop(held);
    until("it is free again", || server.get("/articles").status == 200);
    Ok(())
}

fn who_comes_while_all_connections_are_in_use_waits(db: &TestDatabase) -> orm::Result<()> {
    let server = Server::with_one_connection(db, LONG)?;
    let held = server.engine.connect()?;
    thread::scope(|scope| {
        let requests: Vec<_> =
            (0..3).map(|_| scope.spawn(|| server.get("/articles").status)).collect();
        until("three wait", || server.engine.pool_status().waiting == 3);
        drop(held);
        for request in requests {
            assert_eq!(request.join().expect("no panic"), 200);
        }
    });
    Ok(())
}

fn what_is_wrong_inside_is_not_told(db: &TestDatabase) -> orm::Result<()> {
    let server = Server::on(db);
    let mut connection = server.engine.connect()?;
    connection.execute(text("DROP TABLE article_tags"))?;
    connection.commit()?;
    drop(connection);
    let answer = server.post(&article("rust"));
    assert_eq!(answer.status, 500);
    assert_eq!(answer.body, json!({"error": "something went wrong here"}));
    assert_eq!(server.get("/articles").body["total"], 0, "it goes on");
    Ok(())
}

fn a_connection_that_is_lost_is_told_and_replaced(db: &TestDatabase) {
    let proxy = Proxy::before(db.url());
    let server = Server::with(web::engine(proxy.url()).expect("the tables can be made"));
    assert_eq!(server.get("/articles").status, 200);
    proxy.cut(1, Cut::Before); // behind BEGIN
    let lost = server.get("/articles");
    assert!(proxy.disarm().is_some(), "it was cut");
    assert_eq!(lost.status, 503, "{lost:?}");
    assert_eq!(server.get("/articles").status, 200);
}
