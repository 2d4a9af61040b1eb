//! A row of any type.

#[derive(orm::Row)]
struct Stats<T> {
    value: T,
}

fn main() {}
