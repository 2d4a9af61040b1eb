//! A name that no database takes.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(column = "")]
    title: String,
}

fn main() {}
