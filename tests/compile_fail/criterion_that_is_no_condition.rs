//! A criterion that is a text.

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
    author: Ref<Author>,
}

fn run(engine: &Engine) -> Session {
    engine.session().criterion("titled", Article, |article| article.title)
}

fn main() {
    let _ = run;
}
