//! A discriminator that can be no field.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
#[orm(discriminator = "the kind", shared(#[orm(primary_key)] id: Auto<i64>, amount: i64))]
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

fn used(session: &mut Session) -> orm::Result<()> {
    session.add(CashPayment::new(5));
    select(Payment).filter(Payment.amount.gt(3)).all(session)?;
    select(CashPayment).filter(CashPayment.amount.gt(3)).count(session)?;
    Ok(())
}

fn main() {
    let _ = used;
}
