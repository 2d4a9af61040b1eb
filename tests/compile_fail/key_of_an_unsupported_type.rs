//! A key of a type that is no column's.

use orm::prelude::*;

#[derive(Clone)]
struct Number;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Number,
}

fn main() {}
