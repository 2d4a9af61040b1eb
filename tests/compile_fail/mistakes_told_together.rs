//! Several mistakes of one struct.
//! errors: 3

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(lenght = 3, uniqe)]
    title: String,
    #[orm(on_delete = cascade)]
    words: i32,
}

fn main() {}
