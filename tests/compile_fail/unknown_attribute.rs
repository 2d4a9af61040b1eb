//! A mistyped attribute of a field.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primry_key)]
    id: Auto<i64>,
}

fn main() {}
