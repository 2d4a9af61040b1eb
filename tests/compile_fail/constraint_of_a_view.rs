//! A UNIQUE constraint of a view.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(view = "active_authors", unique(name, town))]
struct ActiveAuthor {
    #[orm(primary_key)]
    id: i64,
    name: String,
    town: String,
}

fn main() {}
