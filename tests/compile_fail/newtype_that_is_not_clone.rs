//! A newtype that can't be copied.

#[derive(orm::DbType)]
struct Email(String);

fn main() {}
