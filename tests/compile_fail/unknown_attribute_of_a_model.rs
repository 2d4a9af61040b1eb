//! A mistyped attribute of the struct.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(tabel = "articles")]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
