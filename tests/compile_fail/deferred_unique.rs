//! A flush knows the values that are unique.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    content: Deferred<String>,
}

fn main() {}
