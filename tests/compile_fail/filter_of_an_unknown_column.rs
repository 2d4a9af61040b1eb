//! The condition of a relationship names nothing.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(view_only, back_populates = author, filter = |article| article.viws.ge(100))]
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
