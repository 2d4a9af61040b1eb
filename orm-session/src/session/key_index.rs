//! The index of a model's entries by key.
//!
//! It keeps places only: the key is the entry's own, so that it is kept once and the index of
//! 10,000 objects is 150 KB. What must hold: the key of an entry that is in the index does not change
//! (it is taken out first), and of several entries under one key only the last one put in is found.

use super::identity_map::Entry;
use hashbrown::HashTable;
use hashbrown::hash_table;
use orm_core::model::Chunks;
use orm_core::types::Key;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

#[derive(Default)]
pub(super) struct KeyIndex {
    places: HashTable<Place>,
}

/// A place, and its key's hash: so that growing and most comparisons don't look at the entry.
#[derive(Clone, Copy)]
struct Place {
    slot: u32,
    hash: u32,
}

impl KeyIndex {
    /// The place found by a key.
    #[inline]
    pub fn find(&self, entries: &Chunks<Entry>, key: &Key) -> Option<usize> {
        let hash = hash(key);
        let found = self.places.find(spread(hash), |place| place.is_of(hash, key, entries))?;
        Some(found.slot as usize)
    }

    /// The place found by a key; where there is none, the next place is from now on, and the caller
    /// puts an entry of that key there.
    #[inline]
    pub fn find_or_append(&mut self, entries: &Chunks<Entry>, key: &Key) -> Option<usize> {
        let hash = hash(key);
        match self.entry(hash, key, entries) {
            hash_table::Entry::Occupied(known) => Some(known.get().slot as usize),
            hash_table::Entry::Vacant(free) => {
                free.insert(Place { slot: small(entries.len()), hash });
                None
            }
        }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        self.places.reserve(more, |place| spread(place.hash));
    }

    /// Makes a place be found by the key of its entry, where it has one.
    pub fn insert(&mut self, entries: &Chunks<Entry>, slot: usize) {
        let Some(key) = &entries[slot].key else { return };
        let hash = hash(key);
        let place = Place { slot: small(slot), hash };
        match self.entry(hash, key, entries) {
            hash_table::Entry::Occupied(mut known) => *known.get_mut() = place,
            hash_table::Entry::Vacant(free) => {
                free.insert(place);
            }
        }
    }

    /// Makes a place no longer be found.
    pub fn remove(&mut self, entries: &Chunks<Entry>, slot: usize) {
        let Some(key) = &entries[slot].key else { return };
        let is_it = |place: &Place| place.slot as usize == slot;
        if let Ok(known) = self.places.find_entry(spread(hash(key)), is_it) {
            known.remove();
        }
    }

    fn entry(
        &mut self,
        hash: u32,
        key: &Key,
        entries: &Chunks<Entry>,
    ) -> hash_table::Entry<'_, Place> {
        let is_same = |place: &Place| place.is_of(hash, key, entries);
        self.places.entry(spread(hash), is_same, |place| spread(place.hash))
    }
}

impl Place {
    fn is_of(self, hash: u32, key: &Key, entries: &Chunks<Entry>) -> bool {
        self.hash == hash
            && entries.get(self.slot as usize).is_some_and(|entry| entry.key.as_ref() == Some(key))
    }
}

/// Handles have no more bits for a place either.
pub(super) fn small(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}

#[inline]
fn hash(key: &Key) -> u32 {
    let hash = FxBuildHasher.hash_one(key);
    // the half that is mixed best
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

/// The table looks at the lowest and at the highest bits.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}
