//! A key that points to something that is no model.

use orm::prelude::*;

#[derive(Clone)]
struct Author;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    author: Ref<Author>,
}

fn main() {}
