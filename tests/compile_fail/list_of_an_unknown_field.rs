//! A mistyped field in a list of the model.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(unique(title, lenght))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    length: i32,
}

fn main() {}
