//! Which rows point to which: by the handle in a `Ref`, or by the values of plain columns that a
//! `foreign_key(…)` of the struct is made of.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::stored::{in_database, value};
use crate::faults::{Fault, planted};
use orm_core::model::Object;
use orm_core::schema::ForeignKey;
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// An edge between rows: by which foreign key of the table, and to which row.
pub(super) type Edge = (usize, ObjectId);

/// What rows point to; of plain columns as far as it is among the rows of a flush.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Whether rows are looked at as they are in the database.
    in_database: bool,
    /// Per foreign key of plain columns: the rows by the values that are pointed to.
    by_value: FxHashMap<(usize, usize), FxHashMap<Key, ObjectId>>,
}

impl Edges {
    /// To rows that are written, or to rows as they are in the database.
    pub fn to(map: &IdentityMap, rows: &[ObjectId], in_database: bool) -> Edges {
        let mut edges = Edges { in_database, by_value: FxHashMap::default() };
        for (model, from) in map.models.iter().enumerate() {
            for (index, key) in from.meta.table().foreign_keys.iter().enumerate() {
                if key.field.is_some() {
                    continue;
                }
                let Some(target) = map.known_model((key.target.type_id)()) else { continue };
                let columns = key.pointed_to(key.target.table());
                let of_target = rows.iter().copied().filter(|id| id.model == target);
                let by_value = of_target
                    .filter_map(|id| Some((value(map, edges.object(map, id)?, id, &columns)?, id)));
                let by_value = by_value.collect();
                edges.by_value.insert((model, index), by_value);
            }
        }
        edges
    }

    /// What a row points to.
    pub fn of(&self, map: &IdentityMap, id: ObjectId) -> Vec<Edge> {
        let Some(object) = self.object(map, id) else { return Vec::new() };
        let keys = map.models[id.model].meta.table().foreign_keys.iter().enumerate();
        let keys = keys.filter(|_| !planted(Fault::EdgeDropped));
        let target = |(index, key): (usize, &ForeignKey)| {
            if key.field.is_none() {
                let rows = self.by_value.get(&(id.model, index))?;
                let value = value(map, object, id, &key.columns)?;
                return rows.get(&value).map(|&target| (index, target));
            }
            Some((index, Edges::by_handle(map, id, key, object)?))
        };
        keys.filter_map(target).collect()
    }

    /// What an object points to by a `Ref` that holds a handle.
    pub fn by_handle(
        map: &IdentityMap,
        id: ObjectId,
        key: &ForeignKey,
        object: &dyn Object,
    ) -> Option<ObjectId> {
        let own = key.field?;
        let references = &map.models[id.model].references;
        let &(_, target) = references.iter().find(|&&(field, _)| field == own)?;
        let handle = object.field(own).reference()?.handle()?;
        Some(ObjectId { model: target, slot: handle.slot() as usize })
    }

    fn object<'m>(&self, map: &'m IdentityMap, id: ObjectId) -> Option<&'m dyn Object> {
        if self.in_database { in_database(map, id) } else { map.object(id) }
    }
}
