//! A model with a mistake in a collection works as another model's other side.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = author, cascade(everything))]
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
    let author: Handle<Author> = todo!();
    let mut session: Session = todo!();
    for article in author.articles(&mut session).unwrap() {
        let _ = article.author(&mut session);
    }
}
