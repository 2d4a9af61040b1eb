//! A foreign key to something that is no model.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: Option<Ref<String>>,
}

fn main() {}
