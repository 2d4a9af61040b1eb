//! An attribute that needs a value and has none.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(length)]
    title: String,
}

fn main() {}
