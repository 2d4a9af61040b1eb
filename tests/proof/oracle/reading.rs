//! Rows read into objects: by key, by a query, with a collection.

use super::{Expected, Mark, Object, Oracle, Said, Slot, Stage};
use crate::kinds::Kind;
use std::collections::BTreeSet;

impl Oracle {
    /// Puts a row that was read into memory.
    ///
    /// One that was changed, or was read in this transaction already, keeps its values; one that
    /// was read in an earlier transaction, or is stale, takes those of the row.
    pub(super) fn read_row(&mut self, mark: Mark) {
        let row = self.tables.rows[&mark].clone();
        let transaction = self.transaction;
        let object = self.objects.entry(mark).or_insert_with(|| {
            let mut object = Object::new(Stage::Persistent, row.clone());
            object.read_in = transaction;
            object.settled = row.parent;
            object
        });
        let fresh = object.stage == Stage::Persistent && object.read_in == transaction;
        if object.stage.has_row() && !fresh && !object.lent {
            object.stage = Stage::Persistent;
            object.read_in = transaction;
            object.settled = row.parent;
            object.known = row.clone();
            object.now = row;
        }
    }

    /// What is pending is written before something is read, unless that was switched off.
    fn before_reading(&mut self, flushes: bool) -> Expected {
        if flushes {
            self.flush()
        } else if self.settle() {
            Expected::Fine
        } else {
            Expected::invalid()
        }
    }

    /// `get` of a row's key: the object, or none.
    pub fn get(&mut self, mark: Mark, flushes: bool) -> (Expected, bool) {
        match self.stage(mark) {
            Some(Stage::Persistent) => return (Expected::Fine, true),
            Some(Stage::ToBeDeleted | Stage::Deleted) => return (Expected::Fine, false),
            _ => {}
        }
        let expected = self.before_reading(flushes);
        self.begin();
        if self.tables.rows.contains_key(&mark) {
            self.read_row(mark);
            return (expected, true);
        }
        if self.stage(mark) == Some(Stage::Stale) {
            self.object(mark).stage = Stage::Deleted;
            self.leave_collections(&[mark]);
        }
        (expected, false)
    }

    /// A query of a whole table: its rows.
    pub fn query(&mut self, kind: Kind, flushes: bool) -> (Expected, Vec<Mark>) {
        let expected = self.before_reading(flushes);
        self.begin();
        let found = self.tables.of(kind);
        for &mark in &found {
            self.read_row(mark);
        }
        (expected, found)
    }

    /// `load` of a collection.
    pub fn load(&mut self, owner: Mark, slot: Slot, flushes: bool) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        if self.is_loaded(owner, slot) {
            return Expected::Fine;
        }
        let expected = self.before_reading(flushes);
        // what is deleted keeps what it was last known to hold
        if self.is_alive(owner) || !self.is_loaded(owner, slot) {
            self.load_slot(owner, slot);
        }
        expected
    }

    /// Reads a collection; what was changed in memory and not flushed is kept.
    pub fn load_slot(&mut self, owner: Mark, slot: Slot) {
        self.begin();
        let rows = self.members_in_tables(owner, slot);
        if self.objects[&owner].lent {
            self.object(owner).kept.insert(slot, rows.iter().copied().collect());
        }
        for &row in &rows {
            self.read_row(row);
        }
        let mut held: BTreeSet<Mark> =
            rows.into_iter().filter(|&member| self.still_related(owner, slot, member)).collect();
        held.extend(self.related_in_memory(owner, slot));
        self.object(owner).held.insert(slot, held);
    }

    pub(super) fn members_in_tables(&self, owner: Mark, slot: Slot) -> Vec<Mark> {
        match slot {
            Slot::Edge(edge) => self.tables.children(&self.shape.edges[edge], owner),
            Slot::Side(side) => {
                let pairs = self.tables.links.iter();
                let ends = pairs.map(|&(left, right)| [(left, right), (right, left)][side]);
                ends.filter(|&(own, _)| own == owner).map(|(_, other)| other).collect()
            }
        }
    }

    fn still_related(&self, owner: Mark, slot: Slot, member: Mark) -> bool {
        let object = &self.objects[&member];
        object.stage.is_alive()
            && match slot {
                Slot::Edge(_) => {
                    object.now.parent == Some(owner) && object.orphan_of != Some(owner)
                }
                Slot::Side(side) => {
                    let said = self.said.get(&[(owner, member), (member, owner)][side]);
                    said.is_none_or(|&said| said == Said::Linked)
                }
            }
    }

    fn related_in_memory(&self, owner: Mark, slot: Slot) -> Vec<Mark> {
        match slot {
            Slot::Edge(edge) => {
                let child = self.shape.edges[edge].child;
                let changed = |it: &Object| it.lent || it.stage == Stage::Pending;
                let related = |(mark, it): &(&Mark, &Object)| {
                    it.now.kind == child && changed(it) && self.still_related(owner, slot, **mark)
                };
                self.objects.iter().filter(related).map(|(&mark, _)| mark).collect()
            }
            Slot::Side(side) => {
                let linked = self.said.iter().filter(|&(_, &said)| said == Said::Linked);
                let ends = linked.map(|(&(left, right), _)| [(left, right), (right, left)][side]);
                ends.filter(|&(own, _)| own == owner).map(|(_, other)| other).collect()
            }
        }
    }
}
