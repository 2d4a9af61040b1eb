//! A connection out of the pool and the transaction on it: what sessions and [`Connection`]s send
//! their statements through.
//!
//! 1. BEGIN is the probe: if it finds a connection dead that was idle in the pool, it, and only it,
//!    is sent again on a new connection.
//! 2. A failure that ends the transaction is kept; every later call tells it until `rollback` (or
//!    `rollback_to` a savepoint).
//! 3. A connection lost during COMMIT is [`ErrorKind::CommitOutcomeUnknown`] and never retried.
//! 4. `rollback` can't fail: a connection that does not take it is thrown away, which ends its
//!    transaction. Dropping an open transaction rolls it back.
//!
//! [`Connection`]: super::Connection

use super::cancel::CancelToken;
use super::pool::Checkout;
use super::recognise::recognise;
use super::{Engine, Shared};
pub use crate::driver::Plan;
use crate::driver::{self, Answer, Driver, Each, Receiver};
use orm_core::dialect::Dialect;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::statement::{BatchRows, Parameter, Parameters};
use orm_core::types::{BindWriter, ColumnType, Row};
use std::sync::Arc;

/// A transaction, open or not, and the connection it holds.
pub struct Transaction {
    engine: Arc<Shared>,
    checkout: Option<Checkout>,
    state: State,
    pub(super) cursors: u64,
    /// What other threads cancel statements by, once it was asked for.
    cancel: Option<CancelToken>,
}

/// A result being read page by page; it ends with its transaction at the latest.
#[derive(Debug)]
pub struct Cursor {
    pub(super) name: String,
    /// How many rows were lent already.
    pub(super) passed: u64,
}

enum State {
    None,
    Open,
    /// It takes nothing but a rollback; why.
    Failed(Error),
}

impl Transaction {
    /// Takes a connection and begins. Sends `BEGIN`, with the engine's isolation level.
    pub fn begin(engine: &Engine) -> Result<Transaction> {
        let mut transaction = Transaction::idle(engine)?;
        transaction.start()?;
        Ok(transaction)
    }

    /// Takes a connection and sends nothing yet.
    pub fn idle(engine: &Engine) -> Result<Transaction> {
        let checkout = engine.0.pool.check_out()?;
        let engine = Arc::clone(&engine.0);
        Ok(Transaction {
            engine,
            checkout: Some(checkout),
            state: State::None,
            cursors: 0,
            cancel: None,
        })
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        Engine(Arc::clone(&self.engine))
    }

    /// What other threads cancel statements by.
    pub fn cancel_token(&mut self) -> CancelToken {
        let token = self.cancel.clone().unwrap_or_default();
        self.arm(&token);
        token
    }

    /// Lets a token cancel what is sent from now on.
    pub fn arm(&mut self, token: &CancelToken) {
        if let Some(checkout) = &mut self.checkout
            && let Ok(driver) = checkout.driver()
        {
            token.arm(driver.cancel());
        }
        self.cancel = Some(token.clone());
    }

    /// Lets the token cancel nothing any more.
    pub fn disarm(&mut self) {
        if let Some(token) = self.cancel.take() {
            token.disarm();
        }
    }

