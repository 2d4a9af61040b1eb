//! Columns that come back with a batch: what the database made, read and put into its objects.
//!
//! 1. An INSERT whose ids a counter gives returns the id first. Drawn in the order of the rows sent,
//!    the ids, sorted, pair with the objects; the other columns come with them.
//! 2. Every other INSERT, and an UPDATE, returns the key that was sent first, and a row finds its
//!    object by it. Nothing promises the order of rows.
//! 3. An UPDATE run row by row needs no key, nor does an INSERT whose keys a default makes: it tells the
//!    position of each row, or is run row by row.
//!
//! The matchers are pure; `persist` sends, `sync` keeps the books.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::plan::{Batch, Operation};
use orm_core::error::Result;
use orm_core::model::Object;
use orm_core::schema::Table;
use orm_core::types::{KeptCell, Key, KeyParts, Row, decode_error};
use rustc_hash::{FxHashMap, FxHashSet};

/// What the database made of one object's row.
pub(super) type Made = (ObjectId, Vec<KeptCell>);

/// A row that came back: whose it is, and the rest of it.
pub(super) type Back = (Option<Key>, Vec<KeptCell>);

/// The column that a counter gives, where nothing else comes back.
pub(super) fn counted_alone(table: &Table, batch: &Batch) -> Option<usize> {
    match batch.returning[..] {
        [only] if table.column(only).is_counted() => Some(only),
        _ => None,
    }
}

/// The columns of the key that come back because a default makes them; none where a counter does.
pub(super) fn made_keys(table: &Table, batch: &Batch) -> Vec<usize> {
    let key = table.primary_key.iter().copied();
    key.filter(|index| batch.returning.contains(index) && !table.column(*index).is_counted())
        .collect()
}

/// What an INSERT is asked to return.
pub(super) struct Asked {
    /// The columns, those that tell whose row it is first.
    pub columns: Vec<usize>,
    /// How many of them tell whose row it is.
    lead: usize,
    /// Whether that is a number that a counter gives, which is news as well.
    counted: bool,
}

impl Asked {
    pub fn of_insert(table: &Table, batch: &Batch) -> Asked {
        let back = &batch.returning;
        let counted = back.iter().copied().find(|&index| table.column(index).is_counted());
        let lead = match counted {
            _ if back.is_empty() => &[][..],
            Some(ref column) => std::slice::from_ref(column),
            None => &table.primary_key,
        };
        let rest = back.iter().filter(|index| !lead.contains(index));
        let columns = lead.iter().chain(rest).copied().collect();
        Asked { columns, lead: lead.len(), counted: counted.is_some() }
    }

    /// The columns that are news.
    pub fn made(&self) -> &[usize] {
        &self.columns[if self.counted { 0 } else { self.lead }..]
    }

    /// A row that came back.
    pub fn row(&self, table: &Table, row: &dyn Row) -> Result<Back> {
        let cells = cells(self.columns.len() - self.made().len(), self.columns.len(), row);
        Ok((key(table, &self.columns[..self.lead], row)?, cells))
    }

    /// The rows that came back with the objects they belong to; fewer objects where some came back
    /// under other keys.
    pub fn matched(
        &self,
        map: &IdentityMap,
        objects: &[ObjectId],
        mut back: Vec<Back>,
    ) -> Vec<Made> {
        if !self.counted {
            return by_key(map, objects, back);
        }
        back.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        objects.iter().copied().zip(back.into_iter().map(|(_, cells)| cells)).collect()
    }
}

/// The key that the first cells of a row make.
pub(super) fn key(table: &Table, columns: &[usize], row: &dyn Row) -> Result<Option<Key>> {
    let mut parts = KeyParts::default();
    for (place, &index) in columns.iter().enumerate() {
        let column = table.column(index);
        let part = (column.key)(row.cell(place)).map_err(|why| decode_error(&column.name, &why))?;
        parts.add(part);
    }
    Ok(parts.finish())
}

/// The cells of a row from `first` up to `end`.
pub(super) fn cells(first: usize, end: usize, row: &dyn Row) -> Vec<KeptCell> {
    (first..end).map(|place| row.cell(place).keep()).collect()
}

/// The rows that came back with the objects that were sent under their keys.
pub(super) fn by_key(map: &IdentityMap, objects: &[ObjectId], back: Vec<Back>) -> Vec<Made> {
    let mut back: FxHashMap<Key, Vec<KeptCell>> =
        back.into_iter().filter_map(|(key, cells)| Some((key?, cells))).collect();
    let sent = |id: ObjectId| {
        let known = map.entry(id).key.clone();
        known.or_else(|| map.object(id).and_then(<dyn Object>::key))
    };
    objects.iter().filter_map(|&id| Some((id, back.remove(&sent(id)?)?))).collect()
}

/// The objects of which nothing came back.
pub(super) fn missing(batch: &Batch, made: &[Made]) -> Vec<ObjectId> {
    let there: FxHashSet<ObjectId> = made.iter().map(|&(id, _)| id).collect();
    batch.objects.iter().copied().filter(|id| !there.contains(id)).collect()
}

/// Puts what the database made into the objects.
pub(super) fn take_in(
    map: &mut IdentityMap,
    batch: &Batch,
    columns: &[usize],
    made: &[Made],
) -> Result<()> {
    let table = map.models[batch.model].meta.table();
    for (id, cells) in made {
        let Some(object) = map.object_mut(*id) else { continue };
        for (&index, cell) in columns.iter().zip(cells) {
            let column = table.column(index);
            object
                .field_mut(column.field)
                .decode(column.part, cell.lend())
                .map_err(|why| decode_error(&column.name, &why))?;
        }
        if batch.operation == Operation::Insert {
            for &index in columns {
                map.entry_mut(*id).generated |= 1 << table.column(index).field.min(63);
            }
        }
    }
    Ok(())
}
