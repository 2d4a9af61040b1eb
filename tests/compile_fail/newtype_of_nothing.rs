//! A newtype that holds nothing.

#[derive(orm::DbType, Clone)]
struct Email;

fn main() {}
