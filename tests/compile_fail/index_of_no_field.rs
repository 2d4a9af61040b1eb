//! An index that names no field.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(index(unique))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
}

fn main() {}
