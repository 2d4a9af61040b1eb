//! A struct stored as an enum of names.

#[derive(orm::DbEnum, Clone)]
struct Status(String);

fn main() {}
