//! The client, held so that an async runtime around the caller does no harm.
//!
//! The blocking client drives a runtime of its own, which panics inside another one. Dropping it
//! there happens on a thread of its own; calling it there is an error that names the way out.

use super::error::Refusal;
use crate::driver::{Answer, runtime};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Row};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call failed: the client's error, or it could not be made at all.
pub(super) enum Failure {
    Client(postgres::Error),
    Refused(Refusal),
}

pub(super) struct Held(Option<Client>);

impl Held {
    pub(super) fn new(client: Client) -> Held {
        Held(Some(client))
    }

    /// Calls the client; inside an async runtime a panic of its runtime becomes a failure.
    pub(super) fn call<T>(
        &mut self,
        call: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, Failure> {
        let Some(client) = &mut self.0 else { return Err(Failure::Refused(Refusal::Closed)) };
        if !runtime::is_entered() {
            return call(client).map_err(Failure::Client);
        }
        match catch_unwind(AssertUnwindSafe(|| call(client))) {
            Ok(answer) => answer.map_err(Failure::Client),
            Err(_) => Err(Failure::Refused(Refusal::InsideRuntime)),
        }
    }

    pub(super) fn cancel_token(&self) -> Option<postgres::CancelToken> {
        self.0.as_ref().map(Client::cancel_token)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.as_ref().is_none_or(Client::is_closed)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            runtime::outside(move || drop(client));
        }
    }
}

/// One unnamed statement: its rows, or the number of rows it changed.
pub(super) fn query_once(
    client: &mut Client,
    sql: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
    answer: Answer,
) -> Result<(Vec<Row>, u64), postgres::Error> {
    match answer {
        Answer::Rows => {
            let rows = client.query_typed(sql, parameters)?;
            let count = rows.len() as u64;
            return Ok((rows, count));
        }
        Answer::Count => return client.execute_typed(sql, parameters).map(|n| (Vec::new(), n)),
        Answer::Either => {}
    }
    // the iterator waits per row; it is the only call that tells both rows and the count
    let mut answer =
        client.query_typed_raw(sql, parameters.iter().map(|(value, ty)| (*value, ty.clone())))?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next()? {
        rows.push(row);
    }
    let changed = answer.rows_affected().unwrap_or(rows.len() as u64);
    Ok((rows, changed))
}
