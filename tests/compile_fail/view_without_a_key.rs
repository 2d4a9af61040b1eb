//! A view without a key.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(view = "active_authors")]
struct ActiveAuthor {
    id: i64,
    name: String,
}

fn main() {}
