//! A field twice in one list.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(index(title, title.desc()))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
}

fn main() {}
