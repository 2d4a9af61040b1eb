//! What is read apart from the row of its object: relationships, and deferred columns. Which fields these
//! are, and how what was read of them goes into objects and out again.
//!
//! 1. A value that was set counts, whatever the row says; what it is compared with is the row.
//! 2. What was read in a transaction or a savepoint that is rolled back is not loaded any more.

use super::identity_map::{IdentityMap, ObjectId};
use super::scope::Scope;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Place;
use orm_core::schema::{ModelMeta, Relationship};
use orm_core::types::RowReader;

/// What is read apart from the row of its object.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Relationship(&'static Relationship),
    /// A deferred column, by its position.
    Column(usize),
}

/// What a field is that is read apart.
pub(super) fn part_of(model: &'static ModelMeta, field: usize) -> Result<Part> {
    let table = model.table();
    let column = table.columns_of(field).find(|&column| table.column(column).is_deferred());
    match column {
        Some(column) => Ok(Part::Column(column)),
        None => included(model, field).map(Part::Relationship),
    }
}

/// Takes deferred columns, which come next in a row, into an object that was there before, and into
/// what its changes are compared with; where one of them has a value, that is kept.
pub(super) fn take_in(
    map: &mut IdentityMap,
    scope: &mut Scope,
    id: ObjectId,
    columns: &[usize],
    row: &mut RowReader<'_>,
) -> Result<()> {
    let table = map.models[id.model].meta.table();
    for &index in columns {
        let field = table.column(index).field;
        let Some(values) = map.values_mut(id.model) else { return Ok(()) };
        let lacks = values.get(id.slot).is_some_and(|object| !object.field(field).is_loaded());
        match values.original_mut(id.slot) {
            Some(original) if !original.field(field).is_loaded() => {
                original.field_mut(field).read_from(row)?;
                if let (true, Some((object, original))) = (lacks, values.changed(id.slot)) {
                    object.field_mut(field).assign(original.field(field));
                }
            }
            _ if lacks => {
                if let Some(object) = values.get_mut(id.slot) {
                    object.field_mut(field).read_from(row)?;
                }
            }
            _ => row.skip(1),
        }
        if lacks {
            scope.read.push((id, field));
        }
    }
    Ok(())
}

/// Makes a deferred column of an object one that was not read; a value that was set and is not flushed
/// stays.
pub(super) fn forget(map: &mut IdentityMap, id: ObjectId, field: usize) {
    let place = Place { model: map.models[id.model].meta, field };
    let Some(values) = map.values_mut(id.model) else { return };
    let set = values
        .changed(id.slot)
        .is_some_and(|(object, original)| !object.field(field).same(original.field(field)));
    if let Some(original) = values.original_mut(id.slot) {
        original.field_mut(field).unload(place);
    }
    if let Some(object) = values.get_mut(id.slot).filter(|_| !set) {
        object.field_mut(field).unload(place);
    }
}

/// Makes a field of an object, and of what its changes are compared with, one that was not read.
pub(super) fn unload(map: &mut IdentityMap, id: ObjectId, field: usize) {
    let model = map.models[id.model].meta;
    let place = Place { model, field };
    let Some(values) = map.values_mut(id.model) else { return };
    if let Some(object) = values.get_mut(id.slot) {
        object.field_mut(field).unload(place);
    }
    if let Some(original) = values.original_mut(id.slot) {
        original.field_mut(field).unload(place);
    }
}

/// The relationship that a field is.
pub(super) fn included(model: &'static ModelMeta, field: usize) -> Result<&'static Relationship> {
    model.table().relationship_of(field).ok_or_else(|| {
        let problems = model.table().problems.join("; ");
        let name = model.fields[field].name;
        Error::new(
            ErrorKind::Configuration,
            format!("`{}.{name}` can't be loaded: {problems}", model.name),
        )
    })
}
