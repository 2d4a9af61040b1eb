//! What rows hold: in the database as far as it is known, and the values of some of their columns.

use super::super::identity_map::{IdentityMap, ObjectId};
use orm_core::model::Object;
use orm_core::types::{Key, KeyParts};

/// What an object's row holds in the database, as far as it is known.
pub(super) fn in_database(map: &IdentityMap, id: ObjectId) -> Option<&dyn Object> {
    let original = map.values(id.model).and_then(|values| values.original(id.slot));
    original.or_else(|| map.object(id))
}

/// The value of some columns; `None` where one of them is NULL, or no key can be made of it.
pub(super) fn value(
    map: &IdentityMap,
    object: &dyn Object,
    id: ObjectId,
    columns: &[usize],
) -> Option<Key> {
    let table = map.models[id.model].meta.table();
    let mut parts = KeyParts::default();
    for &index in columns {
        let column = table.column(index);
        let known = object.field(column.field).key(column.part);
        parts.add(known.or_else(|| key_to_come(map, object, id, column.field, column.part)));
    }
    parts.finish()
}

/// The key that an object pointed to will have once it is inserted, where the program gave it.
fn key_to_come(
    map: &IdentityMap,
    object: &dyn Object,
    id: ObjectId,
    field: usize,
    part: usize,
) -> Option<Key> {
    let handle = object.field(field).reference()?.handle()?;
    let &(_, model) = map.models[id.model].references.iter().find(|&&(own, _)| own == field)?;
    let target = ObjectId { model, slot: handle.slot() as usize };
    map.object(target)?.key()?.part(part).cloned()
}
