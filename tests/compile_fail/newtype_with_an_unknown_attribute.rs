//! An attribute that no newtype has.

#[derive(orm::DbType, Clone)]
#[orm(lenght = 40)]
struct Email(String);

fn main() {}
