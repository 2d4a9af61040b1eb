//! How a session behaves: said once, when it is made.

use super::{LoadMode, Session};

/// How sessions of an engine behave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionOptions {
    /// Queries write pending changes first.
    pub autoflush: bool,
    /// Commit makes every object stale.
    pub expire_on_commit: bool,
    /// What a relationship that is not loaded does.
    pub load_mode: LoadMode,
}

impl Default for SessionOptions {
    fn default() -> SessionOptions {
        SessionOptions { autoflush: true, expire_on_commit: false, load_mode: LoadMode::Lazy }
    }
}

impl Session {
    /// Whether queries write pending changes first; they do unless it is switched off.
    pub fn autoflush(mut self, on: bool) -> Session {
        self.options.autoflush = on;
        self
    }

    /// Whether a commit makes every object stale, so that it is read again when it is asked for by
    /// key or found by a query; off unless it is switched on.
    pub fn expire_on_commit(mut self, on: bool) -> Session {
        self.options.expire_on_commit = on;
        self
    }
}
