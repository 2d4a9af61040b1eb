//! An enum of nothing.

#[derive(orm::DbEnum, Clone)]
enum Status {}

fn main() {}
