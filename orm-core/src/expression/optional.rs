//! `Author.optional()`: a side of an outer join that may be missing.

use crate::model::Entity;

/// Selects something that may be missing, as `Option`.
#[derive(Clone, Copy, Debug)]
pub struct Optional<T>(pub(crate) T);

/// Makes an entity an optional one: `select((Article, Author.optional())).left_join(Article.author)`.
pub trait IntoOptional: Entity {
    /// As `Option`, where the entity is a side of an outer join that may be missing.
    fn optional(self) -> Optional<Self> {
        Optional(self)
    }
}

impl<E: Entity> IntoOptional for E {}
