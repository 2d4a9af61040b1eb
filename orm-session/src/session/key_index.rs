//! The index of a model's entries by key.
//!
//! It keeps places only: the key is the entry's own, so that it is kept once and the index of
//! 10,000 objects is 80 KB. What must hold: the key of an entry that is in the index does not change
//! (it is taken out first), and of several entries under one key only the last one put in is found.

use super::identity_map::Entry;
use hashbrown::HashTable;
use hashbrown::hash_table;
use orm_core::types::Key;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

#[derive(Default)]
pub(super) struct KeyIndex {
    slots: HashTable<u32>,
}

impl KeyIndex {
    /// The place found by a key.
    #[inline]
    pub fn find(&self, entries: &[Entry], key: &Key) -> Option<usize> {
        let found = self.slots.find(hash(key), |&slot| key_of(entries, slot) == Some(key))?;
        Some(*found as usize)
    }

    /// The place found by a key; where there is none, the next place is from now on, and the caller
    /// puts an entry of that key there.
    #[inline]
    pub fn find_or_append(&mut self, entries: &[Entry], key: &Key) -> Option<usize> {
        let is_same = |&other: &u32| key_of(entries, other) == Some(key);
        match self.slots.entry(hash(key), is_same, |&other| hash_of(entries, other)) {
            hash_table::Entry::Occupied(known) => Some(*known.get() as usize),
            hash_table::Entry::Vacant(free) => {
                free.insert(small(entries.len()));
                None
            }
        }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, entries: &[Entry], more: usize) {
        self.slots.reserve(more, |&other| hash_of(entries, other));
    }

    /// Makes a place be found by the key of its entry, where it has one.
    pub fn insert(&mut self, entries: &[Entry], slot: usize) {
        let Some(key) = &entries[slot].key else { return };
        let is_same = |&other: &u32| key_of(entries, other) == Some(key);
        match self.slots.entry(hash(key), is_same, |&other| hash_of(entries, other)) {
            hash_table::Entry::Occupied(mut known) => *known.get_mut() = small(slot),
            hash_table::Entry::Vacant(free) => {
                free.insert(small(slot));
            }
        }
    }

    /// Makes a place no longer be found.
    pub fn remove(&mut self, entries: &[Entry], slot: usize) {
        let Some(key) = &entries[slot].key else { return };
        if let Ok(known) = self.slots.find_entry(hash(key), |&known| known as usize == slot) {
            known.remove();
        }
    }
}

fn key_of(entries: &[Entry], slot: u32) -> Option<&Key> {
    entries.get(slot as usize)?.key.as_ref()
}

fn hash_of(entries: &[Entry], slot: u32) -> u64 {
    key_of(entries, slot).map_or(0, hash)
}

/// Handles have no more bits for a place either.
pub(super) fn small(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}

#[inline]
fn hash(key: &Key) -> u64 {
    FxBuildHasher.hash_one(key)
}
