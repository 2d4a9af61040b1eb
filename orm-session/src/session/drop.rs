//! What a session tells of itself: how it prints, and what it warns of when it ends.

use super::Session;
use orm_core::error::Error;

impl Drop for Session {
    fn drop(&mut self) {
        let lost = self.work.added.len() + self.work.touched.len() + self.work.deleting.len();
        if (lost > 0 || !self.edits.is_empty()) && self.failed.is_none() {
            tracing::warn!(
                target: "orm::session",
                objects = lost,
                "a session was dropped with changes that were not flushed"
            );
        }
        // the transaction rolls back when it is dropped
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let objects: usize = self.map.models.iter().map(|model| model.entries.len()).sum();
        f.debug_struct("Session")
            .field("objects", &objects)
            .field("in_transaction", &self.transaction.is_some())
            .field("failed", &self.failed.as_ref().map(Error::kind))
            .finish_non_exhaustive()
    }
}
