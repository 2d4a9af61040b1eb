//! `serde` is a flag.
use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(serde = true)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
