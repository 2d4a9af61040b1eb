//! Deferred columns that have no value, checked before anything is sent.
//!
//! 1. In a new object it is left to the database, which has a default for it or takes NULL; where there
//!    is neither, it is an error.
//! 2. One that was loaded and has no value any more is an error: nothing says what it should be.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::collect::Collected;
use super::diff::Change;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::Column;

pub(super) fn check(map: &IdentityMap, collected: &Collected, changes: &[Change]) -> Result<()> {
    let needed: Vec<Vec<usize>> = map
        .models
        .iter()
        .map(|model| {
            let columns = model.meta.table().columns.iter().enumerate();
            columns.filter(|(_, column)| is_needed(column)).map(|(index, _)| index).collect()
        })
        .collect();
    if needed.iter().any(|columns| !columns.is_empty()) {
        for &id in &collected.inserts {
            check_new(map, id, &needed[id.model])?;
        }
    }
    for change in changes {
        let table = map.models[change.id.model].meta.table();
        if table.read.len() == table.columns.len() {
            continue; // none is deferred
        }
        let Some(object) = map.object(change.id) else { continue };
        for &index in &change.columns {
            let column = table.column(index);
            if column.is_deferred() && !object.field(column.field).is_loaded() {
                let why =
                    "was loaded, and has no value any more; give it one, or leave it as it is";
                return Err(refused(map, change.id, column, why));
            }
        }
    }
    Ok(())
}

/// Whether a row must be given a value.
fn is_needed(column: &Column) -> bool {
    column.is_deferred() && !column.nullable && column.server_default.is_none()
}

fn check_new(map: &IdentityMap, id: ObjectId, needed: &[usize]) -> Result<()> {
    let Some(object) = map.object(id) else { return Ok(()) };
    for &index in needed {
        let column = map.models[id.model].meta.table().column(index);
        if !object.field(column.field).is_loaded() {
            let why = "has no value, can't be NULL, and the database has no default for it; set it";
            return Err(refused(map, id, column, why));
        }
    }
    Ok(())
}

fn refused(map: &IdentityMap, id: ObjectId, column: &Column, why: &str) -> Error {
    let meta = map.models[id.model].meta;
    let field = meta.fields[column.field].name;
    Error::new(
        ErrorKind::InvalidState,
        format!("`{}.{field}` of {} {why}", meta.name, map.describe(id)),
    )
}
