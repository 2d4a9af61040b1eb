//! Both sides of relationships, held together.
//!
//! The truth is in the foreign keys (`Ref` fields) and in the pairs of link tables; collections are
//! views of it. What a user did to fields since the last time is found by comparison, carried over
//! to the other side, and remembered:
//!
//! 1. A child put into a collection points to its owner; a child that points to another owner
//!    leaves the collection of the one before.
//! 2. A child taken out of a collection points to nothing, where it can; what becomes of one that
//!    can't, and of orphans that are to be deleted, is decided at the flush: it may find a new
//!    owner before.
//! 3. Linked pairs are added and removed as pairs; added twice is added once.
//! 4. A reference to an object that is deleted already is an error: it would be deleted with it.
//! 5. Two sides that say different things of one child are an error that names all three.
//!
//! No SQL is sent.

use super::Session;
use super::identity_map::{IdentityMap, ObjectId};
use super::links::Links;
use super::set_column::Waiting;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Collection, Object, RawHandle, RefValue};
use orm_core::schema::{Relationship, RelationshipKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is remembered of relationships between two flushes.
#[derive(Default)]
pub(super) struct Edits {
    /// What a relationship field held when both sides were last held together.
    pub known: FxHashMap<(ObjectId, usize), Known>,
    /// Children taken out of a collection, with their reference to it.
    pub orphans: FxHashMap<(ObjectId, usize), Orphan>,
    /// Pairs linked and unlinked.
    pub links: Links,
    /// Columns that were set to expressions.
    pub expressions: FxHashMap<ObjectId, Vec<Waiting>>,
    /// Collections that were replaced without having been loaded.
    pub replaced: Vec<(ObjectId, usize)>,
}

/// What a relationship field held.
pub(super) enum Known {
    One(Option<ObjectId>),
    Many(FxHashSet<ObjectId>),
}

/// A child that was taken out of a collection.
pub(super) struct Orphan {
    pub owner: ObjectId,
    /// The collection.
    pub collection: usize,
    /// Whether it is deleted unless it finds a new owner.
    pub delete: bool,
}

/// What the user changed since both sides were last held together.
#[derive(Default)]
struct Found {
    moved: Vec<Moved>,
    rearranged: Vec<Rearranged>,
    replaced: Vec<(ObjectId, usize)>,
}

/// A reference that changed.
pub(super) struct Moved {
    pub child: ObjectId,
    pub reference: usize,
    pub before: Option<ObjectId>,
    pub after: Option<ObjectId>,
}

/// A collection that changed.
pub(super) struct Rearranged {
    pub owner: ObjectId,
    pub relationship: &'static Relationship,
    pub added: Vec<ObjectId>,
    pub removed: Vec<ObjectId>,
}

impl Edits {
    /// Forgets what a field held, which was read anew.
    pub fn forget(&mut self, id: ObjectId, field: usize) {
        self.known.remove(&(id, field));
    }

    /// Forgets everything, after a flush or a rollback.
    pub fn clear(&mut self) {
        *self = Edits::default();
    }

    /// Whether there is something to write that no object shows.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.orphans.is_empty() && self.replaced.is_empty()
    }

    /// Whether a child was taken out of an owner's collection, which its reference does not show.
    pub fn is_orphan_of(&self, child: ObjectId, reference: usize, owner: ObjectId) -> bool {
        self.orphans.get(&(child, reference)).is_some_and(|orphan| orphan.owner == owner)
    }
}

