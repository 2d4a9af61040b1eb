//! errors: 2
//! `#[orm(serde)]` on a model with mistakes of other kinds: each is told once.
use orm::prelude::*;

#[derive(Clone)]
struct Author;

#[derive(Model, Clone)]
#[orm(serde)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: Ref<Author>,
    tags: std::collections::HashMap<String, i64>,
}

fn main() {}
