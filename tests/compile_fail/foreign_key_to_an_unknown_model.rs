//! A foreign key to a type that is not there.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(foreign_key(author, town => Publisher(name, town)))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
    town: String,
}

fn main() {}
