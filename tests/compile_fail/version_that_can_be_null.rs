//! A version that can be NULL.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version)]
    version: Option<i64>,
}

fn main() {}
