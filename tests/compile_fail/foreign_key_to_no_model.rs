//! A foreign key to a type that is no model.

use orm::prelude::*;

struct Author {
    _name: String,
}

#[derive(Model, Clone)]
#[orm(foreign_key(author, town => Author(name, town)))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: String,
    town: String,
}

fn main() {}
