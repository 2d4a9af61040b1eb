//! `length` on something that is no text.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(length = 9)]
    words: i64,
}

fn main() {}
