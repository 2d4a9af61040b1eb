//! The column of a foreign key, which the `Ref` is already.

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
    author_id: i64,
    author: Ref<Author>,
}

fn main() {}
