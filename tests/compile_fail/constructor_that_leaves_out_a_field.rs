//! A field that has no value without the constructor.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(constructor(title))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    words: i32,
}

fn main() {}
