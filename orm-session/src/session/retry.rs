//! Running a transaction again when the database asks for it.

use super::Session;
use crate::engine::Engine;
use orm_core::error::{Error, ErrorKind, Result};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The first pause lies below this, each next one below twice as much.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// An engine whose transactions are run again, from [`Engine::retry`].
#[derive(Clone, Debug)]
pub struct Retry {
    engine: Engine,
    times: u32,
}

impl Engine {
    /// Transactions that are run again, up to so many times, when they could not be serialized with
    /// others or were chosen to end a deadlock.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// engine.retry(3).transaction(|session| {
    ///     let author = session.get(Author, 1)?.ok_or_else(|| Error::custom("no such author"))?;
    ///     session[author].name.push('!');
    ///     Ok(())
    /// })?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn retry(&self, times: u32) -> Retry {
        Retry { engine: self.clone(), times }
    }
}

impl Retry {
    /// Opens a session, runs the closure in it and commits, as [`Engine::transaction`] does. A
    /// serialization failure or a deadlock, also one told by COMMIT, runs it again on a new session, after
    /// a pause of random length that grows with each time. What the closure does besides the session is
    /// done each time.
    ///
    /// # Errors
    /// Those of the closure and of the database; the last one, once it was run so many times. After
    /// `CommitOutcomeUnknown` it is never run again, for it may have been done.
    pub fn transaction<T>(&self, mut work: impl FnMut(&mut Session) -> Result<T>) -> Result<T> {
        let mut run = 0;
        loop {
            let mut session = self.engine.session();
            let done = work(&mut session).and_then(|value| session.commit().map(|()| value));
            let Err(error) = done else { return done };
            if run == self.times || !asks_for_another(&error, &session) {
                return Err(error);
            }
            // the connection is free while this one waits
            drop(session.rollback());
            drop(session);
            run += 1;
            tracing::debug!(target: "orm::session", run, "a transaction is run again: {error}");
            std::thread::sleep(pause(run));
        }
    }
}

/// Whether the database asks to run the transaction again; an error after the one that ended it says
/// so by its cause.
fn asks_for_another(error: &Error, session: &Session) -> bool {
    let kind = match (&session.failed, error.kind()) {
        (Some(first), ErrorKind::SessionFailed) => first.kind(),
        (_, kind) => kind,
    };
    matches!(kind, ErrorKind::SerializationFailure | ErrorKind::Deadlock)
}

/// Half of the time that doubles with each run, and a random part of the other half: those that
/// collided don't collide again.
fn pause(run: u32) -> Duration {
    let most = FIRST_PAUSE.saturating_mul(1 << (run - 1).min(16)).min(LONGEST_PAUSE);
    let random = RandomState::new().hash_one(run) % 1024;
    most / 2 + (most / 2).mul_f64(f64::from(u32::try_from(random).unwrap_or(0)) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_second_and_differ() {
        for (run, most) in [(1, 10), (2, 20), (4, 80), (20, 1000), (u32::MAX, 1000)] {
            let most = Duration::from_millis(most);
            let pauses: Vec<Duration> = (0..20).map(|_| pause(run)).collect();
            assert!(pauses.iter().all(|&pause| most / 2 <= pause && pause <= most));
            assert!(pauses.iter().any(|&pause| pause != pauses[0]));
        }
    }
}
