//! A field called like one of the derive's own.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    __source: i32,
}

fn main() {}
