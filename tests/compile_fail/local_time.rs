//! A time of a zone that no database keeps.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(default = now, on_update = now)]
    created_on: chrono::DateTime<chrono::Local>,
}

fn main() {}
