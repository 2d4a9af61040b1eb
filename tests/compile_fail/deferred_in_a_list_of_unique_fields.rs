//! A flush knows the values that are unique.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(unique(title, content))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    content: Deferred<String>,
}

fn main() {}
