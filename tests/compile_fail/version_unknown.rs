//! A version that is none.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Document {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version = xmax)]
    version: Auto<i64>,
}

fn main() {}
