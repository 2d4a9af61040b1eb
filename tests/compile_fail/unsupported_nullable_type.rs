//! A field of a type that is no column's, behind `Option`.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    words: Option<usize>,
}

fn main() {}
