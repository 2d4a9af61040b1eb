//! Which objects a flush is about: pending ones, candidates for an update, those to delete.
//!
//! A pending object under a key that another object of the session has is an error here, before
//! any SQL.

use super::super::identity_map::{EntryState, IdentityMap, ObjectId};
use super::super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// What has happened in a session since its last flush, in the order it happened.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Objects added.
    pub added: Vec<ObjectId>,
    /// Objects lent to be changed.
    pub touched: Vec<ObjectId>,
    /// Objects that `delete` was called for.
    pub deleting: Vec<ObjectId>,
    /// Whether the database deletes or changes rows of objects in memory by itself.
    pub by_database: bool,
    /// Objects whose relationships may have been changed since both sides were last held together.
    pub unsettled: Vec<ObjectId>,
}

impl Work {
    /// Whether there can be nothing to flush.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.touched.is_empty() && self.deleting.is_empty()
    }
}

/// The objects of a flush.
pub(super) struct Collected {
    pub inserts: Vec<ObjectId>,
    pub candidates: Vec<ObjectId>,
    pub deletes: Vec<ObjectId>,
}

pub(super) fn collect(map: &IdentityMap, work: &Work) -> Result<Collected> {
    let in_state = |ids: &[ObjectId], wanted: &[State]| -> Vec<ObjectId> {
        let mut found = Vec::with_capacity(ids.len());
        found.extend(ids.iter().copied().filter(|&id| wanted.contains(&map.state(id))));
        found
    };
    let inserts = in_state(&work.added, &[State::Pending]);
    check_keys(map, &inserts)?;
    check_references(map, &inserts)?;
    Ok(Collected {
        inserts,
        candidates: in_state(&work.touched, &[State::Persistent, State::Stale]),
        deletes: in_state(&work.deleting, &[State::ToBeDeleted]),
    })
}

/// No two objects under one key.
fn check_keys(map: &IdentityMap, inserts: &[ObjectId]) -> Result<()> {
    let mut pending: FxHashMap<(usize, Key), ObjectId> = FxHashMap::default();
    for &id in inserts {
        let Some(key) = map.object(id).and_then(<dyn orm_core::model::Object + 'static>::key)
        else {
            continue;
        };
        let same = map
            .by_key(id.model, &key)
            .filter(|&other| occupies(map.entry(other).state))
            .or_else(|| pending.insert((id.model, key), id));
        if let Some(other) = same {
            return Err(Error::new(
                ErrorKind::InvalidState,
                format!(
                    "{} was added under the key of {}, which the session has already; change that \
                     one, or delete it and flush first",
                    map.describe(id),
                    map.describe(other)
                ),
            ));
        }
    }
    Ok(())
}

/// No new object with a reference that nothing set.
fn check_references(map: &IdentityMap, inserts: &[ObjectId]) -> Result<()> {
    for &id in inserts {
        let model = &map.models[id.model];
        if model.references.is_empty() {
            continue;
        }
        let Some(object) = map.object(id) else { continue };
        for &(field, _) in &model.references {
            let unset = object
                .field(field)
                .reference()
                .is_some_and(|value| value.key().is_none() && value.handle().is_none());
            if unset {
                return Err(Error::new(
                    ErrorKind::InvalidState,
                    format!(
                        "`{}.{}` of {} is unset; point it to an object, or put it into the \
                         collection of one",
                        model.meta.name,
                        model.meta.fields[field].name,
                        map.describe(id)
                    ),
                ));
            }
        }
    }
    Ok(())
}

fn occupies(state: EntryState) -> bool {
    match state {
        EntryState::Reserved => false,
        EntryState::Known(state) => {
            matches!(state, State::Persistent | State::Stale | State::ToBeDeleted)
        }
    }
}
