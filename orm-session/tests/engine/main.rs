//! The engine on real databases: connecting, pooling, transactions, text statements, errors, echo.

mod connect;
mod cursors;
mod echo;
mod errors;
mod parameters;
mod pool;
mod runtime;
mod secrets;
mod sqlite;
mod statements;
mod text;
#[cfg(feature = "tls")]
mod tls;
mod transactions;
mod url;

use orm_core::error::Error;
use orm_session::engine::{Connection, Engine, text};
use orm_test_support::TestDatabase;

/// An engine on the test's database.
fn engine(db: &TestDatabase) -> Engine {
    Engine::new(db.url()).unwrap()
}

/// A connection to the test's database.
fn connection(db: &TestDatabase) -> Connection {
    engine(db).connect().unwrap()
}

/// Runs a text without parameters.
fn run(connection: &mut Connection, sql: &'static str) {
    connection.execute(text(sql)).unwrap();
}

/// All that an error prints without being asked for details.
fn printed(error: &Error) -> String {
    let mut all = format!("{error}\n{error:?}\n{error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        all = format!("{all}\n{cause}\n{cause:?}\n{cause:#?}");
        source = cause.source();
    }
    all
}
