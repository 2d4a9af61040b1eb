//! PostgreSQL through `tokio-postgres`, driven by ourselves ([`client`]).
//!
//! Rows are lent while the server still sends the next ones. Parameters are written in binary by ourselves ([`bind`]); cells are lent as raw bytes ([`row`]). Statements are
//! prepared with the types the compiler declared and kept in a bounded cache ([`cache`]).

mod adapt;
mod bind;
mod cache;
mod client;
mod connect;
mod error;
mod held;
mod numeric;
mod row;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use connect::{check, connect};

use super::{Answer, Driver, Plan, Receiver};
use bind::{Bound, Encoded};
use cache::Cache;
use error::Sent;
use held::Held;
use orm_core::error::{Error, Result};
use orm_core::statement::Parameters;
use tokio_postgres::Statement;
use row::{LentRow, Oids};
use std::ops::ControlFlow;
use tokio_postgres::types::Type;

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
}

impl Postgres {
    fn prepare(&mut self, sql: &str, parameters: Parameters<'_>) -> Result<Statement> {
        let types = bind::declared(parameters, true);
        if let Some(statement) = self.cache.find(sql, &types) {
            return Ok(statement);
        }
        self.trips += 1;
        let statement = self.client.call(|client| client.prepare(sql, &types));
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
        self.trips += 1;
        if answer != Answer::Count && !statement.columns().is_empty() {
            receiver.columns(&mut statement.columns().iter().map(tokio_postgres::Column::name));
        }
        let bound: Vec<Bound<'_>> = self.encoded.bound().collect();
        let mut lender = Lender::new(answer, receiver);
        let each = &mut |row: &tokio_postgres::Row| lender.lend(row);
        let done = self.client.call(|client| client.run(&statement, bound, each));
        let changed = self.checked_of(sql, done);
        lender.finish(changed)
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
        self.trips += 1;
        let bound: Vec<(Bound<'_>, Type)> = self.encoded.bound().zip(types).collect();
        let mut lender = Lender::new(answer, receiver);
        let mut first = true;
        let each = &mut |row: &tokio_postgres::Row| {
            if std::mem::take(&mut first) {
                lender.columns(row);
            }
            lender.lend(row)
        };
        let done = self.client.call(|client| client.run_once(sql, bound, each));
        let changed = self.checked(done);
        lender.finish(changed)
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

/// Hands the rows of one result on, and keeps what came of it.
struct Lender<'a> {
    receiver: &'a mut dyn Receiver,
    wanted: bool,
    /// Known from the first row on.
    oids: Option<Oids>,
    lent: u64,
    refused: Option<Error>,
}

impl<'a> Lender<'a> {
    fn new(answer: Answer, receiver: &'a mut dyn Receiver) -> Lender<'a> {
        let wanted = answer != Answer::Count;
        Lender { receiver, wanted, oids: None, lent: 0, refused: None }
    }

    fn columns(&mut self, row: &tokio_postgres::Row) {
        if self.wanted {
            self.receiver.columns(&mut row.columns().iter().map(tokio_postgres::Column::name));
        }
    }

    fn lend(&mut self, row: &tokio_postgres::Row) -> ControlFlow<()> {
        if !self.wanted {
            return ControlFlow::Break(());
        }
        let oids = self.oids.get_or_insert_with(|| Oids::of(row.columns()));
        self.lent += 1;
        match self.receiver.row(&LentRow::new(row, oids)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.refused = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// What the server says, unless the receiver refused a row; of rows lent, their number.
    fn finish(self, changed: Result<u64>) -> Result<u64> {
        match (changed, self.refused) {
            (Ok(_), Some(refused)) => Err(refused),
            (Ok(changed), None) => Ok(if self.lent > 0 { self.lent } else { changed }),
            (Err(error), _) => Err(error),
        }
    }
}

impl Driver for Postgres {
    fn batch(&mut self, sql: &str) -> Result<()> {
        self.trips += 1;
        self.sent.bound = false;
        let answer = self.client.call(|client| client.batch_execute(sql));
        self.checked(answer)?;
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
