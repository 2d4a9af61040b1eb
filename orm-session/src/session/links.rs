//! Pairs of objects that were linked or unlinked since the last flush, per link table.
//!
//! A pair linked and unlinked again is neither; linked twice it is one.

use super::identity_map::ObjectId;
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
    /// `true`: to be inserted; `false`: to be deleted.
    pairs: FxHashMap<Pair, bool>,
}

impl Links {
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.pairs.is_empty())
    }

    pub fn tables(&self) -> &[LinkChanges] {
        &self.tables
    }

    /// Links two objects by a relationship of the first one.
    pub fn add(&mut self, relationship: &Relationship, owner: ObjectId, other: ObjectId) {
        self.change(relationship, owner, other, true);
    }

    /// Unlinks two objects.
    pub fn remove(&mut self, relationship: &Relationship, owner: ObjectId, other: ObjectId) {
        self.change(relationship, owner, other, false);
    }

    fn change(&mut self, relationship: &Relationship, owner: ObjectId, other: ObjectId, add: bool) {
        let RelationshipKind::ManyToMany { link, own, .. } = relationship.kind else { return };
        let pair = if own == 0 { (owner, other) } else { (other, owner) };
        let pairs = &mut self.table(link).pairs;
        match pairs.get(&pair) {
            Some(&before) if before != add => {
                pairs.remove(&pair);
            }
            _ => {
                pairs.insert(pair, add);
            }
        }
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
        table.pairs.get(&pair).copied()
    }

    /// The objects linked to one by a relationship of it, and not flushed.
    pub fn added_to(&self, relationship: &Relationship, owner: ObjectId) -> Vec<ObjectId> {
        let RelationshipKind::ManyToMany { link, own, .. } = relationship.kind else {
            return Vec::new();
        };
        let table = self.tables.iter().find(|table| *table.link == *link);
        let pairs = table.map(|table| table.pairs(true)).unwrap_or_default();
        let ordered = pairs.into_iter().map(|(l, r)| if own == 0 { (l, r) } else { (r, l) });
        ordered.filter(|&(one, _)| one == owner).map(|(_, other)| other).collect()
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
    /// Pairs to insert, or to delete.
    pub fn pairs(&self, added: bool) -> Vec<Pair> {
        let wanted = self.pairs.iter().filter(|&(_, &is_added)| is_added == added);
        let mut pairs: Vec<Pair> = wanted.map(|(&pair, _)| pair).collect();
        pairs.sort_unstable();
        pairs
    }
}
