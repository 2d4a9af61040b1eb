//! A list of numbers for a column of text.

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
    select(Article).filter(Article.title.in_([1, 2])).all(session)?;
    Ok(())
}

fn main() {
    let _ = run;
}
