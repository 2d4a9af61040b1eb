//! `position` names nothing.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = author, position = place)]
    articles: Many<Article>,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    views: i32,
    author: Ref<Author>,
}

fn main() {}
