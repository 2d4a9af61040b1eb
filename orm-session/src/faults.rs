//! Faults that the proof of the unit of work plants, to see that it finds each of them.
//!
//! The places ask `planted`, which is `false` at compile time unless the feature `planted-faults`
//! is on; with it, until a test plants one for its own thread. No program needs the feature.

/// What can be made to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An edge between rows is dropped from the sort.
    EdgeDropped,
    /// Pairs that were unlinked are sent twice.
    LinkDoubled,
    /// Rollback does not put the copy back.
    SnapshotNotRestored,
    /// A deleted row is not sent.
    DeleteNotSent,
    /// An object lent to be changed is forgotten.
    TouchedForgotten,
    /// An orphan is not deleted.
    OrphanKept,
    /// Fewer rows than objects go unnoticed.
    StaleUnnoticed,
    /// Generated keys are paired in the wrong order.
    KeysMispaired,
    /// Rollback leaves what was added in the identity map.
    AddedKept,
    /// A released savepoint drops its books.
    BooksDropped,
    /// Children that are not loaded are forgotten when their owner is deleted.
    UnloadedForgotten,
    /// A row that another transaction changed does not reach its object.
    RowNotTakenOver,
    /// An update writes all columns.
    AllColumnsWritten,
    /// A child that moves stays in the collection it was in.
    OldOwnerKeeps,
    /// A rollback takes back that an object was expired.
    ExpiredForRollback,
    /// A row is found whatever its version.
    VersionNotCompared,
    /// The object keeps the version that its row had.
    VersionNotTold,
    /// A value that is merged leaves references as they are.
    MergedWithoutReferences,
    /// Objects that are not in a merged collection stay in that of the session.
    MergedMembersStay,
    /// What is taken keeps the key that its row had.
    TakenWithKey,
    /// What pointed to an object whose row was taken over still does.
    PointedToOld,
    /// The value of an expression does not come back.
    ExpressionNotTold,
    /// Queries write first although they are not to.
    FlushedQuietly,
    /// A set-based update is not told to objects.
    UpdateNotTold,
    /// A set-based deletion is not told to objects.
    DeletionNotTold,
    /// The commit of a session on a connection undoes.
    JoinedUndone,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 26] = [
        Fault::EdgeDropped,
        Fault::LinkDoubled,
        Fault::SnapshotNotRestored,
        Fault::DeleteNotSent,
        Fault::TouchedForgotten,
        Fault::OrphanKept,
        Fault::StaleUnnoticed,
        Fault::KeysMispaired,
        Fault::AddedKept,
        Fault::BooksDropped,
        Fault::UnloadedForgotten,
        Fault::RowNotTakenOver,
        Fault::AllColumnsWritten,
        Fault::OldOwnerKeeps,
        Fault::ExpiredForRollback,
        Fault::VersionNotCompared,
        Fault::VersionNotTold,
        Fault::MergedWithoutReferences,
        Fault::MergedMembersStay,
        Fault::TakenWithKey,
        Fault::PointedToOld,
        Fault::ExpressionNotTold,
        Fault::FlushedQuietly,
        Fault::UpdateNotTold,
        Fault::DeletionNotTold,
        Fault::JoinedUndone,
    ];
}

#[cfg(feature = "planted-faults")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Fault>> = const { std::cell::Cell::new(None) };
}

/// Plants a fault for this thread, or takes it out.
#[cfg(feature = "planted-faults")]
pub fn plant(fault: Option<Fault>) {
    PLANTED.set(fault);
}

/// Whether a fault is planted.
#[cfg(feature = "planted-faults")]
pub(crate) fn planted(fault: Fault) -> bool {
    PLANTED.get() == Some(fault)
}

/// Whether a fault is planted: never.
#[cfg(not(feature = "planted-faults"))]
#[inline]
pub(crate) const fn planted(_: Fault) -> bool {
    false
}
