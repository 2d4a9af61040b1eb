//! An attribute of the struct on a field.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(table = "titles")]
    title: String,
}

fn main() {}
