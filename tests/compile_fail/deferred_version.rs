//! What each write compares is read with the row.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version)]
    version: Deferred<i64>,
}

fn main() {}
