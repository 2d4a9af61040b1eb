//! A deferred column is one by its type.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(deferred)]
    content: Option<String>,
}

fn main() {}
