//! `sum` of a column that is no number.

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

fn main() {
    let _ = select(sum(Article.title));
}
