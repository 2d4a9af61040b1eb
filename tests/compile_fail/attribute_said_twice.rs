//! The same attribute twice.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique, length = 100, unique)]
    title: String,
}

fn main() {}
