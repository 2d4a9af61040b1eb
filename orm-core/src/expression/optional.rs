//! `Author.optional()`: a side of an outer join that may be missing.

/// Selects something that may be missing, as `Option`.
#[derive(Clone, Copy, Debug)]
pub struct Optional<T>(pub(crate) T);
