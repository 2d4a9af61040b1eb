//! What the type says already.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(length = 10, deferred)]
    content: Deferred<String>,
}

fn main() {}
