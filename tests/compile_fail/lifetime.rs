//! A struct with a lifetime.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article<'a> {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: &'a str,
}

fn main() {}
