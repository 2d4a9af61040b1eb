//! Pages of articles, and one article: what is in them, and by how many statements.

use crate::server::{Server, article};
use orm_test_support::{TestDatabase, on_each_database};
use serde_json::{Value, json};

on_each_database!(
    a_page_is_four_statements_however_many_articles,
    pages_follow_one_another,
    a_tag_chooses_articles,
    one_article_is_a_tree,
);

fn slugs(page: &Value) -> Vec<&str> {
    let articles = page["articles"].as_array().expect("a list");
    articles.iter().map(|article| article["slug"].as_str().expect("a text")).collect()
}

fn a_page_is_four_statements_however_many_articles(db: &TestDatabase) {
    let server = Server::on(db);
    for (there, count) in [(0, 2), (2, 30)] {
        for number in there..count {
            assert_eq!(server.post(&article(&format!("a{number}"))).status, 201);
        }
        let log = server.engine.record();
        let page = server.get("/articles?per_page=100");
        assert_eq!(page.body["articles"].as_array().map(Vec::len), Some(count));
        let sent = log.take();
        let selects = sent.iter().filter(|sql| sql.starts_with("SELECT")).count();
        assert_eq!(selects, 4, "the number, the articles, their authors, their tags: {sent:#?}");
        assert!(sent.len() <= 6, "BEGIN and ROLLBACK beside them: {sent:#?}");
    }
}

fn pages_follow_one_another(db: &TestDatabase) {
    let server = Server::on(db);
    for number in 0..5 {
        server.post(&article(&format!("a{number}")));
    }
    let page = |query: &str| {
        let answer = server.get(&format!("/articles{query}"));
        assert_eq!((answer.status, &answer.body["total"]), (200, &json!(5)));
        answer.body
    };
    assert_eq!(slugs(&page("?per_page=2")), ["a4", "a3"], "the newest ones come first");
    assert_eq!(slugs(&page("?per_page=2&page=2")), ["a2", "a1"]);
    assert_eq!(slugs(&page("?per_page=2&page=3")), ["a0"]);
    assert!(slugs(&page("?per_page=2&page=4")).is_empty());
    assert!(slugs(&page("?page=9000000000000000000")).is_empty());
    let whole = page("?per_page=1000");
    assert_eq!((&whole["page"], &whole["per_page"]), (&json!(1), &json!(100)));
    assert_eq!(slugs(&whole).len(), 5);
}

fn a_tag_chooses_articles(db: &TestDatabase) {
    let server = Server::on(db);
    for (slug, tags) in
        [("one", json!(["rust", "sql"])), ("two", json!(["sql"])), ("none", json!([]))]
    {
        let mut new = article(slug);
        new["tags"] = tags;
        assert_eq!(server.post(&new).status, 201);
    }
    let sql = server.get("/articles?tag=sql").body;
    assert_eq!((slugs(&sql), &sql["total"]), (vec!["two", "one"], &json!(2)));
    assert_eq!(sql["articles"][1]["tags"], json!([{"name": "rust"}, {"name": "sql"}]));
    assert_eq!(slugs(&server.get("/articles?tag=rust").body), ["one"]);
    assert_eq!(server.get("/articles?tag=go").body["total"], 0);
}

fn one_article_is_a_tree(db: &TestDatabase) {
    let server = Server::on(db);
    let new = server.post(&article("rust")).body;
    let there = server.get("/articles/rust");
    assert_eq!(there.status, 200);
    assert_eq!(there.body["title"], "About rust");
    assert_eq!(there.body["content"], Value::Null);
    assert_eq!(
        there.body["author"],
        json!({"id": new["author"]["id"], "name": "Ezz", "email": "rust@example.com"})
    );
    assert_eq!(there.body["tags"], json!([{"name": "rust"}]));
    assert_eq!(there.body["version"], 1);

    let missing = server.get("/articles/go");
    assert_eq!(missing.status, 404);
    assert_eq!(missing.body, json!({"error": "there is no such article"}));
}
