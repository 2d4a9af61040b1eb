//! Deferred or not, a column has a type of columns.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    content: Deferred<u64>,
}

fn main() {}
