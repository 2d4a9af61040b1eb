//! No field is the primary key.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    title: String,
}

fn main() {}
