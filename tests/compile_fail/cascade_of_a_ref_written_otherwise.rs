//! `cascade` of a `Ref`, not as it is written of a collection either: where it belongs is told at once.

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
    #[orm(cascade = all)]
    author: Ref<Author>,
}

fn main() {}
