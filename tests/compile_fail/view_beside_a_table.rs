//! A model of a table and of a view.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(table = "authors", view = "active_authors")]
struct ActiveAuthor {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
