//! A check of the model that has no name.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(check("length > 3"))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    length: i32,
}

fn main() {}
