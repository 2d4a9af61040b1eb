//! `#[orm(serde)]` on a model that holds objects of one without it.
use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    author: Ref<Author>,
}

#[derive(Model, Clone)]
#[orm(serde)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(back_populates = author)]
    articles: Many<Article>,
}

fn main() {}
