//! A row without names.

#[derive(orm::Row)]
struct Stats(String, i64);

fn main() {}
