//! An attribute of a field on the struct.

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(unique)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn main() {}
