//! Rows are known by their keys.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    slug: Deferred<String>,
    title: String,
}

fn main() {}
