//! What is said of one column is said on the field of the struct; each is told alone.
//! errors: 7

use orm::prelude::*;

#[derive(orm::Embed, Clone, Debug)]
struct Address {
    city: String,
    #[orm(check = "zip > 0")]
    zip: i64,
    #[orm(on_update = now)]
    seen: chrono::NaiveDate,
}

#[derive(Model, Clone, Debug)]
#[orm(index(home.city))]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(prefix = "n_")]
    name: String,
    #[orm(embed, length = 10)]
    home: Address,
    #[orm(embed, column = "work")]
    work: Address,
    #[orm(embed)]
    number: Auto<i64>,
}

fn main() {}
