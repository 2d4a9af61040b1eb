//! Pairs of objects that were linked or unlinked since the last flush, per link table.
//!
//! A pair linked and unlinked again is neither; linked twice it is one.

use super::identity_map::ObjectId;
use crate::faults::{Fault, planted};
use orm_core::schema::{ModelMeta, Relationship, RelationshipKind};
use rustc_hash::FxHashMap;

/// A pair in the order of the link table's references.
pub(super) type Pair = (ObjectId, ObjectId);

/// Changes to link tables.
#[derive(Default)]
pub(super) struct Links {
    tables: Vec<LinkChanges>,
}

/// Changes to one link table.
pub(crate) struct LinkChanges {
    pub link: &'static ModelMeta,
    pairs: FxHashMap<Pair, PairChange>,
}

/// What becomes of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PairChange {
    /// It is inserted, unless it is there.
    Added,
    /// It is deleted, and must be there.
    Removed,
    /// It is deleted, if it is there: linked and unlinked again without knowing.
    RemovedIfThere,
}

impl Links {
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.pairs.is_empty())
    }

    pub fn tables(&self) -> &[LinkChanges] {
        &self.tables
    }

    /// Links two objects by a relationship of the first one, or unlinks them. `known` says that
    /// the session knew whether they were linked: then the second change takes back the first.
    pub fn change(
        &mut self,
        relationship: &Relationship,
        (owner, other): Pair,
        add: bool,
        known: bool,
    ) {
        let RelationshipKind::ManyToMany { link, own, .. } = relationship.kind else { return };
        let pair = if own == 0 { (owner, other) } else { (other, owner) };
        let pairs = &mut self.table(link).pairs;
        let change = match (pairs.get(&pair), add) {
            (Some(PairChange::Added), false) | (Some(PairChange::Removed), true) if known => None,
            (Some(PairChange::Added | PairChange::RemovedIfThere), false) => {
                Some(PairChange::RemovedIfThere)
            }
            (_, true) => Some(PairChange::Added),
            (_, false) => Some(PairChange::Removed),
        };
        match change {
            Some(change) => pairs.insert(pair, change),
            None => pairs.remove(&pair),
        };
    }

    fn table(&mut self, link: &'static ModelMeta) -> &mut LinkChanges {
        let known = self.tables.iter().position(|table| *table.link == *link);
        let index = known.unwrap_or_else(|| {
            self.tables.push(LinkChanges { link, pairs: FxHashMap::default() });
            self.tables.len() - 1
        });
        &mut self.tables[index]
    }

    /// What is said of a pair: linked, unlinked, or nothing.
    pub fn said(
        &self,
        relationship: &Relationship,
        owner: ObjectId,
        other: ObjectId,
    ) -> Option<bool> {
        let RelationshipKind::ManyToMany { link, own, .. } = relationship.kind else { return None };
        let pair = if own == 0 { (owner, other) } else { (other, owner) };
        let table = self.tables.iter().find(|table| *table.link == *link)?;
        table.pairs.get(&pair).map(|&change| change == PairChange::Added)
    }

    /// The objects linked by a relationship and not flushed, per owner.
    pub fn added(&self, relationship: &Relationship) -> FxHashMap<ObjectId, Vec<ObjectId>> {
        let mut added: FxHashMap<ObjectId, Vec<ObjectId>> = FxHashMap::default();
        let RelationshipKind::ManyToMany { link, own, .. } = relationship.kind else {
            return added;
        };
        let table = self.tables.iter().find(|table| *table.link == *link);
        let pairs = table.map(|table| table.pairs(PairChange::Added)).unwrap_or_default();
        for (left, right) in pairs {
            let (owner, other) = if own == 0 { (left, right) } else { (right, left) };
            added.entry(owner).or_default().push(other);
        }
        added
    }

    /// Takes back what was said of a pair.
    pub fn unsay(&mut self, relationship: &Relationship, owner: ObjectId, other: ObjectId) {
        let RelationshipKind::ManyToMany { link, own, .. } = relationship.kind else { return };
        let pair = if own == 0 { (owner, other) } else { (other, owner) };
        self.table(link).pairs.remove(&pair);
    }

    /// Forgets the pairs of objects that are deleted.
    pub fn forget(&mut self, gone: impl Fn(ObjectId) -> bool) {
        for table in &mut self.tables {
            table.pairs.retain(|&(left, right), _| !gone(left) && !gone(right));
        }
    }
}

impl LinkChanges {
    /// The pairs of which this becomes.
    pub fn pairs(&self, wanted: PairChange) -> Vec<Pair> {
        let wanted = self.pairs.iter().filter(|&(_, &change)| change == wanted);
        let mut pairs: Vec<Pair> = wanted.map(|(&pair, _)| pair).collect();
        if planted(Fault::LinkDoubled) {
            pairs.extend_from_within(..);
        }
        pairs.sort_unstable();
        pairs
    }
}
