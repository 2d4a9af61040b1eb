//! An object of another model for a `Ref`.

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

fn article(other: Article) -> Article {
    Article::new("title", 3, other)
}
