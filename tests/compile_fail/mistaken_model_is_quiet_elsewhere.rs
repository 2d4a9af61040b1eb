//! One mistake in a model that others use.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(uniqe)]
    pub email: String,
}

#[derive(Model, Clone, Debug)]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub author: Ref<Author>,
    pub editor: Option<Ref<Author>>,
}

#[derive(Model, Clone, Debug)]
pub struct Profile {
    #[orm(primary_key)]
    pub author: Ref<Author>,
}

fn main() {
    let author = Author::new("a@example.com");
    let _ = Article::new(author.clone());
    let _ = select((Author, Author.email)).filter(Author.email.eq("x").and(Author.id.gt(3)));
    let _ = Schema::of((Author, Article, Profile));
    let _ = Article.author.eq(Author.id);
}
