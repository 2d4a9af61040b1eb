//! The same fields UNIQUE twice.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(unique(title, length), unique(length, title))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    length: i32,
}

fn main() {}
