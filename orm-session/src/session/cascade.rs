//! What a deletion means for the objects that point to the one deleted.
//!
//! Rules, per foreign key to a deleted object:
//! 1. ON DELETE CASCADE, SET NULL: the database does it. Objects in memory are told after the
//!    flush: deleted too, or pointing to nothing. Not where a row that goes has others in turn that
//!    only the session would delete, or empty; with `passive_deletes` also there, for those that
//!    are not in memory.
//! 2. Otherwise, by the collection that is its other side: `cascade(delete)` deletes the children;
//!    else their key is set NULL where it can be; else it is an error before SQL is written, unless
//!    the children are deleted or moved themselves. Children not loaded are loaded for this.
//! 3. A foreign key with no collection is left to the database.
//! 4. An object whose row a new one of the same key takes over is not deleted in the database, which
//!    then does nothing by itself: what it would do is done here, through collections.
//! 5. Rows of a view come and go with the tables that it reads: its objects are left as they are.
//! 6. Link rows of a deleted object are deleted, whichever side declares the relationship; what they
//!    lead to only where that has `cascade(delete)`.
//!
//! Orphans of collections with `delete_orphan` are deleted here unless they found a new owner.

use super::Session;
use super::by_database::{DoneByDatabase, deletes_by_itself};
use super::edits::members;
use super::identity_map::ObjectId;
use super::loader::Overwrite;
use super::state::{Gone, State};
use super::takeover::PendingKeys;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::{ReferentialAction, Relationship, RelationshipKind};
use rustc_hash::FxHashSet;

/// A child whose owner is deleted, and which can point to nothing.
pub(super) struct LeftBehind {
    relationship: &'static Relationship,
    child: ObjectId,
    reference: usize,
}

impl Session {
    /// Settles what deletions and orphans mean; loads what it needs.
    pub(super) fn cascade(&mut self) -> Result<DoneByDatabase> {
        self.replace_unloaded()?;
        self.settle_orphans()?;
        let mut done = DoneByDatabase::default();
        let mut settled: FxHashSet<ObjectId> = FxHashSet::default();
        let mut left = Vec::new();
        self.work.acted_on.clear();
        let pending = self.pending_in_place();
        loop {
            let round: Vec<ObjectId> = self
                .work
                .deleting
                .iter()
                .chain(&done.deleted)
                .copied()
                .filter(|id| !settled.contains(id))
                .collect();
            if round.is_empty() {
                break;
            }
            settled.extend(&round);
            let mut models: Vec<usize> = round.iter().map(|id| id.model).collect();
            models.sort_unstable();
            models.dedup();
            for model in models {
                let owners = round.iter().copied().filter(|id| id.model == model);
                let (kept, deleted): (Vec<_>, Vec<_>) =
                    owners.partition(|&id| self.is_taken_over(id, &pending));
                for (owners, in_database) in [(kept, false), (deleted, true)] {
                    if !owners.is_empty() {
                        self.cascade_from((model, in_database), &owners, &mut done, &mut left)?;
                        self.cascade_links(model, &owners, &pending)?;
                    }
                }
            }
        }
        let map = &self.map;
        self.edits.links.forget(|id| settled.contains(&id) || !map.is_alive(id));
        self.check_left_behind(&left, &done)?;
        Ok(done)
    }

    /// All foreign keys to a model, for its objects that are deleted.
    fn cascade_from(
        &mut self,
        (model, in_database): (usize, bool),
        owners: &[ObjectId],
        done: &mut DoneByDatabase,
        left: &mut Vec<LeftBehind>,
    ) -> Result<()> {
        for child_model in 0..self.map.models.len() {
            for index in 0..self.map.models[child_model].references.len() {
                let (reference, target) = self.map.models[child_model].references[index];
                if target == model {
                    let model = (model, in_database);
                    self.cascade_key(model, owners, (child_model, reference), done, left)?;
                }
            }
        }
        Ok(())
    }

