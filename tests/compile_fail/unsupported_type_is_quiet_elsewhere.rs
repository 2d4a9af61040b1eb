//! A field of an unsupported type in a model that others use.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<u64>,
    pub email: String,
}

#[derive(Model, Clone, Debug)]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub author: Ref<Author>,
}

fn main() {
    let author = Author::new("a@example.com");
    let _ = Article::new(author.clone());
    let _ = select((Author, Author.email)).filter(Author.email.eq("x"));
    let _ = Schema::of((Author, Article));
}
