//! A value where none belongs.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique = true)]
    title: String,
}

fn main() {}
