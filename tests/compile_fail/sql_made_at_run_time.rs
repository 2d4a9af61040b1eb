//! `text()` of SQL that is put together at run time.

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
    let sql = format!("SELECT {}", 1);
    let _ = text(sql);
    Ok(())
}

fn main() {
    let _ = run;
}
