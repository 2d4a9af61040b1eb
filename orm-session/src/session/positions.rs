//! Collections that keep the places of their objects in a column: what is written is the order in memory.
//!
//! Before a flush, of each collection that was changed, or whose objects were:
//! 1. One that is loaded, or of a new object, numbers its objects from 0 on; those whose number is
//!    another one are changed, and no others.
//! 2. One that is not loaded and was put into is loaded first: what is new stands behind what is there.
//! 3. Objects that are deleted have no place.
//!
//! A session without such collections does nothing.

use super::Session;
use super::edits::members;
use super::identity_map::{IdentityMap, ObjectId};
use super::loader::Overwrite;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::schema::{Relationship, RelationshipKind};
use orm_core::types::{BindWriter, Cell, ValueRef};
use rustc_hash::FxHashMap;

impl Session {
    /// Writes the order of collections into their objects.
    pub(super) fn keep_positions(&mut self) -> Result<()> {
        if !self.map.positioned {
            return Ok(());
        }
        let work = [&self.work.added[..], &self.work.touched, &self.work.deleting].concat();
        let mut changed = Vec::new();
        let mut lacking: FxHashMap<(usize, usize), Vec<ObjectId>> = FxHashMap::default();
        for id in work {
            self.own_collections(id, &mut changed);
            self.collections_around(id, &mut changed, &mut lacking);
        }
        let mut lacking: Vec<_> = lacking.into_iter().collect();
        lacking.sort_unstable();
        for ((model, field), mut owners) in lacking {
            owners.sort_unstable();
            owners.dedup();
            let table = self.map.models[model].meta.table();
            let Some(relationship) = table.relationship_of(field) else { continue };
            self.load_related(&owners, relationship, Overwrite::Older)?;
            changed.extend(owners.into_iter().map(|owner| (owner, field)));
        }
        changed.sort_unstable();
        changed.dedup();
        for (owner, field) in changed {
            self.number(owner, field)?;
        }
        Ok(())
    }

    /// The collections of an object itself.
    fn own_collections(&self, id: ObjectId, changed: &mut Vec<(ObjectId, usize)>) {
        if !self.map.is_alive(id) {
            return;
        }
        for relationship in &self.map.models[id.model].meta.table().relationships {
            if relationship.position.is_some() && self.is_loaded(id, relationship.field) {
                changed.push((id, relationship.field));
            }
        }
    }

    /// The collections that an object is in, or leaves.
    fn collections_around(
        &self,
        id: ObjectId,
        changed: &mut Vec<(ObjectId, usize)>,
        lacking: &mut FxHashMap<(usize, usize), Vec<ObjectId>>,
    ) {
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let (RelationshipKind::ManyToOne, Some(field)) = (relationship.kind, relationship.back)
            else {
                continue;
            };
            let back = relationship.target.table().relationship_of(field);
            if back.is_none_or(|back| back.position.is_none()) {
                continue;
            }
            let Some(owner) = self.map.pointed_at(id, relationship.field) else { continue };
            if !self.map.is_alive(owner) {
                continue;
            }
            if self.is_loaded(owner, field) {
                changed.push((owner, field));
            } else if self.map.is_alive(id) && self.came_to(id, relationship, owner) {
                lacking.entry((owner.model, field)).or_default().push(owner);
            }
        }
    }

    /// Whether the row of an object does not point to its owner yet.
    fn came_to(&self, id: ObjectId, reference: &Relationship, owner: ObjectId) -> bool {
        self.map.state(id) == State::Pending
            || members(&self.map, id, reference, true).first() != Some(&owner)
    }

    /// Numbers the objects of a collection.
    fn number(&mut self, owner: ObjectId, field: usize) -> Result<()> {
        let table = self.map.models[owner.model].meta.table();
        let Some(relationship) = table.relationship_of(field) else { return Ok(()) };
        let Some(position) = relationship.position else { return Ok(()) };
        let inside = members(&self.map, owner, relationship, false).into_iter();
        let inside: Vec<ObjectId> = inside.filter(|&id| self.map.is_alive(id)).collect();
        for (place, id) in (0_i64..).zip(inside) {
            if self.map.object(id).is_none_or(|object| place_of(object, position) == Some(place)) {
                continue;
            }
            self.touch(id);
            let Some(object) = self.map.object_mut(id) else { continue };
            let set = object.field_mut(position).decode(0, Cell::Integer(place));
            set.map_err(|_| too_many(&self.map, owner, relationship))?;
        }
        Ok(())
    }
}

/// The number that an object has.
fn place_of(object: &dyn Object, position: usize) -> Option<i64> {
    struct Place(Option<i64>);
    impl BindWriter for Place {
        fn put(&mut self, value: ValueRef<'_>) {
            if let ValueRef::Int(place) = value {
                self.0 = Some(place);
            }
        }
    }
    let mut place = Place(None);
    object.field(position).encode(0, &mut place);
    place.0
}

fn too_many(map: &IdentityMap, owner: ObjectId, relationship: &Relationship) -> Error {
    let meta = map.models[owner.model].meta;
    Error::new(
        ErrorKind::ValueOutOfRange,
        format!(
            "`{}.{}` of {} holds more objects than its position can count; give it a wider type",
            meta.name,
            meta.fields[relationship.field].name,
            map.describe(owner)
        ),
    )
}
