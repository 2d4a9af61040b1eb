//! A variant that holds a value; the model with a field of the enum stays quiet.

use orm::prelude::*;

#[derive(orm::DbEnum, Clone)]
enum Status {
    Draft,
    Published(i64),
}

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    status: Status,
}

fn main() {
    let _ = select(Article).filter(Article.status.eq(Status::Draft));
}
