//! A word that an index has not.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(index(title, wher = "length > 3"))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    length: i32,
}

fn main() {}