impl Session {
    /// Holds both sides together for objects that may have changed.
    pub(super) fn hold_together(&mut self, objects: &[ObjectId]) -> Result<()> {
        let mut found = Found::default();
        for &id in objects {
            self.find_edits(id, &mut found)?;
        }
        if found.moved.is_empty() && found.rearranged.is_empty() && found.replaced.is_empty() {
            return Ok(());
        }
        found.moved.iter().try_for_each(|change| self.check_owner(change))?;
        let added = self.owners_of_added(&found.moved, &found.rearranged)?;
        for change in &found.moved {
            self.move_child(change);
        }
        for (child, reference, owner) in added {
            self.give_to(child, reference, Some(owner));
        }
        for change in &found.rearranged {
            for &removed in &change.removed {
                self.take_from(change, removed);
            }
            self.link_edits(change);
        }
        self.edits.replaced.append(&mut found.replaced);
        for &id in objects {
            self.remember(id);
        }
        Ok(())
    }

    /// No reference is pointed to an object that is deleted.
    fn check_owner(&self, change: &Moved) -> Result<()> {
        let Some(owner) = change.after else { return Ok(()) };
        let state @ (State::ToBeDeleted | State::Deleted) = self.map.state(owner) else {
            return Ok(());
        };
        let meta = self.map.models[change.child.model].meta;
        Err(Error::new(
            ErrorKind::InvalidState,
            format!(
                "`{}.{}` of {} points to {}, which is {state}; point it to another object",
                meta.name,
                meta.fields[change.reference].name,
                self.map.describe(change.child),
                self.map.describe(owner),
            ),
        ))
    }

