//! Cancelling a statement: a request on a connection of its own.

use crate::driver::{Cancel, PostgresTarget, runtime};
use orm_core::error::{Error, ErrorKind, Result};
use postgres::CancelToken;
use std::sync::{Arc, Mutex, PoisonError};

/// A way to the server, and the secret by which it knows the connection.
pub(super) struct Request {
    token: Option<CancelToken>,
    target: Arc<PostgresTarget>,
}

impl Request {
    pub(super) fn new(token: Option<CancelToken>, target: Arc<PostgresTarget>) -> Request {
        Request { token, target }
    }

    #[cfg(feature = "tls")]
    fn send(token: &CancelToken, target: &PostgresTarget) -> Result<()> {
        match super::tls::connector(target)? {
            Some(connector) => told(token.cancel_query(connector)),
            None => told(token.cancel_query(postgres::NoTls)),
        }
    }

    #[cfg(not(feature = "tls"))]
    fn send(token: &CancelToken, _: &PostgresTarget) -> Result<()> {
        told(token.cancel_query(postgres::NoTls))
    }
}

impl Cancel for Request {
    fn cancel(&self) -> Result<()> {
        let Some(token) = &self.token else { return Ok(()) };
        let done = Mutex::new(Ok(()));
        // the client drives a runtime of its own
        runtime::outside(|| {
            *done.lock().unwrap_or_else(PoisonError::into_inner) =
                Request::send(token, &self.target);
        });
        done.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of a request.
fn told(sent: Result<(), postgres::Error>) -> Result<()> {
    sent.map_err(|error| {
        Error::new(
            ErrorKind::ConnectionLost,
            "the request to cancel a statement did not reach the server",
        )
        .with_source(error)
    })
}
