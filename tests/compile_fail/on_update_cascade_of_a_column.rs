//! A referential action on a plain column.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(on_update = cascade)]
    author_id: i64,
}

fn main() {}
