//! A field without a column in a list.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(index(title, replies))]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    original: Option<Ref<Article>>,
    #[orm(back_populates = original)]
    replies: Many<Article>,
}

fn main() {}
