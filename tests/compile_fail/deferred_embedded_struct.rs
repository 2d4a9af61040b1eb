//! The columns of an embedded struct are read together.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    place: Deferred<Place>,
}

fn main() {}

#[derive(orm::Embed, Clone)]
struct Place {
    city: String,
}
