//! A foreign key that points to nothing.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(foreign_key(author, town))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
    town: String,
}

fn main() {}
