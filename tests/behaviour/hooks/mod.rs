//! Hooks: the models of these cases, and an engine that has some.

mod flush;
mod loaded;
mod objects;

use crate::setup::{committed, statements};
use orm::prelude::*;
use orm::{Error, ErrorKind, State};
use orm_test_support::TestDatabase;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "shelves")]
struct Shelf {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = shelf, cascade(all, delete_orphan), order_by = title)]
    books: Many<Book>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    shelf: Ref<Shelf>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "entries")]
struct Entry {
    #[orm(primary_key)]
    id: Auto<i64>,
    what: String,
    after: Option<Ref<Entry>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "labels")]
struct Label {
    #[orm(primary_key, length = 20)]
    code: String,
    text: String,
}

/// An engine with hooks, on tables that are there.
fn with(
    db: &TestDatabase,
    hooks: impl FnOnce(orm::engine::EngineBuilder) -> orm::engine::EngineBuilder,
) -> Engine {
    let builder = Engine::builder(db.url()).models(Schema::of((Shelf, Book, Entry, Label)));
    let engine = hooks(builder).build().expect("the models fit together");
    engine.create_all().expect("the tables of the case");
    engine
}

fn entries(engine: &Engine) -> Vec<String> {
    let rows: Vec<(String,)> = committed(engine, text("SELECT what FROM entries ORDER BY id"));
    rows.into_iter().map(|(what,)| what).collect()
}

/// A counter for a closure to keep.
fn counter() -> (Arc<AtomicU32>, Arc<AtomicU32>) {
    let counter = Arc::new(AtomicU32::new(0));
    (Arc::clone(&counter), counter)
}
