//! An object whose column is to be set, and a column of another model.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    age: i32,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    views: i32,
}

fn run(session: &mut Session, article: Handle<Article>) -> orm::Result<()> {
    session.set(article, Author.age, 7)
}

fn main() {
    let _ = run;
}
