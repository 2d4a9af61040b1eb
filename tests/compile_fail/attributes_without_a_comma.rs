//! Two attributes and no comma.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique length = 100)]
    title: String,
}

fn main() {}
