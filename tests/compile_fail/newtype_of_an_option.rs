//! A newtype around an `Option`.

#[derive(orm::DbType, Clone)]
struct Email(Option<String>);

fn main() {}
