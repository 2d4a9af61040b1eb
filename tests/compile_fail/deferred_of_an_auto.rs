//! What the database makes comes back at once.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    content: Deferred<Auto<i64>>,
}

fn main() {}
