//! Which objects a flush is about: pending ones, candidates for an update, those to delete.
//!
//! A pending object under a key that another object of the session has is an error here, before
//! any SQL. Where that one is deleted in the same flush, the new one takes over its row: both are
//! *switched*, and neither is inserted or deleted.

use super::super::identity_map::{EntryState, IdentityMap, ObjectId};
use super::super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::types::Key;
use rustc_hash::{FxHashMap, FxHashSet};

/// What has happened in a session since its last flush, in the order it happened.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Objects added.
    pub added: Vec<ObjectId>,
    /// Objects lent to be changed.
    pub touched: Vec<ObjectId>,
    /// Objects that `delete` was called for.
    pub deleting: Vec<ObjectId>,
    /// Objects to be deleted of which the database deletes or changes other rows by itself.
    pub acted_on: FxHashSet<ObjectId>,
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
    /// New objects with the deleted ones whose rows they take over.
    pub switched: Vec<(ObjectId, ObjectId)>,
}

pub(super) fn collect(map: &IdentityMap, work: &Work) -> Result<Collected> {
    let in_state = |ids: &[ObjectId], wanted: &[State]| -> Vec<ObjectId> {
        let mut found = Vec::with_capacity(ids.len());
        found.extend(ids.iter().copied().filter(|&id| wanted.contains(&map.state(id))));
        found
    };
    let mut inserts = in_state(&work.added, &[State::Pending]);
    let mut deletes = in_state(&work.deleting, &[State::ToBeDeleted]);
    check_keys(map, &inserts)?;
    check_references(map, &inserts)?;
    let switched: Vec<(ObjectId, ObjectId)> =
        inserts.iter().filter_map(|&id| Some((id, replaced(map, id, work)?))).collect();
    if !switched.is_empty() {
        let (new, old): (FxHashSet<ObjectId>, FxHashSet<ObjectId>) =
            switched.iter().copied().unzip();
        inserts.retain(|id| !new.contains(id));
        deletes.retain(|id| !old.contains(id));
    }
    let candidates = in_state(&work.touched, &[State::Persistent, State::Stale]);
    let written = work.added.iter().chain(&work.touched).copied();
    written.filter(|&id| map.is_alive(id)).try_for_each(|id| check_targets(map, id))?;
    Ok(Collected { inserts, candidates, deletes, switched })
}

/// The object to be deleted whose row a pending one takes over.
fn replaced(map: &IdentityMap, id: ObjectId, work: &Work) -> Option<ObjectId> {
    if work.deleting.is_empty() {
        return None;
    }
    let old = map.by_key(id.model, &map.object(id)?.key()?)?;
    let deleted = map.entry(old).state == EntryState::Known(State::ToBeDeleted);
    (deleted && map.object(old).is_some() && !work.acted_on.contains(&old)).then_some(old)
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
            .filter(|&other| occupies(map, other, &key))
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

/// No reference to an object that went out while it was settled what is deleted.
fn check_targets(map: &IdentityMap, id: ObjectId) -> Result<()> {
    for &(field, _) in &map.models[id.model].references {
        let Some(target) = map.pointed_at(id, field) else { continue };
        if let state @ State::Gone(_) = map.state(target) {
            let meta = map.models[id.model].meta;
            return Err(Error::new(
                ErrorKind::InvalidState,
                format!(
                    "`{}.{}` of {} points to {}, which is {state}; point it to another object",
                    meta.name,
                    meta.fields[field].name,
                    map.describe(id),
                    map.describe(target),
                ),
            ));
        }
    }
    Ok(())
}

/// Whether an object has a key and keeps it.
fn occupies(map: &IdentityMap, id: ObjectId, key: &Key) -> bool {
    let has_row =
        matches!(map.entry(id).state, EntryState::Known(State::Persistent | State::Stale));
    has_row && map.object(id).and_then(<dyn Object>::key).is_none_or(|now| now == *key)
}
