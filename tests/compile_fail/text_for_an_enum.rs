//! A label where the variant is expected.

use orm::prelude::*;

#[derive(orm::DbEnum, Clone)]
enum Status {
    Draft,
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    status: Status,
}

fn main() {
    let _ = select(Article).filter(Article.status.eq("draft"));
}
