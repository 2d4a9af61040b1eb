//! What holds for each mention of a table: conditions that no statement says, and every statement that
//! reads or writes the table is under. Criteria are such conditions.
//!
//! 1. A table in FROM, UPDATE or DELETE has them in WHERE, one that is joined in ON: a LEFT JOIN keeps
//!    its rows. A SELECT in FROM has them inside.
//! 2. They see the mention and nothing else of the statement, whatever it names.
//! 3. Inside a criterion no criteria hold: it says all that it means.

use super::{SqlWriter, scope};
use crate::error::Result;
use crate::statement::{Criterion, Node, Source};

/// A condition that holds for a mention of a table.
pub(super) struct Held {
    /// The mention.
    pub source: Source,
    /// The condition.
    pub condition: Node,
}

/// What holds for a mention of a table.
///
/// # Errors
/// `InvalidStatement` for a criterion that can't hold for the table alone.
pub(super) fn held(writer: &SqlWriter<'_>, source: Source) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    if !writer.criteria.is_empty() {
        for criterion in writer.criteria.of(source.model) {
            check(criterion)?;
            held.push(Held { source, condition: (criterion.condition)(source) });
        }
    }
    Ok(held)
}

/// Checks a criterion as it is under an alias, which shows what is not of its closure's argument.
///
/// # Errors
/// `InvalidStatement` for one that can't hold for its table alone.
pub(super) fn check(criterion: &Criterion) -> Result<()> {
    let mention = Source::named(criterion.model, Some("mention"));
    scope::check_criterion(criterion.name, mention, &(criterion.condition)(mention))
}

/// What holds for several mentions.
pub(super) fn held_for_all<'s>(
    writer: &SqlWriter<'_>,
    sources: impl IntoIterator<Item = &'s Source>,
) -> Result<Vec<Held>> {
    let mut all = Vec::new();
    for source in sources {
        all.append(&mut held(writer, *source)?);
    }
    Ok(all)
}
