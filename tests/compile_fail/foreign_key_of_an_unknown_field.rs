//! A foreign key of a field that is not there.

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
#[orm(foreign_key(author, twon => Author(name, town)))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
    town: String,
}

fn main() {}
