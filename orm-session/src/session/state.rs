//! The states of an object in a session.

use std::fmt;

/// Where an object is on its way between the program and the database.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Added; no row yet.
    Pending,
    /// It has a row, which was read or written in this session.
    Persistent,
    /// It has a row; its values are the last known ones and are read again when it is asked for.
    Stale,
    /// `delete` was called; the row goes with the next flush.
    ToBeDeleted,
    /// Its row was deleted in the transaction under way.
    Deleted,
    /// It is no longer in the session.
    Gone(Gone),
}

/// Why an object is no longer in its session.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gone {
    /// Its deletion was committed, or its row was found to be gone.
    Deleted,
    /// It was added in a transaction that was rolled back; `take` gives the value back.
    RolledBack,
    /// It was pending and `delete` was called.
    Discarded,
    /// `expunge` took it out.
    Expunged,
    /// `clear` took everything out.
    Cleared,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Pending => "pending",
            State::Persistent => "persistent",
            State::Stale => "stale",
            State::ToBeDeleted => "to be deleted",
            State::Deleted => "deleted",
            State::Gone(Gone::Deleted) => "gone: its row was deleted",
            State::Gone(Gone::RolledBack) => {
                "gone: the transaction it was added in was rolled back"
            }
            State::Gone(Gone::Discarded) => "gone: it was deleted before it was flushed",
            State::Gone(Gone::Expunged) => "gone: it was expunged from the session",
            State::Gone(Gone::Cleared) => "gone: the session was cleared",
        })
    }
}
