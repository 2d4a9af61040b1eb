//! Words that other libraries have an attribute for: each is told what is written here.
//! errors: 4

use orm::prelude::*;

#[derive(Model, Clone)]
#[orm(rename = "article")]
struct Article {
    #[orm(primary_key, auto_increment)]
    id: i64,
    #[orm(nullable)]
    title: String,
    #[orm(references = Author)]
    author: i64,
}

fn main() {}
