//! What is embedded has named fields and no parameters.
//! errors: 4

use orm::prelude::*;

#[derive(orm::Embed, Clone, Debug)]
struct Pair(i64, i64);

#[derive(orm::Embed, Clone, Debug)]
enum Color {
    Red,
    Green,
}

#[derive(orm::Embed, Clone, Debug)]
struct Range<T> {
    from: T,
    to: T,
}

#[derive(orm::Embed, Clone, Debug)]
struct Nothing {}

#[derive(Model, Clone, Debug)]
struct House {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    pair: Pair,
    #[orm(embed)]
    color: Color,
    #[orm(embed)]
    nothing: Option<Nothing>,
}

fn main() {}
