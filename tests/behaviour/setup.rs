//! What every case begins with: an engine, the tables of the shared models, a look from outside.

use crate::models::*;
use orm::engine::{Executable, FromRow};
use orm::prelude::*;
use orm_test_support::TestDatabase;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An engine on a database with the tables of the shared models.
pub fn ready(db: &TestDatabase) -> Engine {
    let engine = engine_of(db);
    engine.create_all().expect("the tables of the shared models can be created");
    engine
}

/// An engine that knows the shared models; nothing is created.
pub fn engine_of(db: &TestDatabase) -> Engine {
    let families = (Parent, Child, Node, Natural, NaturalChild, Pair, PairChild);
    let models = Schema::of((families, Left, Right, Hen, Egg, Stamped, Lonely));
    Engine::builder(db.url()).models(models).build().expect("the shared models fit together")
}

/// The rows of a query sent on a connection of its own: what is committed.
pub fn committed<T: FromRow>(engine: &Engine, sql: impl Executable) -> Vec<T> {
    let mut connection = engine.connect().expect("a connection beside the session's");
    connection
        .execute(sql)
        .and_then(orm::engine::Rows::all)
        .expect("the query of what is committed")
}

/// Runs statements on a connection of its own and commits.
pub fn run(engine: &Engine, statements: &[&'static str]) {
    let mut connection = engine.connect().expect("a connection beside the session's");
    for statement in statements {
        connection.execute(text(*statement)).expect("a statement of the case's own");
    }
    connection.commit().expect("the commit of the case's own statements");
}

/// The message of the panic that `work` is to end in.
pub fn panic_of<T>(work: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).err().expect("this panics");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().map(|text| (*text).to_owned()).unwrap_or_default(),
    }
}

/// The statements of a log without those that begin and end transactions.
pub fn statements(log: &orm::engine::StatementLog) -> Vec<String> {
    let control =
        |sql: &String| !["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| sql.starts_with(word));
    log.take().into_iter().filter(control).collect()
}

/// A typed error of the library itself, not of the database; it shows no value.
pub fn refused<T: std::fmt::Debug>(work: impl FnOnce() -> orm::Result<T>) -> orm::Error {
    let error = work().expect_err("it can't be kept");
    assert_eq!(error.sqlstate(), None, "{error:?}");
    assert_eq!(error.kind(), orm::ErrorKind::ValueOutOfRange, "{error:?}");
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    error
}
