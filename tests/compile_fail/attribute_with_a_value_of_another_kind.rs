//! Text where a number belongs.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(length = "100")]
    title: String,
}

fn main() {}
