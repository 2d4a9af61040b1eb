//! A key that databases have not.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<u64>,
}

fn main() {}
