//! The primary key both of the model and of a field.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(primary_key(id, title))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
}

fn main() {}
