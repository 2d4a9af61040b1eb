//! A version that is said how to begin.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version, default = 7)]
    version: i64,
}

fn main() {}
