//! `#[orm]` without parentheses.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm]
    title: String,
}

fn main() {}
