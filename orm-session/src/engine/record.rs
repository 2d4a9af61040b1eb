//! What an engine has sent: counters always, the SQL texts while somebody listens.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The SQL texts sent by an engine since [`Engine::record`](super::Engine::record), values left out.
#[derive(Debug)]
pub struct StatementLog {
    texts: Arc<Mutex<Vec<String>>>,
    _listening: Listening,
}

impl StatementLog {
    /// The texts sent since the log was opened or last taken.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.texts))
    }

    /// How many statements were sent since the log was opened or last taken.
    pub fn len(&self) -> usize {
        lock(&self.texts).len()
    }

    /// Whether nothing was sent since the log was opened or last taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What an engine has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Statements sent, BEGIN, COMMIT and SAVEPOINT included.
    pub statements: u64,
    /// Messages sent to a server and waited for; preparing a statement is one more.
    pub round_trips: u64,
    /// Connections opened.
    pub connects: u64,
}

type Texts = Mutex<Vec<String>>;

/// The counters and the open logs of an engine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    statements: AtomicU64,
    round_trips: AtomicU64,
    connects: AtomicU64,
    listeners: Arc<AtomicUsize>,
    logs: Mutex<Vec<Weak<Texts>>>,
}

/// Counts a listener as long as its log lives.
#[derive(Debug)]
struct Listening(Arc<AtomicUsize>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Records {
    pub(crate) fn open(&self) -> StatementLog {
        let texts = Arc::new(Texts::default());
        let mut logs = lock(&self.0.logs);
        logs.retain(|log| log.strong_count() > 0);
        logs.push(Arc::downgrade(&texts));
        self.0.listeners.fetch_add(1, Ordering::Relaxed);
        StatementLog { texts, _listening: Listening(Arc::clone(&self.0.listeners)) }
    }

    pub(crate) fn statement(&self, sql: &str) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        if self.0.listeners.load(Ordering::Relaxed) > 0 {
            for log in lock(&self.0.logs).iter().filter_map(Weak::upgrade) {
                lock(&log).push(sql.to_owned());
            }
        }
    }

    pub(crate) fn round_trips(&self, count: u64) {
        self.0.round_trips.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn connect(&self) {
        self.0.connects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn statistics(&self) -> Statistics {
        Statistics {
            statements: self.0.statements.load(Ordering::Relaxed),
            round_trips: self.0.round_trips.load(Ordering::Relaxed),
            connects: self.0.connects.load(Ordering::Relaxed),
        }
    }
}

/// A list is whole after each push, also where a thread panicked.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
