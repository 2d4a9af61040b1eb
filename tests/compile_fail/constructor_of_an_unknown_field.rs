//! A mistyped field in `constructor`.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(constructor(titel))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
}

fn main() {}
