//! A default that is no value of the field's type.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(default = "many")]
    words: i32,
}

fn main() {}
