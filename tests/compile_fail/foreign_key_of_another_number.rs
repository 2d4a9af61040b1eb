//! A foreign key with fewer fields than it points to.

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
#[orm(foreign_key(author => Author(name, town)))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
}

fn main() {}
