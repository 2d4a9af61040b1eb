//! A column that is read with its row is not loaded.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
}

fn title(session: &mut Session, article: Handle<Article>) {
    let _ = session.load(article, Article.title);
}

fn main() {}
