//! A key of two fields, one of a type that is no column's.

use orm::prelude::*;

#[derive(Clone)]
struct Number;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    shelf: i32,
    #[orm(primary_key)]
    place: Number,
}

fn main() {}
