//! `get` of a variant, which is no model.

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

fn main() {}

fn used(session: &mut Session) -> orm::Result<()> {
    session.get(CardPayment, 1)?;
    Ok(())
}
