//! A version that is a foreign key.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version)]
    before: Ref<Article>,
}

fn main() {}
