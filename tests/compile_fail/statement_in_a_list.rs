//! A statement where a list of values is expected.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    author: Ref<Author>,
}

fn main() {
    let _ = select(Author).filter(Author.id.in_(select(Article.author)));
}
