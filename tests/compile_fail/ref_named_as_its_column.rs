//! A `Ref` called as its column is meant to be.

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
    author_id: Ref<Author>,
    #[orm(column = "editor_id")]
    editor_id: Option<Ref<Author>>,
}

fn main() {}
