//! Two fields of one column.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    #[orm(column = "title")]
    headline: String,
}

fn main() {}
