//! Two keys, both made by the database.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(primary_key)]
    number: Auto<i64>,
    name: String,
}

fn main() {
    let _ = Author::new("Ann");
}
