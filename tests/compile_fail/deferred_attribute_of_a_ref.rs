//! A relationship is loaded on demand as it is.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(deferred)]
    before: Option<Ref<Article>>,
}

fn main() {}
