//! A column's name of a version that PostgreSQL keeps.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Document {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version = xmin, column = "etag")]
    version: Auto<i64>,
}

fn main() {}
