//! What the database computes comes back with each write.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(computed = "length(title)")]
    content: Deferred<i64>,
}

fn main() {}
