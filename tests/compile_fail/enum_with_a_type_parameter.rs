//! An enum with a parameter.

#[derive(orm::DbEnum, Clone)]
enum Status<const LEVEL: usize> {
    Draft,
}

fn main() {}
