//! A type in SQL, and a length beside it.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Host {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(sql_type = "varchar(20)", length = 20)]
    name: String,
}

fn main() {}
