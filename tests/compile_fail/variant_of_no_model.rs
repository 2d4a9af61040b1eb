//! A variant of what is no model.
//! errors: 2

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[orm(variant_of = String)]
pub struct CashPayment {
    id: Auto<i64>,
    amount: i64,
}

fn main() {}
