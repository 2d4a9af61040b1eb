//! An enum taken for a model by others.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
pub enum Status {
    Draft,
}

#[derive(Model, Clone, Debug)]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub status: Ref<Status>,
}

fn main() {
    let _ = Article::new(Status::Draft);
    let _ = select((Status, Article));
    let _ = Schema::of((Status, Article));
}
