//! Columns of a variant: another type, an unknown name.
//! errors: 2

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[orm(discriminator = "kind", shared(#[orm(primary_key)] id: Auto<i64>, amount: i64))]
pub enum Payment {
    Card(CardPayment),
    Cash(CashPayment),
}

#[derive(Model, Clone, Debug)]
#[orm(variant_of = Payment)]
pub struct CardPayment {
    id: Auto<i64>,
    amount: i64,
    number: String,
}

#[derive(Model, Clone, Debug)]
#[orm(variant_of = Payment)]
pub struct CashPayment {
    id: Auto<i64>,
    amount: i64,
}

fn main() {
    let _ = select(Payment).filter(Payment.card.number.eq(3));
    let _ = select(CardPayment).filter(CardPayment.nummer.eq("x"));
}
