//! A default in a view, whose objects are never new.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(view = "active_authors")]
struct ActiveAuthor {
    #[orm(primary_key)]
    id: i64,
    #[orm(default = "nobody")]
    name: String,
}

fn main() {}
