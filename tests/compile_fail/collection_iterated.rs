//! An iterator over a collection, which may not be loaded.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    nick: Option<String>,
    #[orm(back_populates = author)]
    articles: Many<Article>,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    author: Ref<Author>,
}

fn run(session: &mut Session, author: Handle<Author>, article: Handle<Article>) -> orm::Result<()> {
    let _ = session[author].articles.iter().count();
    Ok(())
}

fn main() {
    let _ = run;
}
