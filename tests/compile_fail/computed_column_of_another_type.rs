//! A computed column that the program could write.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Line {
    #[orm(primary_key)]
    id: Auto<i64>,
    price: i64,
    amount: i64,
    #[orm(computed = "price * amount")]
    total: i64,
}

fn main() {}
