//! Embedded SQLite through `rusqlite`.
//!
//! Statements come from rusqlite's cache; values are stored in the forms of [`bind`], so that text
//! order is the order of time and decimals compare as numbers. A cursor is a temporary table read
//! page by page, which holds in constant memory and outlives other statements.

mod bind;
mod connect;
mod decimal;
mod error;
mod row;

pub(crate) use connect::connect;

use super::{Answer, Cancel, Driver, Each, Plan, Receiver};
use connect::Deadline;
use error::When;
use orm_core::error::Result;
use orm_core::statement::Parameters;
use row::LentRow;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection, Statement, TransactionState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One connection to an SQLite database.
pub(crate) struct Sqlite {
    connection: Connection,
    deadline: Option<Deadline>,
    /// Whether BEGIN succeeded and neither COMMIT nor ROLLBACK was sent since.
    open: bool,
    /// The temporary tables of cursors that were not closed.
    cursors: Vec<String>,
    /// Whether another thread cancelled what is running.
    cancelled: Arc<AtomicBool>,
}

/// Interrupts a connection.
struct Interrupt {
    handle: rusqlite::InterruptHandle,
    cancelled: Arc<AtomicBool>,
}

impl Cancel for Interrupt {
    fn cancel(&self) -> Result<()> {
        self.cancelled.store(true, Ordering::Relaxed);
        self.handle.interrupt();
        Ok(())
    }
}

impl Sqlite {
    /// Runs what may take long, ended by the statement timeout.
    fn in_time<T>(&self, work: impl FnOnce() -> rusqlite::Result<T>) -> Result<T> {
        self.cancelled.store(false, Ordering::Relaxed);
        if let Some(deadline) = &self.deadline {
            deadline.start();
        }
        let done = work();
        if let Some(deadline) = &self.deadline {
            deadline.stop();
        }
        done.map_err(|failure| error::of_statement(failure, self.when(false)))
    }

    fn when(&self, preparing: bool) -> When {
        let cancelled = self.cancelled.load(Ordering::Relaxed);
        let deadline = self.deadline.as_ref().filter(|_| !cancelled);
        let timeout = deadline.map(Deadline::timeout);
        When { preparing, has_read: self.has_read(), timeout }
    }

    /// Whether a transaction is open that began to read: it can't wait for who writes.
    fn has_read(&self) -> bool {
        let state = self.connection.transaction_state(Some("main"));
        self.open && !matches!(state, Ok(TransactionState::None))
    }

    /// Tells a failure to prepare.
    fn prepared<T>(&self, statement: rusqlite::Result<T>) -> Result<T> {
        statement.map_err(|failure| error::of_statement(failure, self.when(true)))
    }

    /// Lends the rows of a statement whose parameters are bound.
    fn lend(&self, statement: &mut Statement<'_>, receiver: &mut dyn Receiver) -> Result<u64> {
        receiver.columns(&mut statement.column_names());
        let mut rows = statement.raw_query();
        let mut count = 0;
        while let Some(row) = self.in_time(|| rows.next())? {
            receiver.row(&LentRow::new(row))?;
            count += 1;
        }
        Ok(count)
    }
}

impl Driver for Sqlite {
    fn cancel(&self) -> Box<dyn Cancel> {
        let handle = self.connection.get_interrupt_handle();
        Box::new(Interrupt { handle, cancelled: Arc::clone(&self.cancelled) })
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        if sql == "COMMIT" {
            for name in std::mem::take(&mut self.cursors) {
                self.close(&name)?;
            }
        }
        let mut statements = Batch::new(&self.connection, sql);
        while let Some(mut statement) = self.prepared(statements.next())? {
            let mut rows = statement.raw_query();
            while self.in_time(|| rows.next())?.is_some() {}
        }
        if sql.starts_with("BEGIN") {
            self.open = true;
        } else if sql == "COMMIT" || sql == "ROLLBACK" {
            self.open = false;
            self.cursors.clear();
        }
        Ok(())
    }

    fn run(
        &mut self,
        sql: &str,
        parameters: Parameters<'_>,
        (_, answer): (Plan, Answer),
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        let mut statement = self.prepared(self.connection.prepare_cached(sql))?;
        bind::bind(&mut statement, parameters)?;
        if statement.column_count() == 0 {
            return Ok(self.in_time(|| statement.raw_execute())? as u64);
        }
        match answer {
            Answer::Rows | Answer::Either => self.lend(&mut statement, receiver),
            Answer::Count => self.lend(&mut statement, &mut Each(&mut |_| Ok(()))),
        }
    }

    fn declare(&mut self, name: &str, sql: &str, parameters: Parameters<'_>) -> Result<()> {
        let create = format!("CREATE TEMP TABLE {name} AS {sql}");
        let mut statement = self.prepared(self.connection.prepare(&create))?;
        bind::bind(&mut statement, parameters)?;
        self.in_time(|| statement.raw_execute())?;
        drop(statement);
        self.cursors.push(name.to_owned());
        Ok(())
    }

    fn fetch(
        &mut self,
        name: &str,
        passed: u64,
        count: u32,
        receiver: &mut dyn Receiver,
    ) -> Result<u64> {
        let end = passed + u64::from(count);
        let page = format!(
            "SELECT * FROM temp.{name} WHERE rowid > {passed} AND rowid <= {end} ORDER BY rowid"
        );
        let mut statement = self.prepared(self.connection.prepare(&page))?;
        self.lend(&mut statement, receiver)
    }

    fn close(&mut self, name: &str) -> Result<()> {
        self.cursors.retain(|open| open != name);
        self.batch(&format!("DROP TABLE IF EXISTS temp.{name}"))
    }

    fn transaction_failed(&self) -> bool {
        self.transaction_ended()
    }

    fn commit_left_open(&self) -> bool {
        self.open && !self.connection.is_autocommit()
    }

    fn transaction_ended(&self) -> bool {
        self.open && self.connection.is_autocommit()
    }

    fn rolled_back_already(&self) -> bool {
        self.connection.is_autocommit()
    }

    fn last_insert_id(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    fn is_broken(&self) -> bool {
        false
    }

    fn round_trips(&self) -> u64 {
        0
    }
}