    /// The SQL that the database speaks.
    pub fn dialect(&self) -> &'static Dialect {
        self.engine.dialect
    }

    /// Whether a transaction is open, failed or not.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::None)
    }

    /// Why the open transaction takes nothing but a rollback.
    pub fn failure(&self) -> Option<&Error> {
        match &self.state {
            State::Failed(error) => Some(error),
            State::None | State::Open => None,
        }
    }

    /// Begins, if no transaction is open.
    pub fn start(&mut self) -> Result<()> {
        if self.is_open() {
            return self.check();
        }
        let engine = Arc::clone(&self.engine);
        let checkout = match &mut self.checkout {
            Some(checkout) => checkout,
            none => none.insert(engine.pool.check_out()?),
        };
        let begin = &engine.begin;
        engine.voice.control(begin, true);
        let probe = checkout.take_untried();
        let mut answer = send(&engine, checkout, begin, |driver| driver.batch(begin));
        if probe && answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionLost) {
            checkout.reconnect()?;
            answer = send(&engine, checkout, begin, |driver| driver.batch(begin));
        }
        match answer {
            Ok(()) => {
                self.state = State::Open;
                self.cursors = 0;
                // it may be another connection than before
                if let Some(token) = self.cancel.take() {
                    self.arm(&token);
                }
                Ok(())
            }
            Err(error) => {
                self.release();
                Err(error.with_statement(begin))
            }
        }
    }

    /// Sends one statement that returns rows and lends them; returns their number.
    pub fn query(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
        plan: Plan,
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<u64> {
        self.engine.voice.statement(sql, parameters);
        self.run(sql, |driver| driver.run(sql, parameters, (plan, Answer::Rows), &mut Each(each)))
    }

    /// Sends one statement and returns the number of rows it changed.
    pub fn execute(&mut self, sql: &str, parameters: Parameters<'_>, plan: Plan) -> Result<u64> {
        self.engine.voice.statement(sql, parameters);
        let nothing = &mut Each(&mut |_| Ok(()));
        self.run(sql, |driver| driver.run(sql, parameters, (plan, Answer::Count), nothing))
    }

    /// Runs one prepared statement once per row and tells how many rows each run changed. For
    /// databases in the same process; the log shows it as one statement.
    pub fn execute_each(
        &mut self,
        sql: &str,
        types: &[ColumnType],
        rows: &dyn BatchRows,
        changed: &mut dyn FnMut(usize, u64),
    ) -> Result<()> {
        self.engine.voice.statement(sql, Parameters::Grid { types, rows });
        let nothing = &mut Each(&mut |_| Ok(()));
        self.run(sql, |driver| {
            for row in 0..rows.rows() {
                let rows = &OneRow { rows, row };
                let parameters = Parameters::Grid { types, rows };
                let how = (Plan::Cached, Answer::Count);
                changed(row, driver.run(sql, parameters, how, nothing)?);
            }
            Ok(())
        })
    }

    /// As `execute_each`, of a statement that returns rows: they are lent with the number of the run.
    pub fn query_each(
        &mut self,
        sql: &str,
        types: &[ColumnType],
        rows: &dyn BatchRows,
        each: &mut dyn FnMut(usize, &dyn Row) -> Result<()>,
    ) -> Result<()> {
        self.engine.voice.statement(sql, Parameters::Grid { types, rows });
        self.run(sql, |driver| {
            for row in 0..rows.rows() {
                let rows = &OneRow { rows, row };
                let parameters = Parameters::Grid { types, rows };
                let how = (Plan::Cached, Answer::Rows);
                driver.run(sql, parameters, how, &mut Each(&mut |lent| each(row, lent)))?;
            }
            Ok(())
        })
    }

    /// The row id of the last row inserted on this connection; 0 where the database tells none.
    pub fn last_insert_id(&mut self) -> Result<i64> {
        match &mut self.checkout {
            Some(checkout) => Ok(checkout.driver()?.last_insert_id()),
            None => Ok(0),
        }
    }

    /// Sends statements that have neither parameters nor rows, DDL for instance.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        self.engine.voice.statement(sql, Parameters::NONE);
        self.run(sql, |driver| driver.batch(sql))
    }

    /// Sends one statement once for each set of parameters; prepared once.
    pub(super) fn run_sets(
        &mut self,
        sql: &str,
        sets: &[Vec<Parameter>],
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        self.engine.voice.sets(sql, sets);
        let how = (Plan::Cached, Answer::Either);
        let mut changed = 0;
        for set in sets {
            changed += self
                .run(sql, |driver| driver.run(sql, Parameters::Values(set), how, &mut *receiver))?;
        }
        Ok(changed)
    }

    /// Makes a savepoint of this name, which must be a plain identifier.
    pub fn savepoint(&mut self, name: &str) -> Result<()> {
        self.control(&format!("SAVEPOINT {name}"))
    }

    /// Forgets a savepoint, keeping what was done since.
    pub fn release_savepoint(&mut self, name: &str) -> Result<()> {
        self.control(&format!("RELEASE SAVEPOINT {name}"))
    }

    /// Undoes what was done since the savepoint, which stays; a failed transaction goes on.
    pub fn rollback_to(&mut self, name: &str) -> Result<()> {
        let lost = self.checkout.as_ref().is_none_or(Checkout::is_broken);
        if !lost && matches!(self.state, State::Failed(_)) {
            self.state = State::Open;
        }
        self.control(&format!("ROLLBACK TO SAVEPOINT {name}"))
    }

    fn control(&mut self, sql: &str) -> Result<()> {
        self.engine.voice.control(sql, false);
        self.run(sql, |driver| driver.batch(sql))
    }

    /// Commits, and gives the connection back once the transaction is dropped. Afterwards no
    /// transaction is open, unless the error is `SessionFailed`.
    pub fn commit(&mut self) -> Result<()> {
        const COMMIT: &str = "COMMIT";
        self.check()?;
        let (State::Open, Some(checkout)) = (&self.state, &mut self.checkout) else {
            return Ok(());
        };
        if checkout.is_broken() {
            self.release();
            return Err(Error::new(
                ErrorKind::ConnectionLost,
                "the connection broke before COMMIT; nothing of the transaction was kept",
            ));
        }
        if checkout.driver()?.transaction_ended() {
            self.state = State::None;
            return Err(ended());
        }
        self.engine.voice.control(COMMIT, false);
        let done = send(&self.engine, checkout, COMMIT, |driver| driver.batch(COMMIT));
        let ended_before = checkout.driver()?.transaction_ended();
        match done {
            Ok(()) => {
                self.state = State::None;
                if ended_before { Err(ended()) } else { Ok(()) }
            }
            Err(error) if error.kind() == ErrorKind::ConnectionLost => {
                self.release();
                Err(error
                    .with_kind(ErrorKind::CommitOutcomeUnknown)
                    .with_context("this was during COMMIT, which may have been done or not; look before trying again")
                    .with_statement(COMMIT))
            }
            Err(error) => {
                if checkout.driver()?.commit_left_open() {
                    self.rollback();
                } else {
                    self.state = State::None;
                }
                Err(error.with_statement(COMMIT))
            }
        }
    }

    /// Rolls back, if a transaction is open. Sends `ROLLBACK`; a connection that does not take it
    /// is thrown away, which has the same effect.
    pub fn rollback(&mut self) {
        const ROLLBACK: &str = "ROLLBACK";
        if !self.is_open() {
            return;
        }
        self.state = State::None;
        let engine = Arc::clone(&self.engine);
        let Some(checkout) = &mut self.checkout else { return };
        if checkout.is_broken() {
            self.release();
            return;
        }
        if checkout.driver().is_ok_and(|driver| driver.rolled_back_already()) {
            return;
        }
        engine.voice.control(ROLLBACK, false);
        if send(&engine, checkout, ROLLBACK, |driver| driver.batch(ROLLBACK)).is_err() {
            self.release();
        }
    }

    pub(super) fn say(&self, sql: &str, parameters: Parameters<'_>) {
        self.engine.voice.statement(sql, parameters);
    }

    /// Throws the connection away.
    fn release(&mut self) {
        self.state = State::None;
        if let Some(token) = &self.cancel {
            token.disarm();
        }
        if let Some(mut checkout) = self.checkout.take() {
            checkout.poison();
        }
    }

    /// Tells an earlier failure.
    fn check(&self) -> Result<()> {
        match &self.state {
            State::None | State::Open => Ok(()),
            State::Failed(first) => Err(Error::new(
                ErrorKind::SessionFailed,
                format!("an earlier error ended the transaction, call `rollback()` to go on; it was: {first}"),
            )
            .with_source(first.repeat())),
        }
    }

    /// Lets the driver work inside the open transaction, and keeps a failure that ends it.
    pub(super) fn run<T>(
        &mut self,
        sql: &str,
        work: impl FnOnce(&mut dyn Driver) -> Result<T>,
    ) -> Result<T> {
        self.check()?;
        let (State::Open, Some(checkout)) = (&self.state, &mut self.checkout) else {
            return Err(Error::new(ErrorKind::InvalidState, "no transaction is open"));
        };
        send(&self.engine, checkout, sql, work).map_err(|error| {
            let error = recognise(error.with_statement(sql), &self.engine.options.schema);
            let failed = match checkout.driver() {
                Ok(driver) => driver.transaction_failed() || driver.is_broken(),
                Err(_) => true,
            };
            if failed {
                self.state = State::Failed(error.repeat());
            }
            error
        })
    }
}

/// One row of a batch.
struct OneRow<'a> {
    rows: &'a dyn BatchRows,
    row: usize,
}

impl BatchRows for OneRow<'_> {
    fn rows(&self) -> usize {
        1
    }

    fn write(&self, _row: usize, column: usize, out: &mut dyn BindWriter) {
        self.rows.write(self.row, column, out);
    }
}

/// Counts what is sent, and sends it.
fn send<T>(
    engine: &Shared,
    checkout: &mut Checkout,
    sql: &str,
    work: impl FnOnce(&mut dyn Driver) -> Result<T>,
) -> Result<T> {
    let driver = checkout.driver()?;
    let before = driver.round_trips();
    engine.records.statement(sql);
    let done = work(driver);
    engine.records.round_trips(driver.round_trips() - before);
    done
}

fn ended() -> Error {
    Error::new(
        ErrorKind::InvalidState,
        "a statement of its own had ended the transaction before COMMIT; use `commit()` and `rollback()` instead of COMMIT and ROLLBACK in a text",
    )
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.disarm();
        if self.is_open() {
            driver::outside_runtime(|| self.rollback());
        }
    }
}
