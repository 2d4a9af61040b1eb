//! A number where a field of a row is text.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
}

#[derive(orm::Row)]
struct Stats {
    title: String,
    tags: i64,
}

fn main() {
    let _ = select(StatsSelect { title: Article.id, tags: count(Article.id) });
}