    /// What a many-to-many with `cascade(delete)` links to goes with its owner, whoever else links to
    /// it; what a new object under the owner's key links to stays.
    fn cascade_links(
        &mut self,
        model: usize,
        owners: &[ObjectId],
        pending: &PendingKeys,
    ) -> Result<()> {
        for relationship in &self.map.models[model].meta.table().relationships {
            let links = matches!(relationship.kind, RelationshipKind::ManyToMany { .. });
            if !links || !relationship.cascade.delete {
                continue;
            }
            self.load_members(owners, relationship)?;
            for &owner in owners {
                let key = self.map.entry(owner).key.clone();
                let new = key.and_then(|key| pending.get(&(model, key)));
                let kept = new.map(|&new| members(&self.map, new, relationship, false));
                for target in members(&self.map, owner, relationship, false) {
                    match self.map.state(target) {
                        _ if kept.as_ref().is_some_and(|kept| kept.contains(&target)) => {}
                        State::Pending => self.discard(target),
                        State::Persistent | State::Stale => self.mark_deleted(target),
                        State::ToBeDeleted | State::Deleted | State::Gone(_) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Loads a collection of those that lack it.
    fn load_members(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
    ) -> Result<()> {
        let lacks = |id: &ObjectId| {
            self.map.entry(*id).key.is_some() && !self.is_loaded(*id, relationship.field)
        };
        let unloaded: Vec<ObjectId> = owners.iter().copied().filter(lacks).collect();
        let unloaded = if planted(Fault::UnloadedForgotten) { Vec::new() } else { unloaded };
        self.load_related(&unloaded, relationship, Overwrite::Older)?;
        Ok(())
    }

    fn cascade_key(
        &mut self,
        (model, in_database): (usize, bool),
        owners: &[ObjectId],
        (child_model, reference): (usize, usize),
        done: &mut DoneByDatabase,
        left: &mut Vec<LeftBehind>,
    ) -> Result<()> {
        let child = self.map.models[child_model].meta;
        if child.is_read_only() {
            return Ok(()); // rows of a view come and go with the tables it reads
        }
        let table = self.map.models[model].meta.table();
        let Some(key) = child.table().foreign_key_of(reference) else { return Ok(()) };
        let collection = table.relationships.iter().find(|relationship| {
            *relationship.target == *child && relationship.reference() == Some(reference)
        });
        let by_database = match key.on_delete {
            _ if !in_database => false,
            ReferentialAction::Cascade => collection.is_none_or(|relationship| {
                relationship.passive_deletes || deletes_by_itself(child, &mut Vec::new())
            }),
            ReferentialAction::SetNull | ReferentialAction::SetDefault => true,
            ReferentialAction::NoAction | ReferentialAction::Restrict => false,
        };
        if !by_database {
            let Some(relationship) = collection else { return Ok(()) };
            if self.under.criteria.whole().hold_for(child) {
                self.read_hidden(owners, relationship)?;
            } else {
                self.load_members(owners, relationship)?;
            }
        }
        let mut told: FxHashSet<ObjectId> = done.deleted.iter().copied().collect();
        for id in self.children_of(owners, child_model, reference) {
            match (by_database, key.on_delete) {
                (true, ReferentialAction::Cascade) if self.map.state(id) == State::Pending => {
                    self.discard(id);
                }
                (true, ReferentialAction::Cascade) => {
                    if told.insert(id) {
                        done.deleted.push(id);
                    }
                }
                (true, _) => done.nulled.push((id, reference)),
                (false, _) => {
                    let Some(relationship) = collection else { continue };
                    let deletes =
                        relationship.cascade.delete || key.on_delete == ReferentialAction::Cascade;
                    if !self.cascade_child(id, reference, deletes, key.nullable) {
                        left.push(LeftBehind { relationship, child: id, reference });
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads all children that owners have in the database: what was loaded of them was loaded under
    /// criteria.
    fn read_hidden(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
    ) -> Result<()> {
        let with_row = owners.iter().copied().filter(|&id| self.map.entry(id).key.is_some());
        let with_row: Vec<ObjectId> = with_row.collect();
        if !with_row.is_empty() {
            self.without_criteria(|session| {
                session.read_pairs(&with_row, relationship, Overwrite::Older)
            })?;
        }
        Ok(())
    }

    /// What becomes of a child; `false` where nothing can.
    fn cascade_child(
        &mut self,
        id: ObjectId,
        reference: usize,
        deletes: bool,
        nullable: bool,
    ) -> bool {
        match self.map.state(id) {
            State::Pending if deletes => self.discard(id),
            State::Persistent | State::Stale if deletes => self.mark_deleted(id),
            State::Pending | State::Persistent | State::Stale if nullable => {
                self.give_to(id, reference, None);
            }
            State::Pending | State::Persistent | State::Stale => return false,
            State::ToBeDeleted | State::Deleted | State::Gone(_) => {}
        }
        true
    }

    /// An error for children that are left with a key to a deleted object.
    fn check_left_behind(&self, left: &[LeftBehind], done: &DoneByDatabase) -> Result<()> {
        if left.is_empty() {
            return Ok(());
        }
        let deleted: FxHashSet<ObjectId> = done.deleted.iter().copied().collect();
        for &LeftBehind { relationship, child, reference } in left {
            if self.map.is_alive(child)
                && !deleted.contains(&child)
                && let Some(owner) = self.map.pointed_at(child, reference)
            {
                return Err(self.left_behind(owner, relationship, child, reference));
            }
        }
        Ok(())
    }

    fn left_behind(
        &self,
        owner: ObjectId,
        relationship: &Relationship,
        child: ObjectId,
        reference: usize,
    ) -> Error {
        let (meta, target) = (self.map.models[owner.model].meta, relationship.target);
        Error::new(
            ErrorKind::InvalidState,
            format!(
                "{} can't be deleted: {} is in `{}.{}` and its `{}` can't be NULL; declare \
                 `cascade(delete)` there, or delete or move the objects in it",
                self.map.describe(owner),
                self.map.describe(child),
                meta.name,
                meta.fields[relationship.field].name,
                target.fields[reference].name,
            ),
        )
    }

    /// Orphans that found no new owner.
    fn settle_orphans(&mut self) -> Result<()> {
        let mut orphans: Vec<_> = std::mem::take(&mut self.edits.orphans).into_iter().collect();
        orphans.sort_by_key(|&(place, _)| place);
        for index in 0..orphans.len() {
            let ((child, reference), orphan) = &orphans[index];
            let (child, reference) = (*child, *reference);
            let at = self.map.pointed_at(child, reference);
            if at.is_some_and(|at| at != orphan.owner) {
                continue;
            }
            match self.map.state(child) {
                State::Pending if orphan.delete => self.discard(child),
                State::Persistent | State::Stale if planted(Fault::OrphanKept) => {}
                State::Persistent | State::Stale if orphan.delete => self.mark_deleted(child),
                State::Pending | State::Persistent | State::Stale => {
                    let owner_deleted = self.map.state(orphan.owner) == State::ToBeDeleted;
                    if owner_deleted {
                        continue; // told by what its deletion means
                    }
                    let meta = self.map.models[orphan.owner.model].meta;
                    let message = format!(
                        "{} was taken out of `{}.{}` of {} and its `{}` can't be NULL; give it \
                         another one, delete it, or declare `cascade(delete_orphan)`",
                        self.map.describe(child),
                        meta.name,
                        meta.fields[orphan.collection].name,
                        self.map.describe(orphan.owner),
                        self.map.models[child.model].meta.fields[reference].name,
                    );
                    self.edits.orphans.extend(orphans.drain(index..));
                    return Err(Error::new(ErrorKind::InvalidState, message));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Collections that were replaced without having been loaded: what they held is loaded, and
    /// taken out.
    fn replace_unloaded(&mut self) -> Result<()> {
        for (owner, field) in std::mem::take(&mut self.edits.replaced) {
            if !matches!(self.map.state(owner), State::Persistent | State::Stale) {
                continue;
            }
            let table = self.map.models[owner.model].meta.table();
            let Some(relationship) = table.relationship_of(field) else { continue };
            let now: FxHashSet<ObjectId> =
                members(&self.map, owner, relationship, false).into_iter().collect();
            for before in self.related_in_database(owner, relationship)? {
                if !self.map.is_alive(before) {
                    continue;
                }
                if now.contains(&before) {
                    // it was there already
                    self.edits.links.unsay(relationship, owner, before);
                    continue;
                }
                match relationship.reference() {
                    Some(reference) if self.map.pointed_at(before, reference) == Some(owner) => {
                        self.orphan(owner, relationship, before, reference);
                    }
                    Some(_) => {}
                    None => self.edits.links.change(relationship, (owner, before), false, true),
                }
            }
        }
        Ok(())
    }

    /// The objects in memory whose reference points to one of these.
    pub(super) fn children_of(
        &self,
        owners: &[ObjectId],
        child_model: usize,
        reference: usize,
    ) -> Vec<ObjectId> {
        let owners: FxHashSet<ObjectId> = owners.iter().copied().collect();
        (0..self.map.models[child_model].entries.len())
            .map(|slot| ObjectId { model: child_model, slot })
            .filter(|&id| {
                matches!(self.map.state(id), State::Pending | State::Persistent | State::Stale)
                    && self
                        .map
                        .pointed_at(id, reference)
                        .is_some_and(|owner| owners.contains(&owner))
            })
            .collect()
    }

    pub(super) fn mark_deleted(&mut self, id: ObjectId) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.record(&mut self.map, id, None);
        }
        self.map.set_state(id, State::ToBeDeleted);
        self.work.deleting.push(id);
    }

    /// Takes a pending object out of the session, with the pending ones that its collections would
    /// delete with it.
    pub(super) fn discard(&mut self, id: ObjectId) {
        let mut all = vec![id];
        let mut seen: FxHashSet<ObjectId> = all.iter().copied().collect();
        let mut index = 0;
        while let Some(&owner) = all.get(index) {
            index += 1;
            for relationship in &self.map.models[owner.model].meta.table().relationships {
                if !relationship.cascade.delete && !relationship.cascade.delete_orphan {
                    continue;
                }
                let inside = members(&self.map, owner, relationship, false).into_iter();
                let pending = inside.filter(|&id| self.map.state(id) == State::Pending);
                all.extend(pending.filter(|&id| seen.insert(id)));
            }
        }
        self.leave_collections(&all);
        for id in all {
            if let Some(value) = self.map.remove(id, Gone::Discarded) {
                self.left_over.insert(id, value);
            }
        }
    }
}
