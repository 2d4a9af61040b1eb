//! A primary key that the database computes.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Line {
    #[orm(primary_key, computed = "price * 2")]
    id: Auto<i64>,
    price: i64,
}

fn main() {}
