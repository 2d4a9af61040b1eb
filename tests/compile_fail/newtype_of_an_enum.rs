//! A newtype that is an enum.

#[derive(orm::DbType, Clone)]
enum Status {
    Draft,
    Published,
}

fn main() {}
