//! What belongs to models can't be embedded; models that embed the struct are quiet.
//! errors: 4

use orm::prelude::*;

#[derive(orm::Embed, Clone, Debug)]
struct Address {
    city: String,
    country: Ref<Country>,
    people: Many<Customer>,
    number: Auto<i64>,
    #[orm(primary_key)]
    zip: String,
}

#[derive(Model, Clone, Debug)]
struct Country {
    #[orm(primary_key)]
    id: Auto<i64>,
}

#[derive(Model, Clone, Debug)]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    address: Address,
}

fn main() {
    let _ = select(Customer).filter(Customer.address.city.eq("Bath"));
}
