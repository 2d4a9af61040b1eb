//! `passive_deletes` of a `Ref`.

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
    #[orm(passive_deletes)]
    author: Ref<Author>,
}

fn main() {}
