//! Which columns of which objects changed, by their stored forms.
//!
//! 1. A field that was changed and changed back is not written.
//! 2. Where anything changed, fields with `on_update` get their new value, unless the user changed
//!    them too.

use super::super::identity_map::{IdentityMap, ObjectId};
use crate::faults::{Fault, planted};

/// The changed columns of one object, as positions in its table, rising.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub id: ObjectId,
    pub columns: Vec<usize>,
}

pub(super) fn diff(map: &mut IdentityMap, candidates: &[ObjectId]) -> Vec<Change> {
    candidates.iter().filter_map(|&id| change(map, id)).collect()
}

fn change(map: &mut IdentityMap, id: ObjectId) -> Option<Change> {
    let meta = map.models[id.model].meta;
    let (object, original) = map.values_mut(id.model)?.changed(id.slot)?;
    let changed = |index: &usize| !object.field(*index).same(original.field(*index));
    let mut fields: Vec<usize> = (0..meta.fields.len()).filter(changed).collect();
    if fields.is_empty() {
        return None;
    }
    if planted(Fault::AllColumnsWritten) {
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
    let columns = fields.iter().flat_map(|&field| table.columns_of(field)).collect();
    Some(Change { id, columns })
}
