//! A newtype with two values.

#[derive(orm::DbType, Clone)]
struct Money(i64, String);

fn main() {}
