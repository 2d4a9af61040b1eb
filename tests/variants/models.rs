//! Payments of customers, by card, by transfer and in cash; a bank that only transfers lead to.

use orm::prelude::*;
use orm_test_support::TestDatabase;

#[derive(Model, Clone, Debug)]
#[orm(table = "customers")]
pub struct Customer {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = customer, cascade(all, delete_orphan), order_by = amount)]
    pub payments: Many<Payment>,
    pub favourite: Option<Ref<Payment>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "banks")]
pub struct Bank {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "labels")]
pub struct Label {
    #[orm(primary_key)]
    pub name: String,
    #[orm(secondary = "payment_labels", back_populates = labels)]
    pub payments: Many<Payment>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "payments", discriminator = "kind", index(kind, amount))]
#[orm(shared(
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// In cents.
    #[orm(check = "amount > 0")]
    pub amount: i64,
    pub customer: Option<Ref<Customer>>,
    #[orm(secondary = "payment_labels", back_populates = payments, order_by = name)]
    pub labels: Many<Label>,
    #[orm(version)]
    pub version: i32,
))]
pub enum Payment {
    Card(CardPayment),
    #[orm(value = "wire")]
    Transfer(TransferPayment),
    Cash(CashPayment),
}

#[derive(Model, Clone, Debug)]
#[orm(variant_of = Payment)]
pub struct CardPayment {
    #[orm(unique, length = 19)]
    pub number: String,
    pub id: Auto<i64>,
    pub amount: i64,
    pub customer: Option<Ref<Customer>>,
    pub holder: Option<String>,
    pub labels: Many<Label>,
    #[orm(default = 0)]
    pub version: i32,
}

#[derive(orm::Embed, Clone, Debug, PartialEq)]
pub struct Account {
    pub iban: String,
    pub bic: Option<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(variant_of = Payment)]
pub struct TransferPayment {
    pub id: Auto<i64>,
    pub amount: i64,
    #[orm(embed)]
    pub account: Account,
    pub customer: Option<Ref<Customer>>,
    pub labels: Many<Label>,
    pub bank: Ref<Bank>,
    #[orm(default = 0)]
    pub version: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(variant_of = Payment)]
pub struct CashPayment {
    pub id: Auto<i64>,
    pub amount: i64,
    pub customer: Option<Ref<Customer>>,
    pub labels: Many<Label>,
    #[orm(default = 0)]
    pub version: i32,
}

pub fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Customer, Payment))).build()?;
    engine.create_all()?;
    Ok(engine)
}

pub fn card(amount: i64, number: &str) -> CardPayment {
    CardPayment::new(number, amount)
}

pub fn wire(amount: i64, iban: &str, bank: Handle<Bank>) -> TransferPayment {
    TransferPayment::new(amount, Account::new(iban), bank)
}

/// A card payment of 20, a transfer of 70 by the bank GLS, cash of 5, all of Ann.
pub fn three(session: &mut Session) -> orm::Result<[Handle<Payment>; 3]> {
    let ann = session.add(Customer::new("Ann"));
    let bank = session.add(Bank::new("GLS"));
    let card = CardPayment { customer: Some(ann.into()), ..card(20, "4111") };
    let wire = TransferPayment { customer: Some(ann.into()), ..wire(70, "DE02", bank) };
    let cash = CashPayment { customer: Some(ann.into()), ..CashPayment::new(5) };
    let all = [session.add(card), session.add(Payment::from(wire)), session.add(cash)];
    session.commit()?;
    Ok(all)
}
