//! `now` on something that is no time.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(default = now)]
    title: String,
}

fn main() {}
