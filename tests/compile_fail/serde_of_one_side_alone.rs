//! `#[orm(serde)]` on a model whose relationship leads to one without it.
use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(serde)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: Ref<Author>,
}

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
