//! The SELECT of a view that has no name.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(query = "SELECT id FROM authors WHERE active")]
struct ActiveAuthor {
    #[orm(primary_key)]
    id: i64,
}

fn main() {}
