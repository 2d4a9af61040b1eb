//! `include` of a part of a collection.

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
    author: Ref<Author>,
}

fn main() {
    let mut session: Session = todo!();
    let _ = select(Author).include(Author.articles.filter(Article.title.eq("x"))).all(&mut session);
}
