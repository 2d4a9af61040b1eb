//! A foreign key compared with the handle of another model.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    words: i32,
    note: Option<String>,
    author: Ref<Author>,
}

fn main() {}

fn filter(other: Handle<Article>) {
    let _ = Article.author.eq(other);
}
