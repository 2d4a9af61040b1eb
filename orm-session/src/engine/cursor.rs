//! Reading a large result page by page while the transaction goes on with other statements.
//!
//! PostgreSQL has cursors: `DECLARE … NO SCROLL CURSOR FOR …`, then a prepared `FETCH FORWARD n`.
//! SQLite writes the result to a temporary table and reads that by row number. Both hold one page
//! in memory, and several cursors may alternate.

use super::transaction::{Cursor, Transaction};
use crate::driver::Each;
use orm_core::error::Result;
use orm_core::statement::Parameters;
use orm_core::types::Row;

impl Transaction {
    /// Opens a cursor over a query.
    pub fn declare(&mut self, sql: &str, parameters: Parameters<'_>) -> Result<Cursor> {
        self.cursors += 1;
        let name = format!("orm_cursor_{}", self.cursors);
        let shown = format!("DECLARE {name} NO SCROLL CURSOR FOR {sql}");
        self.say(&shown, parameters);
        self.run(&shown, |driver| driver.declare(&name, sql, parameters))?;
        Ok(Cursor { name, passed: 0 })
    }

    /// Lends the next `count` rows, fewer at the end; returns their number.
    pub fn fetch(
        &mut self,
        cursor: &mut Cursor,
        count: u32,
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<u64> {
        let shown = format!("FETCH FORWARD {count} FROM {}", cursor.name);
        self.say(&shown, Parameters::NONE);
        let Cursor { name, passed } = &*cursor;
        let lent =
            self.run(&shown, |driver| driver.fetch(name, *passed, count, &mut Each(each)))?;
        cursor.passed += lent;
        Ok(lent)
    }

    /// Ends a cursor before its transaction ends.
    pub fn close_cursor(&mut self, cursor: &Cursor) -> Result<()> {
        let shown = format!("CLOSE {}", cursor.name);
        self.say(&shown, Parameters::NONE);
        self.run(&shown, |driver| driver.close(&cursor.name))
    }
}
