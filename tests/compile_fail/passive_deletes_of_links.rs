//! `passive_deletes` of a many-to-many.

use orm::prelude::*;

#[derive(Model, Clone)]
struct Tag {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    #[orm(secondary = "article_tags", passive_deletes)]
    tags: Many<Tag>,
}

fn main() {}
