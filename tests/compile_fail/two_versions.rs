//! Two versions in a model.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version)]
    version: i64,
    #[orm(version)]
    count: i32,
}

fn main() {}
