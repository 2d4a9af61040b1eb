//! What the suites look with: statements of a case's own, what is committed, panics, logged statements.

use orm::engine::{Executable, FromRow};
use orm::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

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
