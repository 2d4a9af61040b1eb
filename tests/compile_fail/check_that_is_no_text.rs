//! A condition in Rust.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(check(length > 3, name = "long"))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    length: i32,
}

fn main() {}
