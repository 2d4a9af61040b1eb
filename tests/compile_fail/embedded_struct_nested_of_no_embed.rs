//! A struct in an embedded one derives `Embed` too.

use orm::prelude::*;

#[derive(Clone, Debug)]
struct Place {
    north: f64,
}

#[derive(orm::Embed, Clone, Debug)]
struct Address {
    city: String,
    #[orm(embed)]
    place: Place,
    zip: String,
}

#[derive(Model, Clone, Debug)]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    address: Address,
}

fn main() {}
