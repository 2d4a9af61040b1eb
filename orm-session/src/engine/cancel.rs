//! Cancelling a statement from another thread.
//!
//! A token is of a session or a connection, not of the server's: it reaches the connection only while
//! that is held, and never somebody else who got it out of the pool afterwards.

use crate::driver::Cancel;
use orm_core::error::Result;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cancels what a session or a connection is running; `Clone + Send + Sync`, for other threads.
#[derive(Clone, Default)]
pub struct CancelToken {
    armed: Arc<Mutex<Option<Box<dyn Cancel>>>>,
}

impl CancelToken {
    /// Cancels the statement that is running; it fails with `Cancelled`, and so does its transaction.
    /// With none running nothing is done. On PostgreSQL the request travels on a connection of its own,
    /// and may come too late.
    ///
    /// # Errors
    /// `ConnectionLost` where the server can't be reached.
    pub fn cancel(&self) -> Result<()> {
        // held until the request is through: the connection can't go to somebody else meanwhile
        match &*self.lock() {
            Some(cancel) => cancel.cancel(),
            None => Ok(()),
        }
    }

    pub(crate) fn arm(&self, cancel: Box<dyn Cancel>) {
        *self.lock() = Some(cancel);
    }

    pub(crate) fn disarm(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<dyn Cancel>>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken").field("armed", &self.lock().is_some()).finish()
    }
}
