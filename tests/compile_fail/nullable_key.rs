//! A primary key that may be NULL.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Option<i64>,
}

fn main() {}
