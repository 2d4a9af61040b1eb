//! `set_null` on a foreign key that is NOT NULL.

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
    #[orm(on_delete = set_null)]
    author: Ref<Author>,
}

fn main() {}
