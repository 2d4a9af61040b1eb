//! A newtype of any type.

#[derive(orm::DbType, Clone)]
struct Id<T>(T);

fn main() {}
