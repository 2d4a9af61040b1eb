//! `position` at the side of the `Ref`.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = author)]
    articles: Many<Article>,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    views: i32,
    #[orm(position = views)]
    author: Ref<Author>,
}

fn main() {}
