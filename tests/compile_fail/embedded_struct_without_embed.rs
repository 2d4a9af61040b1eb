//! A struct of several columns is no column.

use orm::prelude::*;

#[derive(orm::Embed, Clone, Debug)]
struct Address {
    city: String,
}

#[derive(Model, Clone, Debug)]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    address: Address,
}

fn main() {}
