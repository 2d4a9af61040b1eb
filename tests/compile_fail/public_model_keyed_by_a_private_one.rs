//! The key of a public model that is a `Ref` to a private one.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
}

#[derive(Model, Clone)]
pub struct Profile {
    #[orm(primary_key)]
    author: Ref<Author>,
}

fn main() {}
