//! A struct with a type parameter.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article<T> {
    #[orm(primary_key)]
    id: Auto<i64>,
    content: T,
}

fn main() {}
