//! Rows taken for another type than the one selected.

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
    let _: Vec<(i64, String)> = session.query((Article.title, Article.id)).all()?;
    Ok(())
}

fn main() {
    let _ = run;
}
