//! Rows of link tables: pairs removed and added, and all pairs of objects that are deleted.
//!
//! 1. Only pairs that changed are sent, each found by both its keys.
//! 2. Adding a pair that is there already is no error: linked twice is linked once.
//! 3. A pair to remove that is not there is [`ErrorKind::Stale`].

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::links::{LinkChanges, Pair, PairChange};
use super::rows::{PLANNED_ONCE, ROWS_PER_STATEMENT};
use crate::engine::transaction::{Plan, Transaction};
use orm_core::compile::batch as sql;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::{ModelMeta, Table};
use orm_core::statement::{BatchRows, Parameters};
use orm_core::types::{BindWriter, ColumnType, Key, ValueRef};

/// Pairs as rows of the link table, keys in the order of its columns.
struct PairRows<'a> {
    map: &'a IdentityMap,
    table: &'static Table,
    pairs: &'a [Pair],
}

impl BatchRows for PairRows<'_> {
    fn rows(&self) -> usize {
        self.pairs.len()
    }

    fn write(&self, row: usize, column: usize, out: &mut dyn BindWriter) {
        let column = self.table.column(column);
        let (left, right) = self.pairs[row];
        let id = if column.field == 0 { left } else { right };
        match &self.map.entry(id).key {
            Some(key) => key.encode(column.part, column.ty, out),
            None => out.put(ValueRef::Null),
        }
    }
}

/// Keys of deleted objects, as one side of a link table.
struct SideRows<'a> {
    keys: &'a [Key],
    types: &'a [ColumnType],
}

impl BatchRows for SideRows<'_> {
    fn rows(&self) -> usize {
        self.keys.len()
    }

    fn write(&self, row: usize, column: usize, out: &mut dyn BindWriter) {
        self.keys[row].encode(column, self.types[column], out);
    }
}

/// Deletes the pairs that were unlinked.
pub(super) fn remove(
    map: &IdentityMap,
    changes: &LinkChanges,
    transaction: &mut Transaction,
) -> Result<()> {
    let missing = delete(map, changes, &changes.pairs(PairChange::Removed), transaction)?;
    delete(map, changes, &changes.pairs(PairChange::RemovedIfThere), transaction)?;
    if missing.is_empty() {
        return Ok(());
    }
    let named = |&(left, right): &Pair| format!("{} – {}", map.describe(left), map.describe(right));
    let names: Vec<String> = missing.iter().take(10).map(named).collect();
    Err(Error::new(
        ErrorKind::Stale,
        format!(
            "no row of `{}` was deleted for these pairs, which were unlinked: {}; they were not linked, \
             or another transaction or SQL text in this one has unlinked them; roll back, and load the \
             collection again",
            changes.link.table().full_name(),
            names.join(", ")
        ),
    ))
}

/// Deletes pairs and tells which were not there: all of them, where the database says no more than
/// that some were not.
fn delete(
    map: &IdentityMap,
    changes: &LinkChanges,
    pairs: &[Pair],
    transaction: &mut Transaction,
) -> Result<Vec<Pair>> {
    let mut missing = Vec::new();
    if pairs.is_empty() {
        return Ok(missing);
    }
    let table = changes.link.table();
    let text = sql::delete_by(table, &table.primary_key, transaction.dialect())?;
    let (rows, types) = pair_rows(map, changes.link, pairs);
    if transaction.dialect().features.unnest {
        let parameters = Parameters::Arrays { types: &types, rows: &rows };
        let deleted = transaction.execute(&text, parameters, plan_of(pairs.len()))?;
        if deleted < pairs.len() as u64 {
            missing.extend_from_slice(pairs);
        }
    } else {
        transaction.execute_each(&text, &types, &rows, &mut |row, changed| {
            if changed == 0 {
                missing.push(pairs[row]);
            }
        })?;
    }
    Ok(missing)
}

/// Inserts the pairs that were linked.
pub(super) fn add(
    map: &IdentityMap,
    changes: &LinkChanges,
    transaction: &mut Transaction,
) -> Result<()> {
    let pairs = changes.pairs(PairChange::Added);
    let table = changes.link.table();
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let dialect = transaction.dialect();
    let most = if dialect.features.unnest { pairs.len().max(1) } else { ROWS_PER_STATEMENT };
    for part in pairs.chunks(most) {
        let mut text = sql::insert(table, &columns, &[], part.len(), dialect)?;
        text.push_str(" ON CONFLICT DO NOTHING");
        let (rows, types) = pair_rows(map, changes.link, part);
        let parameters = if dialect.features.unnest {
            Parameters::Arrays { types: &types, rows: &rows }
        } else {
            Parameters::Grid { types: &types, rows: &rows }
        };
        transaction.execute(&text, parameters, plan_of(part.len()))?;
    }
    Ok(())
}

/// Deletes all pairs of objects of one model that are deleted.
pub(super) fn clear(
    map: &IdentityMap,
    link: &'static ModelMeta,
    side: usize,
    objects: &[ObjectId],
    transaction: &mut Transaction,
) -> Result<()> {
    let table = link.table();
    let columns: Vec<usize> = table.columns_of(side).collect();
    let keys: Vec<Key> = objects.iter().filter_map(|&id| map.entry(id).key.clone()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let types: Vec<ColumnType> = columns.iter().map(|&index| table.column(index).ty).collect();
    let text = sql::delete_by(table, &columns, transaction.dialect())?;
    let rows = SideRows { keys: &keys, types: &types };
    if transaction.dialect().features.unnest {
        let parameters = Parameters::Arrays { types: &types, rows: &rows };
        transaction.execute(&text, parameters, plan_of(keys.len()))?;
        return Ok(());
    }
    transaction.execute_each(&text, &types, &rows, &mut |_, _| {})
}

fn pair_rows<'a>(
    map: &'a IdentityMap,
    link: &'static ModelMeta,
    pairs: &'a [Pair],
) -> (PairRows<'a>, Vec<ColumnType>) {
    let table = link.table();
    let types = table.columns.iter().map(|column| column.ty).collect();
    (PairRows { map, table, pairs }, types)
}

fn plan_of(rows: usize) -> Plan {
    if rows >= PLANNED_ONCE { Plan::Once } else { Plan::Cached }
}
