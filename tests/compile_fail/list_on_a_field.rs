//! A list of fields, said on one of them.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique(title, length))]
    title: String,
    length: i32,
}

fn main() {}
