//! What may be NULL is inside.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    content: Option<Deferred<String>>,
}

fn main() {}
