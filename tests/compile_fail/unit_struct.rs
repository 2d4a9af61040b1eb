//! A struct without fields.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article;

fn main() {}
