//! What a deletion means for the objects that point to the one deleted.
//!
//! Rules, per foreign key to a deleted object:
//! 1. ON DELETE CASCADE, SET NULL: the database does it. Objects in memory are told after the
//!    flush: deleted too, or pointing to nothing.
//! 2. Otherwise, by the collection that is its other side: `cascade(delete)` deletes the children;
//!    else their key is set NULL where it can be; else it is an error before SQL is written, unless
//!    the children are deleted or moved themselves. Children not loaded are loaded for this.
//! 3. A foreign key with no collection is left to the database.
//! 4. Link rows of a deleted object are deleted, whichever side declares the relationship.
//!
//! Orphans of collections with `delete_orphan` are deleted here unless they found a new owner.

use super::Session;
use super::edits::members;
use super::identity_map::ObjectId;
use super::state::{Gone, State};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::{ModelMeta, ReferentialAction, Relationship, RelationshipKind};
use rustc_hash::FxHashSet;

/// What the database does to objects in memory by itself, carried over after the flush.
#[derive(Debug, Default)]
pub(super) struct DoneByDatabase {
    /// Objects whose rows go with those deleted.
    pub deleted: Vec<ObjectId>,
    /// References that become NULL.
    pub nulled: Vec<(ObjectId, usize)>,
}

