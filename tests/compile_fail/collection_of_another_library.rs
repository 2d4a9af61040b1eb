//! A type called `Many` that is another one.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = author)]
    articles: elsewhere::Many<Article>,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    author: Ref<Author>,
}

mod elsewhere {
    #[derive(Clone)]
    pub struct Many<T>(T);
}

fn main() {}
