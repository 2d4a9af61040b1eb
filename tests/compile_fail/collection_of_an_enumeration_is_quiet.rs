//! A collection of something that can be no model is told there only.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = author, order_by = title)]
    reviews: Many<Review>,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    author: Ref<Author>,
}

#[derive(Model, Clone)]
enum Review {
    Good,
    Bad,
}

fn main() {
    let author: Handle<Author> = todo!();
    let mut session: Session = todo!();
    for review in author.reviews(&mut session).unwrap() {
        let _ = &session[review];
    }
    let _ = Review.title.eq("x");
}
