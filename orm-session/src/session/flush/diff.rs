//! Which columns of which objects changed, by their stored forms.
//!
//! 1. A field that was changed and changed back is not written.
//! 2. Where anything changed, fields with `on_update` get their new value, unless the user changed
//!    them too.
//! 3. The version of a row is written by what sends it, and is never among the columns here; one that
//!    was changed by hand is an error.
//! 4. A new object under the key of one that is deleted is compared with that one's row. What it
//!    leaves to the database stays as it is in the row.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::stored::in_database;
use crate::faults::{Fault, planted};
use orm_core::model::Field;
use rustc_hash::FxHashSet;

/// The changed columns of one object, as positions in its table, rising.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub id: ObjectId,
    pub columns: Vec<usize>,
    /// The deleted object whose row a new one takes over.
    pub replaces: Option<ObjectId>,
}

impl Change {
    /// The object that knows the row as it is in the database.
    pub fn row(&self) -> ObjectId {
        self.replaces.unwrap_or(self.id)
    }
}

pub(super) fn diff(
    map: &mut IdentityMap,
    candidates: &[ObjectId],
    switched: &[(ObjectId, ObjectId)],
    waiting: &FxHashSet<ObjectId>,
) -> Vec<Change> {
    let mut changes: Vec<Change> =
        candidates.iter().filter_map(|&id| change(map, id, waiting.contains(&id))).collect();
    changes.extend(switched.iter().filter_map(|&(new, old)| replacement(map, new, old)));
    changes
}

/// What a new object changes in the row of the deleted one whose key it has.
fn replacement(map: &IdentityMap, new: ObjectId, old: ObjectId) -> Option<Change> {
    let (object, row) = (map.object(new)?, in_database(map, old)?);
    let table = map.models[new.model].meta.table();
    let changed = |column: &usize| {
        let field = table.column(*column).field;
        let part = table.column(*column).part;
        Some(*column) != table.version
            && !object.field(field).is_unset()
            && !same_part(object.field(field), part, row.field(field))
    };
    let columns = (0..table.columns.len()).filter(changed).collect();
    Some(Change { id: new, columns, replaces: Some(old) })
}

/// What changed in an object; nothing, where only the value of an expression is to come.
fn change(map: &mut IdentityMap, id: ObjectId, waits: bool) -> Option<Change> {
    let meta = map.models[id.model].meta;
    let (object, original) = map.values_mut(id.model)?.changed(id.slot)?;
    let changed = |index: &usize| !object.field(*index).same(original.field(*index));
    let mut fields: Vec<usize> = (0..meta.fields.len()).filter(changed).collect();
    if fields.is_empty() && !waits {
        return None;
    }
    let all = planted(Fault::AllColumnsWritten);
    if all {
        fields = (0..meta.fields.len()).collect();
    }
    for (index, field) in meta.fields.iter().enumerate() {
        if field.on_update && !fields.contains(&index) {
            object.set_on_update(index);
            object.field_mut(index).round();
            fields.push(index);
        }
    }
    fields.sort_unstable();
    let table = meta.table();
    // what `on_update` wrote is sent although it may be what was there
    let written = |&index: &usize| {
        let column = table.column(index);
        all || meta.fields[column.field].on_update
            || !same_part(object.field(column.field), column.part, original.field(column.field))
    };
    let columns =
        fields.iter().flat_map(|&field| table.columns_of(field)).filter(written).collect();
    Some(Change { id, columns, replaces: None })
}

/// Whether a column has one stored form in both; a field that another variant has is NULL.
fn same_part(one: &dyn Field, part: usize, other: &dyn Field) -> bool {
    if other.is_of_another_variant() {
        return other.same_part(part, one);
    }
    one.same_part(part, other)
}
