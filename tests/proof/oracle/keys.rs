//! Keys that objects are given: one key is of one row, and one that is deleted and added in a flush stays.

use super::{Mark, Object, Oracle, Row, Stage, Tables, Why};
use crate::kinds::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// New objects with the deleted ones whose rows they take over.
pub type Switched = BTreeMap<Mark, Mark>;

/// The keys that pending objects were given.
pub type Under = BTreeSet<(Kind, i64)>;

impl Oracle {
    /// Adds an object under a key.
    pub fn add_under(&mut self, mark: Mark, key: i64, row: Row) {
        self.add(mark, row);
        self.object(mark).given = Some(key);
    }

    /// The object or row under the key that another one has or had.
    pub fn now_under_key_of(&self, mark: Mark) -> Mark {
        let Some(&key) = self.keys.get(&mark) else { return mark };
        let object = self.objects.get(&mark).map(|it| it.now.kind);
        let Some(kind) = object.or(self.tables.rows.get(&mark).map(|row| row.kind)) else {
            return mark;
        };
        let alike = self.marks_under(kind, key);
        let has_row = |it: &Mark| self.stage(*it).is_some_and(Stage::has_row);
        let alone = |it: &Mark| self.tables.rows.contains_key(it) && self.stage(*it).is_none();
        let now = alike.iter().copied().find(has_row).or(alike.iter().copied().find(alone));
        now.unwrap_or(mark)
    }

    /// What has or had a key.
    pub fn marks_under(&self, kind: Kind, key: i64) -> Vec<Mark> {
        let of_kind = |mark: &Mark| {
            self.objects.get(mark).is_some_and(|it| it.now.kind == kind)
                || self.tables.rows.get(mark).is_some_and(|it| it.kind == kind)
        };
        let same = self.keys.iter().filter(|&(mark, &other)| other == key && of_kind(mark));
        same.map(|(&mark, _)| mark).collect()
    }

    pub(super) fn given(&self) -> Under {
        let pending = self.objects.values().filter(|it| it.stage == Stage::Pending);
        pending.filter_map(|it| Some((it.now.kind, it.given?))).collect()
    }

    fn key_of(&self, mark: Mark) -> Option<(Kind, i64)> {
        Some((self.objects[&mark].now.kind, *self.keys.get(&mark)?))
    }

    /// Whether a new object under its key takes over the row of one that is to be deleted.
    pub(super) fn is_taken_over(&self, mark: Mark, under: &Under) -> bool {
        self.stage(mark) == Some(Stage::ToBeDeleted)
            && self.key_of(mark).is_some_and(|key| under.contains(&key))
    }

    fn pending_under_keys(&self) -> impl Iterator<Item = (Mark, (Kind, i64))> {
        let key = |it: &Object| Some((it.now.kind, it.given?));
        let pending = self.objects.iter().filter(|(_, it)| it.stage == Stage::Pending);
        pending.filter_map(move |(&mark, it)| Some((mark, key(it)?)))
    }

    /// Whether an object was added under the key of another one that stays.
    pub(super) fn one_key_twice(&self) -> bool {
        let mut taken: Under = self
            .objects
            .iter()
            .filter(|(_, it)| it.stage.has_row())
            .filter_map(|(&mark, _)| self.key_of(mark))
            .collect();
        self.pending_under_keys().any(|(_, key)| !taken.insert(key))
    }

    /// Whose rows new objects take over.
    pub(super) fn switched(&self) -> Switched {
        let deleted = |&key: &(Kind, i64)| {
            let old = self.objects.iter().filter(|(_, it)| it.stage == Stage::ToBeDeleted);
            old.map(|(&mark, _)| mark).find(|&mark| self.key_of(mark) == Some(key))
        };
        self.pending_under_keys().filter_map(|(new, key)| Some((new, deleted(&key)?))).collect()
    }

    /// Why keys that were given can't be, as a row has them, or perhaps can't be.
    pub(super) fn keys_taken(&self, before: &Tables) -> (BTreeSet<Why>, BTreeSet<Why>) {
        let has = |tables: &Tables, new: Mark, (kind, key): (Kind, i64)| {
            tables.rows.iter().any(|(mark, row)| {
                *mark != new && row.kind == kind && self.keys.get(mark) == Some(&key)
            })
        };
        let switched = self.switched();
        let (mut must, mut may) = (BTreeSet::new(), BTreeSet::new());
        for (new, key) in self.pending_under_keys() {
            if has(&self.tables, new, key) {
                must.insert(Why::Unique);
            } else if has(before, new, key) && !switched.contains_key(&new) {
                may.insert(Why::Unique);
            }
        }
        (must, may)
    }

    /// What pointed to an object whose row was taken over points to the new one.
    pub(super) fn point_to_new(&mut self, switched: &Switched) {
        for (&new, &old) in switched {
            for object in self.objects.values_mut() {
                for parent in [&mut object.now.parent, &mut object.known.parent] {
                    if *parent == Some(old) {
                        *parent = Some(new);
                    }
                }
                if object.settled == Some(old) {
                    object.settled = Some(new);
                }
            }
        }
    }
}
