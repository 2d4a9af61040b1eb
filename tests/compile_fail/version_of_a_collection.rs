//! A version that has no column.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(secondary = "pairs", version)]
    pairs: Many<Article>,
}

fn main() {}
