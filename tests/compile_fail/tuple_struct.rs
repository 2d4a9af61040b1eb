//! A struct without names.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article(i64, String);

fn main() {}
