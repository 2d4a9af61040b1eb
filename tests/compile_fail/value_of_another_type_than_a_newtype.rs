//! A number where a newtype of text is expected.

use orm::prelude::*;

#[derive(orm::DbType, Clone)]
struct Email(String);

#[derive(Model, Clone)]
struct User {
    #[orm(primary_key)]
    id: Auto<i64>,
    email: Email,
}

fn main() {
    let _ = select(User).filter(User.email.eq(1));
}
