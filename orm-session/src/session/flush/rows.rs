//! The rows of a batch, lent to the driver column by column, and how many of them one statement takes.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::plan::Batch;
use super::version::{self, NextVersion};
use orm_core::dialect::Features;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Arena;
use orm_core::schema::Table;
use orm_core::statement::BatchRows;
use orm_core::types::{BindWriter, ColumnType, ValueRef};

/// From so many rows on a batch is not prepared: its plan depends on the number of rows.
pub(super) const PLANNED_ONCE: usize = 100;
/// The most rows of a multi-row VALUES, where batches are sent that way.
pub(super) const ROWS_PER_STATEMENT: usize = 100;
/// The most placeholders of one statement there.
const MOST_PLACEHOLDERS: usize = 32_766;

/// How many rows one statement takes: all, or what a multi-row VALUES holds.
pub(super) fn rows_per_statement(table: &Table, batch: &Batch, features: &Features) -> usize {
    if features.unnest {
        return batch.objects.len().max(1);
    }
    let columns = version::found_by(table, batch).len() + batch.columns.len();
    match columns {
        0 => 1,
        columns => ROWS_PER_STATEMENT.min(MOST_PLACEHOLDERS / columns).max(1),
    }
}

/// The rows of a batch: first the columns that they are found by, then those that are written.
pub(super) struct Rows<'a> {
    map: &'a IdentityMap,
    values: &'a dyn Arena,
    table: &'static Table,
    batch: &'a Batch,
    objects: &'a [ObjectId],
    versions: &'a [NextVersion],
    found_by: Vec<usize>,
    written: Vec<usize>,
}

/// The columns that a batch writes.
pub(super) fn written(table: &Table, batch: &Batch, versions: &[NextVersion]) -> Vec<usize> {
    let version = table.version.filter(|_| !versions.is_empty());
    batch.columns.iter().copied().chain(version).collect()
}

/// A batch as rows, with the types of their columns.
pub(super) fn rows<'a>(
    map: &'a IdentityMap,
    batch: &'a Batch,
    objects: &'a [ObjectId],
    versions: &'a [NextVersion],
) -> Result<(Rows<'a>, Vec<ColumnType>)> {
    let table = map.models[batch.model].meta.table();
    let Some(values) = map.values(batch.model) else {
        return Err(Error::new(ErrorKind::InvalidState, "a batch without objects"));
    };
    let (found_by, written) = (version::found_by(table, batch), written(table, batch, versions));
    let types = found_by.iter().chain(&written).map(|&index| table.column(index).ty).collect();
    Ok((Rows { map, values, table, batch, objects, versions, found_by, written }, types))
}

impl Rows<'_> {
    fn write_known(&self, id: ObjectId, place: usize, out: &mut dyn BindWriter) {
        let column = self.table.column(self.found_by[place]);
        if place >= self.table.primary_key.len() {
            match version::known_row(self.map, id) {
                Some(row) => row.field(column.field).encode(column.part, out),
                None => out.put(ValueRef::Null),
            }
            return;
        }
        match (&self.map.entry(id).key, self.values.get(id.slot)) {
            (Some(key), _) => key.encode(place, column.ty, out),
            // a new object that takes over a row
            (None, Some(object)) => object.field(column.field).encode(column.part, out),
            (None, None) => out.put(ValueRef::Null),
        }
    }
}

impl BatchRows for Rows<'_> {
    fn rows(&self) -> usize {
        self.objects.len()
    }

    fn write(&self, row: usize, column: usize, out: &mut dyn BindWriter) {
        let id = self.objects[row];
        let Some(place) = column.checked_sub(self.found_by.len()) else {
            return self.write_known(id, column, out);
        };
        let index = self.written[place];
        if place >= self.batch.columns.len() {
            match &self.versions[row] {
                Some(version) => version.encode(0, out),
                None => out.put(ValueRef::Null),
            }
            return;
        }
        match self.values.get(id.slot) {
            Some(object) if !self.batch.nulled.contains(&index) => {
                let column = self.table.column(index);
                object.field(column.field).encode(column.part, out);
            }
            _ => out.put(ValueRef::Null),
        }
    }
}
