//! What rollback puts back: the books of a transaction and of its savepoints.
//!
//! Rules:
//! 1. A scope begins right after the last commit or rollback, or with its savepoint.
//! 2. The first change to an object's known row inside a scope leaves a record of what it was; the
//!    copy made for the flush is moved here, not made again.
//! 3. Rollback of a scope: changes not flushed are undone, then the records are put back; objects
//!    added inside are gone; objects first loaded inside are stale.
//! 4. Objects whose rows were gone when they were written are stale: what is kept of them is old.
//! 5. Collections and deferred columns read inside are not loaded any more, whatever is rolled back later:
//!    rows in collections may be gone, values undone, and what collections held before was not kept.
//! 6. A released savepoint hands its records to its parent, which keeps the older one of two.
//! 7. What is expired is stale in all records: what was known before is older still.

use super::identity_map::{EntryState, IdentityMap, ObjectId};
use super::key_index::small;
use super::state::{Gone, State};
use crate::faults::{Fault, planted};
use orm_core::model::{Object, Place};
use orm_core::schema::FieldSpec;
use orm_core::types::Key;
use std::sync::Weak;

/// A transaction or a savepoint.
pub(crate) struct Scope {
    /// Grows with every scope of the session.
    pub serial: u32,
    before: Vec<Before>,
    /// Objects added inside.
    pub added: Vec<ObjectId>,
    /// Its savepoint; none of the transaction.
    pub savepoint: Option<Mark>,
    /// Collections and deferred columns read inside: what was read of them is not so after a rollback.
    pub read: Vec<(ObjectId, usize)>,
}

/// The savepoint of a scope.
pub(crate) struct Mark {
    pub name: String,
    /// What lives as long as its guard; none for the savepoint of a closure.
    pub guard: Option<Weak<()>>,
}

impl Mark {
    pub fn is_of_closure(&self) -> bool {
        self.guard.is_none()
    }

    /// Whether its guard was dropped.
    pub fn is_abandoned(&self) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.strong_count() == 0)
    }
}

/// What an object was when the scope began.
struct Before {
    id: ObjectId,
    state: EntryState,
    key: Option<Key>,
    read_in: u32,
    generated: u64,
    /// The value, where it changed since.
    value: Option<Box<dyn Object>>,
    /// Where an outer scope keeps an older record.
    recorded_in: u32,
    recorded_at: u32,
}

impl Scope {
    pub fn new(serial: u32) -> Scope {
        Scope { serial, before: Vec::new(), added: Vec::new(), savepoint: None, read: Vec::new() }
    }

    /// Keeps what an object is now, unless this scope has kept it already; `value` is what its row
    /// was known to hold, where that is about to change.
    pub fn record(&mut self, map: &mut IdentityMap, id: ObjectId, value: Option<Box<dyn Object>>) {
        let position = small(self.before.len());
        let serial = self.serial;
        let entry = map.entry_mut(id);
        if entry.recorded_in == serial {
            let kept = &mut self.before[entry.recorded_at as usize].value;
            if kept.is_none() {
                *kept = value;
            }
            return;
        }
        if entry.born >= serial && entry.state == EntryState::Known(State::Pending) {
            return; // added inside: rollback takes it out whatever it was
        }
        self.before.push(Before {
            id,
            state: entry.state,
            key: entry.key.clone(),
            read_in: entry.read_in,
            generated: entry.generated,
            value,
            recorded_in: std::mem::replace(&mut entry.recorded_in, serial),
            recorded_at: std::mem::replace(&mut entry.recorded_at, position),
        });
    }

    /// Forgets everything: the objects were taken out of the session.
    pub fn clear(&mut self) {
        self.before.clear();
        self.added.clear();
        self.read.clear();
    }

    /// What was known of an object is old, also in what rollbacks of these scopes put back.
    pub fn expire(scopes: &mut [Scope], map: &IdentityMap, id: ObjectId) {
        for before in records(scopes, map, id) {
            if before.state == EntryState::Known(State::Persistent) {
                before.state = EntryState::Known(State::Stale);
            }
            let Some(value) = &mut before.value else { continue };
            let fields = if value.meta().has_collections() { value.meta().fields.len() } else { 0 };
            for field in 0..fields {
                if let Some(collection) = value.field_mut(field).collection_mut() {
                    collection.set_handles(&[], false);
                }
            }
        }
    }

