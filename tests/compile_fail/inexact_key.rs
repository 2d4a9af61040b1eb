//! A primary key of floats.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: f64,
}

fn main() {}
