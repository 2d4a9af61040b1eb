//! What is embedded derives `Embed`; models that point to the model are quiet.

use orm::prelude::*;

#[derive(Clone, Debug)]
struct Address {
    city: String,
}

#[derive(Model, Clone, Debug)]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    address: Address,
}

#[derive(Model, Clone, Debug)]
struct Bill {
    #[orm(primary_key)]
    id: Auto<i64>,
    customer: Ref<Customer>,
}

fn main() {
    let _ = select(Bill).filter(Bill.customer.eq(7)).order_by(Customer.id.asc());
    let _ = Customer::new(Address { city: "Bath".into() });
}
