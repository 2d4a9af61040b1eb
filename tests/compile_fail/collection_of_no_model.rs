//! A collection of something that is no model.

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

#[derive(Clone)]
struct Review {
    title: String,
}

fn main() {
    let author = Author::new("name");
    let _ = author.reviews.is_loaded();
}
