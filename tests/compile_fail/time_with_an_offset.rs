//! A time of a zone that no database keeps.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    created_on: chrono::DateTime<chrono::FixedOffset>,
}

fn main() {}
