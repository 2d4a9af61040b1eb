//! A column's name without quotes.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(column = headline)]
    title: String,
}

fn main() {}
