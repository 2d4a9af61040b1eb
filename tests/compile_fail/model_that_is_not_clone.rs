//! `Clone` is forgotten.

use orm::prelude::*;

#[derive(Model)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

fn main() {}
