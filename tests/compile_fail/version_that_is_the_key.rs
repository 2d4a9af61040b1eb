//! A version that is the primary key.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key, version)]
    id: i64,
}

fn main() {}
