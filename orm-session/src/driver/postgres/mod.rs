//! PostgreSQL through the blocking `postgres` client.
//!
//! Results come by `query`, never row by row (`query_raw` waits once per row). Parameters are
//! written in binary by ourselves ([`bind`]); cells are lent as raw bytes ([`row`]). Statements are
//! prepared with the types the compiler declared and kept in a bounded cache ([`cache`]).

mod adapt;
mod bind;
mod cache;
mod cancel;
mod connect;
mod error;
mod held;
mod numeric;
mod row;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use connect::{check, connect};

use super::{Answer, Cancel, Driver, Plan, PostgresTarget, Receiver};
use bind::{Bound, Encoded};
use cache::Cache;
use error::Sent;
use held::Held;
use orm_core::error::{Error, Result};
use orm_core::statement::Parameters;
use postgres::Statement;
use postgres::types::{ToSql, Type};
use row::{LentRow, Oids};
use std::sync::Arc;

/// One connection to a PostgreSQL server.
pub(crate) struct Postgres {
    client: Held,
    cache: Cache,
    encoded: Encoded,
    prepared_statements: bool,
    sent: Sent,
    failed: bool,
    notices: connect::Notices,
    broken: bool,
    trips: u64,
    /// What another thread reaches the server by.
    place: Arc<PostgresTarget>,
}

type Refs<'a> = Vec<&'a (dyn ToSql + Sync)>;

impl Postgres {
    fn prepare(&mut self, sql: &str, parameters: Parameters<'_>) -> Result<Statement> {
        let types = bind::declared(parameters, true);
        if let Some(statement) = self.cache.find(sql, &types) {
            return Ok(statement);
        }
        self.trips += 1;
        let statement = self.client.call(|client| client.prepare_typed(sql, &types));
        let statement = self.checked(statement)?;
        self.cache.keep(sql, &types, &statement);
        Ok(statement)
    }

    fn run_prepared(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
        answer: Answer,
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        let statement = self.prepare(sql, parameters)?;
        self.encoded.write(parameters, statement.params())?;
        let bound: Vec<Bound<'_>> = self.encoded.bound().collect();
        let refs: Refs<'_> = bound.iter().map(|value| value as _).collect();
        self.trips += 1;
        if answer == Answer::Count || statement.columns().is_empty() {
            let changed = self.client.call(|client| client.execute(&statement, &refs));
            return self.checked_of(sql, changed);
        }
        receiver.columns(&mut statement.columns().iter().map(postgres::Column::name));
        let rows = self.client.call(|client| client.query(&statement, &refs));
        let rows = self.checked_of(sql, rows)?;
        lend(&rows, statement.columns(), receiver)
    }

    /// One trip: parse, bind, describe and execute together, under no name.
    fn run_once(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
        answer: Answer,
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        let types = bind::declared(parameters, false);
        self.encoded.write(parameters, &types)?;
        let bound: Vec<Bound<'_>> = self.encoded.bound().collect();
        let refs: Vec<(&(dyn ToSql + Sync), Type)> =
            bound.iter().zip(types).map(|(value, ty)| (value as _, ty)).collect();
        self.trips += 1;
        let done = self.client.call(|client| held::query_once(client, sql, &refs, answer));
        let (rows, changed) = self.checked(done)?;
        match rows.first() {
            None => Ok(changed),
            Some(first) => {
                receiver.columns(&mut first.columns().iter().map(postgres::Column::name));
                lend(&rows, first.columns(), receiver)
            }
        }
    }

    /// Keeps in mind what a failure means for the connection, and maps it.
    fn checked<T>(&mut self, answer: Result<T, held::Failure>) -> Result<T> {
        answer.map_err(|failure| {
            let (error, from_server) = error::of_statement(failure, self.sent);
            self.failed |= from_server;
            self.broken |= error::breaks(&error) || self.client.is_closed();
            error
        })
    }

    /// The same, dropping a cached plan that no longer holds.
    fn checked_of<T>(&mut self, sql: &str, answer: Result<T, held::Failure>) -> Result<T> {
        self.checked(answer).inspect_err(|error: &Error| {
            if matches!(error.sqlstate(), Some("0A000" | "26000")) {
                self.cache.forget(sql);
            }
        })
    }
}

fn is_empty(parameters: Parameters<'_>) -> bool {
    matches!(parameters, Parameters::Values([]))
}

/// Lends rows of which all have these columns.
fn lend(
    rows: &[postgres::Row],
    columns: &[postgres::Column],
    receiver: &mut dyn Receiver,
) -> Result<u64> {
    let oids = Oids::of(columns);
    for (index, row) in rows.iter().enumerate() {
        receiver.row(&LentRow::new(row, &oids, rows.len() - index - 1))?;
    }
    Ok(rows.len() as u64)
}

impl Driver for Postgres {
    fn cancel(&self) -> Box<dyn Cancel> {
        Box::new(cancel::Request::new(self.client.cancel_token(), Arc::clone(&self.place)))
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.trips += 1;
        self.sent.bound = false;
        let answer = self.client.call(|client| client.batch_execute(sql));
        self.checked(answer)?;
        if sql.starts_with("DROP TYPE") {
            // a type made anew under the name is another one to statements that return it
            self.cache.forget_all();
        }
        if sql.starts_with("BEGIN") || sql.starts_with("ROLLBACK") {
            self.failed = false;
            self.notices.forget();
        }
        Ok(())
    }

    fn run(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
        (plan, answer): (Plan, Answer),
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        self.sent.bound = !is_empty(parameters);
        match plan {
            Plan::Cached if self.prepared_statements => {
                self.run_prepared(sql, parameters, answer, receiver)
            }
            Plan::Cached | Plan::Once => self.run_once(sql, parameters, answer, receiver),
        }
    }

    fn declare(&mut self, name: &str, sql: &str, parameters: Parameters<'_>) -> Result<()> {
        // a cursor of an earlier transaction may have had other columns
        self.cache.forget_ending(&format!(" FROM {name}"));
        let declare = format!("DECLARE {name} NO SCROLL CURSOR FOR {sql}");
        self.sent.bound = !is_empty(parameters);
        let nothing = &mut super::Each(&mut |_| Ok(()));
        self.run_once(&declare, parameters, Answer::Count, nothing).map(drop)
    }

    fn fetch(
        &mut self,
        name: &str,
        _passed: u64,
        count: u32,
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        let sql = format!("FETCH FORWARD {count} FROM {name}");
        self.run(&sql, Parameters::NONE, (Plan::Cached, Answer::Rows), receiver)
    }

    fn close(&mut self, name: &str) -> Result<()> {
        self.batch(&format!("CLOSE {name}"))
    }

    fn transaction_failed(&self) -> bool {
        self.failed
    }

    fn commit_left_open(&self) -> bool {
        false
    }

    fn transaction_ended(&self) -> bool {
        self.notices.told_of_no_transaction()
    }

    fn rolled_back_already(&self) -> bool {
        false
    }

    fn is_broken(&self) -> bool {
        self.broken || self.client.is_closed()
    }

    fn round_trips(&self) -> u64 {
        self.trips
    }
}
