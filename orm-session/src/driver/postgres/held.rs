//! The client, held so that an async runtime around the caller does no harm.
//!
//! The blocking client drives a runtime of its own, which panics inside another one. Dropping it
//! there happens on a thread of its own; calling it there is an error that names the way out.

use super::client::Client;
use super::error::Refusal;
use crate::driver::runtime;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Why a call failed: the client's error, or it could not be made at all.
pub(super) enum Failure {
    Client(tokio_postgres::Error),
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
        call: impl FnOnce(&mut Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        let Some(client) = &mut self.0 else { return Err(Failure::Refused(Refusal::Closed)) };
        if !runtime::is_entered() {
            return call(client).map_err(Failure::Client);
        }
        match catch_unwind(AssertUnwindSafe(|| call(client))) {
            Ok(answer) => answer.map_err(Failure::Client),
            // what the caller does with a row panicked, not our runtime
            Err(panic) if client.has_begun() => resume_unwind(panic),
            Err(_) => Err(Failure::Refused(Refusal::InsideRuntime)),
        }
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
