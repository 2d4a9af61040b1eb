//! A type that is called `Deferred`, and is of somebody else.

use orm::Model;
use orm::Auto;

#[derive(Clone)]
struct Deferred<T>(T);

#[derive(Model, Clone)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    content: Deferred<String>,
}

fn main() {}