impl Session {
    /// Settles what deletions and orphans mean; loads what it needs.
    pub(super) fn cascade(&mut self) -> Result<DoneByDatabase> {
        self.replace_unloaded()?;
        self.settle_orphans()?;
        let mut done = DoneByDatabase::default();
        let mut settled: FxHashSet<ObjectId> = FxHashSet::default();
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
                let owners: Vec<ObjectId> =
                    round.iter().copied().filter(|id| id.model == model).collect();
                self.cascade_from(model, &owners, &mut done)?;
            }
        }
        let gone: FxHashSet<ObjectId> = settled;
        self.edits.links.forget(|id| gone.contains(&id));
        self.check_left_behind(&gone, &done)?;
        Ok(done)
    }

    /// All foreign keys to a model, for its objects that are deleted.
    fn cascade_from(
        &mut self,
        model: usize,
        owners: &[ObjectId],
        done: &mut DoneByDatabase,
    ) -> Result<()> {
        for child_model in 0..self.map.models.len() {
            for index in 0..self.map.models[child_model].references.len() {
                let (reference, target) = self.map.models[child_model].references[index];
                if target == model {
                    self.cascade_key(model, owners, (child_model, reference), done)?;
                }
            }
        }
        Ok(())
    }

    fn cascade_key(
        &mut self,
        model: usize,
        owners: &[ObjectId],
        (child_model, reference): (usize, usize),
        done: &mut DoneByDatabase,
    ) -> Result<()> {
        let child = self.map.models[child_model].meta;
        let table = self.map.models[model].meta.table();
        let Some(key) = child.table().foreign_key_of(reference) else { return Ok(()) };
        let collection = table.relationships.iter().find(|relationship| {
            *relationship.target == *child && reference_of(relationship) == Some(reference)
        });
        let by_database = match key.on_delete {
            ReferentialAction::Cascade => deletes_by_itself(child, &mut Vec::new()),
            ReferentialAction::SetNull | ReferentialAction::SetDefault => true,
            ReferentialAction::NoAction | ReferentialAction::Restrict => false,
        };
        if !by_database {
            let Some(relationship) = collection else { return Ok(()) };
            let unloaded: Vec<ObjectId> = owners
                .iter()
                .copied()
                .filter(|&id| self.map.entry(id).key.is_some())
                .filter(|&id| !self.is_loaded(id, relationship.field))
                .collect();
            self.load_related(&unloaded, relationship)?;
        }
        let children = self.children_of(owners, child_model, reference);
        for id in children {
            let state = self.map.state(id);
            match (by_database, key.on_delete) {
                (true, ReferentialAction::Cascade) if state == State::Pending => self.discard(id),
                (true, ReferentialAction::Cascade) => {
                    if !self.work.deleting.contains(&id) && !done.deleted.contains(&id) {
                        done.deleted.push(id);
                    }
                }
                (true, _) => done.nulled.push((id, reference)),
                (false, _) => self.cascade_child(id, reference, collection, key.nullable),
            }
        }
        Ok(())
    }

    fn cascade_child(
        &mut self,
        id: ObjectId,
        reference: usize,
        collection: Option<&'static Relationship>,
        nullable: bool,
    ) {
        let deletes = collection.is_some_and(|relationship| relationship.cascade.delete);
        match self.map.state(id) {
            State::Pending if deletes => self.discard(id),
            State::Persistent | State::Stale if deletes => self.mark_deleted(id),
            State::Pending | State::Persistent | State::Stale if nullable => {
                self.give_to(id, reference, None);
            }
            _ => {}
        }
    }

    /// An error for children that are left with a key to a deleted object.
    fn check_left_behind(&self, gone: &FxHashSet<ObjectId>, done: &DoneByDatabase) -> Result<()> {
        for &owner in gone {
            let meta = self.map.models[owner.model].meta;
            for relationship in &meta.table().relationships {
                let Some(reference) = reference_of(relationship) else { continue };
                for child in members(&self.map, owner, relationship, false) {
                    let alive = matches!(
                        self.map.state(child),
                        State::Pending | State::Persistent | State::Stale
                    ) && !gone.contains(&child)
                        && !done.deleted.contains(&child)
                        && !done.nulled.contains(&(child, reference));
                    if alive && self.pointed_at(child, reference) == Some(owner) {
                        return Err(self.left_behind(owner, relationship, child, reference));
                    }
                }
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
            let at = self.pointed_at(child, reference);
            if at.is_some_and(|at| at != orphan.owner) {
                continue;
            }
            match self.map.state(child) {
                State::Pending if orphan.delete => self.discard(child),
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
            let now = members(&self.map, owner, relationship, false);
            for before in self.related_in_database(owner, relationship)? {
                if now.contains(&before) {
                    // it was there already
                    self.edits.links.unsay(relationship, owner, before);
                    continue;
                }
                match reference_of(relationship) {
                    Some(reference) if self.pointed_at(before, reference) == Some(owner) => {
                        self.orphan(owner, relationship, before, reference);
                    }
                    Some(_) => {}
                    None => self.edits.links.remove(relationship, owner, before),
                }
            }
        }
        Ok(())
    }

    /// The objects in memory whose reference points to one of these.
    fn children_of(
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
                    && self.pointed_at(id, reference).is_some_and(|owner| owners.contains(&owner))
            })
            .collect()
    }

    /// What the database did by itself when rows were deleted by a statement.
    pub(super) fn done_by_deleting(&self, deleted: Vec<ObjectId>) -> DoneByDatabase {
        let mut done = DoneByDatabase { deleted, nulled: Vec::new() };
        let mut index = 0;
        while index < done.deleted.len() {
            let owner = done.deleted[index];
            index += 1;
            for child_model in 0..self.map.models.len() {
                let child = &self.map.models[child_model];
                for &(reference, target) in &child.references {
                    let key = child.meta.table().foreign_key_of(reference);
                    let Some(key) = key.filter(|_| target == owner.model) else { continue };
                    if matches!(
                        key.on_delete,
                        ReferentialAction::NoAction | ReferentialAction::Restrict
                    ) {
                        continue;
                    }
                    for id in self.children_of(&[owner], child_model, reference) {
                        if key.on_delete == ReferentialAction::Cascade {
                            if !done.deleted.contains(&id) {
                                done.deleted.push(id);
                            }
                        } else {
                            done.nulled.push((id, reference));
                        }
                    }
                }
            }
        }
        done
    }

    pub(super) fn mark_deleted(&mut self, id: ObjectId) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.record(&mut self.map, id, None);
        }
        self.map.set_state(id, State::ToBeDeleted);
        self.work.deleting.push(id);
    }

    /// Takes a pending object out of the session.
    pub(super) fn discard(&mut self, id: ObjectId) {
        if let Some(value) = self.map.remove(id, Gone::Discarded) {
            self.left_over.insert(id, value);
        }
        self.edits.links.forget(|other| other == id);
    }

    /// Carries over what the database did by itself.
    pub(super) fn tell_objects(&mut self, done: &DoneByDatabase) {
        for &id in &done.deleted {
            if matches!(self.map.state(id), State::Persistent | State::Stale | State::ToBeDeleted) {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.record(&mut self.map, id, None);
                }
                self.map.set_state(id, State::Deleted);
            }
        }
        for &(id, reference) in &done.nulled {
            if let Some(scope) = self.scopes.last_mut() {
                let before = self.map.object(id).map(orm_core::model::Object::boxed);
                scope.record(&mut self.map, id, before);
            }
            if let Some(object) = self.map.object_mut(id) {
                object.field_mut(reference).set_null();
            }
        }
    }
}

/// The child's reference that a collection is the other side of.
pub(super) fn reference_of(relationship: &Relationship) -> Option<usize> {
    match relationship.kind {
        RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference } => {
            Some(reference)
        }
        RelationshipKind::ManyToOne | RelationshipKind::ManyToMany { .. } => None,
    }
}

/// Whether the database deletes rows of a model with all that points to them, or to what points to
/// them, by declared actions alone.
fn deletes_by_itself(model: &'static ModelMeta, under_way: &mut Vec<&'static ModelMeta>) -> bool {
    if under_way.contains(&model) {
        return true;
    }
    under_way.push(model);
    let by_itself = model.table().relationships.iter().all(|relationship| {
        let Some(reference) = reference_of(relationship) else { return true };
        match relationship.target.table().foreign_key_of(reference).map(|key| key.on_delete) {
            Some(ReferentialAction::Cascade) => deletes_by_itself(relationship.target, under_way),
            Some(ReferentialAction::SetNull | ReferentialAction::SetDefault) | None => true,
            Some(ReferentialAction::NoAction | ReferentialAction::Restrict) => false,
        }
    });
    under_way.pop();
    by_itself
}