    /// What changed in the relationship fields of an object.
    fn find_edits(&self, id: ObjectId, found: &mut Found) -> Result<()> {
        let original = self.map.values(id.model).and_then(|values| values.original(id.slot));
        let lent = match self.map.state(id) {
            State::Pending => true,
            State::Persistent | State::Stale => original.is_some(),
            State::ToBeDeleted | State::Deleted | State::Gone(_) => false,
        };
        let Some(object) = self.map.object(id).filter(|_| lent) else { return Ok(()) };
        self.check_view_only(id, original)?;
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let field = relationship.field;
            let known = self.edits.known.get(&(id, field));
            let Some(collection) = object.field(field).collection() else {
                let after = self.map.pointed_at(id, field);
                let before = match known {
                    Some(Known::One(known)) => *known,
                    _ => members(&self.map, id, relationship, true).first().copied(),
                };
                if before != after {
                    found.moved.push(Moved { child: id, reference: field, before, after });
                }
                continue;
            };
            let was_loaded = original
                .and_then(|original| original.field(field).collection())
                .is_some_and(Collection::is_loaded);
            if original.is_some()
                && !was_loaded
                && collection.is_loaded()
                && !self.edits.replaced.contains(&(id, field))
            {
                found.replaced.push((id, field));
            }
            let read = match known {
                Some(Known::Many(_)) => FxHashSet::default(),
                _ => members(&self.map, id, relationship, true).into_iter().collect(),
            };
            let before = match known {
                Some(Known::Many(known)) => known,
                _ => &read,
            };
            // a collection that is not loaded any more was put there whole: it says nothing
            let says_nothing = was_loaded && !collection.is_loaded();
            self.compare(id, relationship, collection, (before, says_nothing), found)?;
        }
        Ok(())
    }

    /// What was put into a collection and taken out.
    fn compare(
        &self,
        owner: ObjectId,
        relationship: &'static Relationship,
        collection: &dyn Collection,
        (before, only_added): (&FxHashSet<ObjectId>, bool),
        found: &mut Found,
    ) -> Result<()> {
        let type_id = (relationship.target.type_id)();
        let handles = collection.handles();
        let mut added = Vec::new();
        for handle in &handles {
            let member = self.map.find(*handle, type_id);
            if member.is_some_and(|member| before.contains(&member)) {
                continue;
            }
            added.push(self.puttable(owner, relationship, member)?);
        }
        let mut removed = Vec::new();
        if !only_added && before.len() + added.len() > handles.len() {
            let now: FxHashSet<usize> =
                handles.iter().map(|handle| handle.slot() as usize).collect();
            removed.extend(before.iter().copied().filter(|member| !now.contains(&member.slot)));
            removed.sort_unstable();
        }
        if !added.is_empty() || !removed.is_empty() {
            found.rearranged.push(Rearranged { owner, relationship, added, removed });
        }
        Ok(())
    }

    /// The object that was put into a collection, if it can be in one.
    fn puttable(
        &self,
        owner: ObjectId,
        relationship: &Relationship,
        member: Option<ObjectId>,
    ) -> Result<ObjectId> {
        let refused = |why: &str| {
            let meta = self.map.models[owner.model].meta;
            Error::new(
                ErrorKind::InvalidState,
                format!(
                    "`{}.{}` of {} holds {why}; take it out",
                    meta.name,
                    meta.fields[relationship.field].name,
                    self.map.describe(owner)
                ),
            )
        };
        let Some(member) = member else { return Err(refused("a handle of another session")) };
        if self.map.is_alive(member) {
            return Ok(member);
        }
        let (name, state) = (self.map.describe(member), self.map.state(member));
        Err(refused(&format!("{name}, which is {state}")))
    }

    /// The new owner of each child that was put into a collection.
    fn owners_of_added(
        &self,
        moved: &[Moved],
        rearranged: &[Rearranged],
    ) -> Result<Vec<(ObjectId, usize, ObjectId)>> {
        let said: FxHashMap<(ObjectId, usize), Option<ObjectId>> =
            moved.iter().map(|change| ((change.child, change.reference), change.after)).collect();
        let mut owners: FxHashMap<(ObjectId, usize), ObjectId> = FxHashMap::default();
        let mut added = Vec::new();
        for change in rearranged {
            let (RelationshipKind::OneToMany { reference }
            | RelationshipKind::OneToOne { reference }) = change.relationship.kind
            else {
                continue;
            };
            for &child in &change.added {
                let other = owners
                    .insert((child, reference), change.owner)
                    .or_else(|| said.get(&(child, reference)).copied().flatten())
                    .filter(|&other| other != change.owner);
                if let Some(other) = other {
                    return Err(self.contradiction(child, reference, change.owner, other));
                }
                added.push((child, reference, change.owner));
            }
        }
        Ok(added)
    }

    fn contradiction(
        &self,
        child: ObjectId,
        reference: usize,
        one: ObjectId,
        other: ObjectId,
    ) -> Error {
        let field = self.map.models[child.model].meta.fields[reference].name;
        Error::new(
            ErrorKind::InvalidState,
            format!(
                "`{field}` of {} is said to be both {} and {}; take it out of one of them",
                self.map.describe(child),
                self.map.describe(one),
                self.map.describe(other)
            ),
        )
    }

    /// What the fields of an object hold now is known.
    fn remember(&mut self, id: ObjectId) {
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let now = members(&self.map, id, relationship, false).into_iter();
            let known = match relationship.kind {
                RelationshipKind::ManyToOne => Known::One(now.last()),
                _ => Known::Many(now.collect()),
            };
            self.edits.known.insert((id, relationship.field), known);
        }
    }
}

/// The objects that a relationship field holds, now or before it was lent.
pub(super) fn members(
    map: &IdentityMap,
    id: ObjectId,
    relationship: &Relationship,
    original: bool,
) -> Vec<ObjectId> {
    let object = if original {
        map.values(id.model).and_then(|values| values.original(id.slot))
    } else {
        map.object(id)
    };
    let Some(object) = object else { return Vec::new() };
    let Some(model) = map.known_model((relationship.target.type_id)()) else { return Vec::new() };
    let place = |handle: RawHandle| ObjectId { model, slot: handle.slot() as usize };
    handles_in(object, relationship.field).into_iter().map(place).collect()
}

/// The handles in a relationship field.
pub(super) fn handles_in(object: &dyn Object, field: usize) -> Vec<RawHandle> {
    let field = object.field(field);
    match field.collection() {
        Some(collection) => collection.handles(),
        None => field.reference().and_then(RefValue::handle).into_iter().collect(),
    }
}
