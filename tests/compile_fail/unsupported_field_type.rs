//! A field of a type that is no column's.

use orm::prelude::*;

#[derive(Clone)]
struct Money;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    price: Money,
}

fn main() {}
