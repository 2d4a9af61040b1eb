//! One article is created, changed and deleted.

use crate::server::{Server, article};
use orm_test_support::{TestDatabase, on_each_database};
use serde_json::{Value, json};
use web::models::{Article, Author, Tag};

on_each_database!(
    a_graph_is_created_by_one_request,
    a_patch_changes_what_it_gives,
    a_patch_of_a_version_that_is_old_is_a_conflict,
    a_deleted_article_is_gone,
);

fn a_graph_is_created_by_one_request(db: &TestDatabase) -> orm::Result<()> {
    let server = Server::on(db);
    let new = server.post(&article("first"));
    assert_eq!((new.status, new.location.as_deref()), (201, Some("/articles/first")));
    assert_eq!(new.body, server.get("/articles/first").body, "it is told as it is kept");

    // its author is one that is there, and so is one of its tags
    let mut second = article("second");
    second["author"] = new.body["author"]["id"].clone();
    second["tags"] = json!(["sql", "rust", "sql"]);
    second["content"] = json!("Lorem ipsum");
    let second = server.post(&second);
    assert_eq!(second.status, 201);
    assert_eq!(second.body["author"], new.body["author"]);
    assert_eq!(second.body["tags"], json!([{"name": "rust"}, {"name": "sql"}]));
    assert_eq!(second.body, server.get("/articles/second").body);

    let mut session = server.engine.session();
    assert_eq!(session.query(Article).count()?, 2);
    assert_eq!(session.query(Author).count()?, 1);
    assert_eq!(session.query(Tag).count()?, 2);
    Ok(())
}

fn a_patch_changes_what_it_gives(db: &TestDatabase) {
    let server = Server::on(db);
    let mut new = article("rust");
    new["content"] = json!("Lorem");
    let mut is = server.post(&new).body;
    for (number, (patch, field, now)) in [
        (json!({"title": "Clean"}), "title", json!("Clean")),
        (json!({"content": "Ipsum"}), "content", json!("Ipsum")),
        (json!({"content": null}), "content", Value::Null),
        (json!({"tags": ["sql", "go"]}), "tags", json!([{"name": "go"}, {"name": "sql"}])),
        (json!({"tags": []}), "tags", json!([])),
    ]
    .into_iter()
    .enumerate()
    {
        let mut patch = patch;
        patch["version"] = json!(number + 1);
        let changed = server.patch("/articles/rust", &patch);
        assert_eq!(changed.status, 200, "{changed:?}");
        assert!(changed.body["updated_at"].as_str() >= is["updated_at"].as_str());
        is[field] = now;
        is["version"] = json!(number + 2);
        is["updated_at"] = changed.body["updated_at"].clone();
        assert_eq!(changed.body, is, "nothing but `{field}` is another one");
        assert_eq!(server.get("/articles/rust").body, is);
    }
    let missing = server.patch("/articles/go", &json!({"version": 1}));
    assert_eq!(missing.status, 404);
}

fn a_patch_of_a_version_that_is_old_is_a_conflict(db: &TestDatabase) {
    let server = Server::on(db);
    server.post(&article("rust"));
    assert_eq!(server.patch("/articles/rust", &json!({"version": 1, "title": "A"})).status, 200);
    // other tags alone don't pass by either
    for patch in [json!({"version": 1, "title": "B"}), json!({"version": 7, "tags": ["go"]})] {
        let late = server.patch("/articles/rust", &patch);
        assert_eq!(late.status, 409);
        assert_eq!(late.body, json!({"error": "it was changed since you read it", "version": 2}));
    }
    let there = server.get("/articles/rust").body;
    assert_eq!((&there["title"], &there["tags"]), (&json!("A"), &json!([{"name": "rust"}])));
}

fn a_deleted_article_is_gone(db: &TestDatabase) -> orm::Result<()> {
    let server = Server::on(db);
    server.post(&article("rust"));
    server.post(&article("sql"));
    let gone = server.delete("/articles/rust");
    assert_eq!((gone.status, gone.body), (204, json!("")));
    assert_eq!(server.delete("/articles/rust").status, 404);
    assert_eq!(server.get("/articles/rust").status, 404);
    assert_eq!(server.get("/articles").body["total"], 1);
    assert_eq!(server.engine.session().query(Tag).count()?, 1, "tags stay");
    Ok(())
}
