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

    /// Runs a closure in which queries don't write pending changes first: they see what the database
    /// has. Afterwards it is as before.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// session.add(Tag::new("new"));
    /// assert_eq!(session.no_autoflush(|session| session.query(Tag).count())?, 2);
    /// assert_eq!(session.query(Tag).count()?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn no_autoflush<T>(&mut self, work: impl FnOnce(&mut Session) -> T) -> T {
        let before = self.options.autoflush;
        let restored = Restored { session: self, before };
        restored.session.options.autoflush = false;
        work(&mut *restored.session)
    }

    /// Whether a commit makes every object stale, so that it is read again when it is asked for by
    /// key or found by a query; off unless it is switched on.
    pub fn expire_on_commit(mut self, on: bool) -> Session {
        self.options.expire_on_commit = on;
        self
    }
}

/// A session whose autoflush is put back at the end, also where a closure panics.
struct Restored<'a> {
    session: &'a mut Session,
    before: bool,
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        self.session.options.autoflush = self.before;
    }
}
