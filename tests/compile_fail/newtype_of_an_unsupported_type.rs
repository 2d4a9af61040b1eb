//! A newtype of what is no column's type; the model that uses it stays quiet.

use orm::prelude::*;

#[derive(Clone)]
struct Money;

#[derive(orm::DbType, Clone)]
struct Price(Money);

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    price: Price,
}

fn main() {
    let _ = select(Article).filter(Article.price.eq(Price(Money)));
}
