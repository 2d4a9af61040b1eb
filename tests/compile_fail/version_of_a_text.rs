//! A version of a type that is none.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version)]
    version: String,
}

fn main() {}
