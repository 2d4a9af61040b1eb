//! A `Ref` is named by the other side, it does not name it.

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
    #[orm(back_populates = articles)]
    author: Ref<Author>,
}

fn main() {}
