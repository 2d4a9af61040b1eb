//! A default of a key that the database generates.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key, server_default = "7")]
    id: Auto<i64>,
}

fn main() {}
