//! A type that is called `Ref` and is none.

use orm::prelude::*;

mod other {
    #[derive(Clone)]
    pub struct Ref<T>(pub T);
}

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
    author: other::Ref<Author>,
}

fn main() {}
