//! A version that PostgreSQL keeps, in a field of another type.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Document {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version = xmin)]
    version: i64,
}

fn main() {}
