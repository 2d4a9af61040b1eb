//! A column compared with a value of another type.

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
    let _ = Article.title.eq(5);
}
