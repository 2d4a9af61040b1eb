//! `index = false` on a field that has none.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(index = false)]
    title: String,
}

fn main() {}
