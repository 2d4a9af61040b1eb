//! Fields of types that are no columns, each told, and another mistake beside them.
//! errors: 5

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<u64>,
    words: u32,
    marks: Option<Vec<String>>,
    bytes: Vec<u8>,
    parts: Option<Many<Part>>,
    #[orm(lenght = 3)]
    title: String,
}

#[derive(Model, Clone)]
struct Part {
    #[orm(primary_key)]
    id: Auto<i64>,
    article: Ref<Article>,
}

fn main() {}
