//! What may be not loaded is asked for.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    content: Deferred<String>,
}

fn main() {
    let article = Article::new("text");
    let _: &str = &article.content;
}
