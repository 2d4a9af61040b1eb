//! The columns of an embedded struct are read together.

use orm::prelude::*;

#[derive(orm::Embed, Clone)]
struct Place {
    city: String,
    description: Deferred<String>,
}

fn main() {}
