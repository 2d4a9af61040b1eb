//! Neither a name nor `none`.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(constructor = off)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
