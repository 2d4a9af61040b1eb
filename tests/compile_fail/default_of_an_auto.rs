//! A default for what the database makes.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key, default = 1)]
    id: Auto<i64>,
}

fn main() {}
