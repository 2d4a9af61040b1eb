//! A foreign key that would set NULL what can't be.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(unique(name, town))]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    town: String,
}

#[derive(Model, Clone)]
#[orm(foreign_key(author, town => Author(name, town), on_delete = set_null))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
    town: Option<String>,
}

fn main() {}