    /// The values that rollbacks of these scopes put back into an object, to change them.
    pub fn values<'a>(
        scopes: &'a mut [Scope],
        map: &IdentityMap,
        id: ObjectId,
    ) -> impl Iterator<Item = &'a mut Box<dyn Object>> {
        records(scopes, map, id).into_iter().filter_map(|before| before.value.as_mut())
    }

    /// The objects whose rows were deleted inside.
    pub fn deleted(&self, map: &IdentityMap) -> Vec<ObjectId> {
        let recorded = self.before.iter().map(|before| before.id).chain(self.added.iter().copied());
        recorded.filter(|&id| map.state(id) == State::Deleted).collect()
    }

    /// Puts everything back as it was when the scope began. Changes not flushed are undone by the
    /// caller first. Hands out the values of the objects that are gone.
    pub fn roll_back(
        mut self,
        map: &mut IdentityMap,
        outer: &mut [Scope],
    ) -> Vec<(ObjectId, Box<dyn Object>)> {
        for before in self.before.drain(..).rev() {
            let Before { id, state, key, read_in, generated, value, recorded_in, recorded_at } =
                before;
            if map.state(id) == State::Gone(Gone::Expunged) {
                continue;
            }
            map.set_key(id, key);
            if let Some(value) = value.filter(|_| !planted(Fault::SnapshotNotRestored)) {
                map.put(id, value);
            }
            let entry = map.entry_mut(id);
            entry.state = state;
            entry.read_in = read_in;
            entry.generated = generated;
            entry.recorded_in = recorded_in;
            entry.recorded_at = recorded_at;
        }
        for map in &mut map.models {
            for entry in map.entries.iter_mut() {
                let loaded = entry.state == EntryState::Known(State::Persistent);
                if loaded && entry.born >= self.serial {
                    entry.state = EntryState::Known(State::Stale);
                }
            }
        }
        for id in map.doubted.clone() {
            if map.entry(id).state == EntryState::Known(State::Persistent) {
                map.set_state(id, State::Stale);
            }
        }
        for (id, field) in self.read {
            let model = map.models[id.model].meta;
            let place = Place { model, field };
            let collection = matches!(model.fields[field].spec, FieldSpec::Collection { .. });
            if collection {
                let kept = Scope::values(outer, map, id);
                kept.for_each(|kept| kept.field_mut(field).unload(place));
            } else if map.state(id) == State::Pending {
                continue; // it has no row any more: what it holds is all there is
            }
            if let Some(object) = map.object_mut(id) {
                object.field_mut(field).unload(place);
            }
        }
        let mut gone = Vec::new();
        for id in self.added {
            if matches!(map.state(id), State::Gone(_)) || planted(Fault::AddedKept) {
                continue;
            }
            if let Some(value) = map.remove(id, Gone::RolledBack) {
                gone.push((id, value));
            }
        }
        gone
    }

    /// Hands the books of a released savepoint to its parent.
    pub fn release(mut self, map: &mut IdentityMap, parent: &mut Scope) {
        if planted(Fault::BooksDropped) {
            return;
        }
        for before in self.before.drain(..) {
            let entry = map.entry_mut(before.id);
            if before.recorded_in == parent.serial {
                entry.recorded_in = before.recorded_in;
                entry.recorded_at = before.recorded_at;
                let kept = &mut parent.before[before.recorded_at as usize].value;
                if kept.is_none() {
                    *kept = before.value;
                }
                continue;
            }
            entry.recorded_in = parent.serial;
            entry.recorded_at = small(parent.before.len());
            parent.before.push(before);
        }
        parent.added.append(&mut self.added);
        parent.read.append(&mut self.read);
    }
}

/// The records of an object, from the innermost scope out.
fn records<'a>(scopes: &'a mut [Scope], map: &IdentityMap, id: ObjectId) -> Vec<&'a mut Before> {
    let entry = map.entry(id);
    let (mut serial, mut at) = (entry.recorded_in, entry.recorded_at);
    let mut found = Vec::new();
    for scope in scopes.iter_mut().rev().filter(|scope| !scope.before.is_empty()) {
        if scope.serial != serial {
            continue;
        }
        let Some(before) = scope.before.get_mut(at as usize) else { break };
        (serial, at) = (before.recorded_in, before.recorded_at);
        found.push(before);
    }
    found
}
