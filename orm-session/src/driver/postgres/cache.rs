//! The statements prepared on one connection, found by their text.
//!
//! Bounded: the one used longest ago makes room, and the server is told to forget it. A statement
//! counts as found only if it was prepared for the same parameter types.

use lru::LruCache;
use postgres::Statement;
use postgres::types::Type;
use rustc_hash::FxBuildHasher;
use std::num::NonZeroUsize;

const MOST: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

pub(super) struct Cache {
    statements: LruCache<Box<str>, Prepared, FxBuildHasher>,
}

struct Prepared {
    declared: Vec<Type>,
    statement: Statement,
}

impl Cache {
    pub(super) fn new() -> Cache {
        Cache { statements: LruCache::with_hasher(MOST, FxBuildHasher) }
    }

    /// The statement prepared from this text for these parameter types.
    pub(super) fn find(&mut self, sql: &str, declared: &[Type]) -> Option<Statement> {
        let prepared = self.statements.get(sql)?;
        (prepared.declared == declared).then(|| prepared.statement.clone())
    }

    /// Keeps a statement just prepared.
    pub(super) fn keep(&mut self, sql: &str, declared: &[Type], statement: &Statement) {
        let prepared = Prepared { declared: declared.to_vec(), statement: statement.clone() };
        self.statements.put(sql.into(), prepared);
    }

    /// Drops a statement whose plan no longer holds.
    pub(super) fn forget(&mut self, sql: &str) {
        self.statements.pop(sql);
    }

    /// Drops all statements.
    pub(super) fn forget_all(&mut self) {
        self.statements.clear();
    }

    /// Drops the statements over a cursor that is gone.
    pub(super) fn forget_ending(&mut self, end: &str) {
        let gone: Vec<Box<str>> = self
            .statements
            .iter()
            .filter(|(sql, _)| sql.ends_with(end))
            .map(|(sql, _)| sql.clone())
            .collect();
        for sql in gone {
            self.statements.pop(&sql);
        }
    }
}
