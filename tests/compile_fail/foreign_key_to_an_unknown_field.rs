//! A foreign key to a field that is not there.

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
#[orm(foreign_key(author, town => Author(name, twon)))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
    town: String,
}

fn main() {}
