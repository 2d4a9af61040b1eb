//! A number of an object that is to be set to a text.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    views: i32,
}

fn run(session: &mut Session, article: Handle<Article>) -> orm::Result<()> {
    session.set(article, Article.views, "many")
}

fn main() {
    let _ = run;
}
