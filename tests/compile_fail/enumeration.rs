//! An enum.

use orm::prelude::*;

#[derive(Model, Clone)]
enum Status {
    Draft,
    Published,
}

fn main() {}
