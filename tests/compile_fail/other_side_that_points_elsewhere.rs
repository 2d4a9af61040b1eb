//! `back_populates` names a `Ref` to another model.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = magazine)]
    articles: Many<Article>,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    author: Ref<Author>,
    magazine: Ref<Magazine>,
}

#[derive(Model, Clone)]
struct Magazine {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
