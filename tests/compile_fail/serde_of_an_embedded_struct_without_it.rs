//! A model that is written by serde needs its embedded structs to be.

use orm::prelude::*;

#[derive(orm::Embed, Clone, Debug)]
struct Address {
    city: String,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    address: Address,
}

fn main() {}
