//! Rows that a flush did not find: which objects they are of, and why.
//!
//! 1. Where statements run row by row each tells of its row.
//! 2. A batch tells how many rows there were. Behind an UPDATE by keys alone those that are there are
//!    asked for. Behind a DELETE, or where versions are compared, what is there is not what was: it
//!    is asked once the flush is undone ([`asked`]). Nothing of it costs a statement that goes well.
//! 3. Where the answer names as many objects as rows were missed, these they are. Where it names more,
//!    some were written in the transaction that was undone: not all of them were missed.
//! 4. Rows that are there as they were known, and were not written, were kept by a trigger, a rule or
//!    a policy; once the flush is undone it may have been SQL text of the same transaction, too.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::plan::{Batch, Operation};
use super::rows::rows;
use super::version::{self, Versions};
use crate::engine::transaction::{Plan, Transaction};
use crate::faults::{Fault, planted};
use orm_core::compile::batch as sql;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::query::owner_key;
use orm_core::statement::Parameters;
use orm_core::types::{Key, RowReader};
use rustc_hash::FxHashSet;

/// Why a flush failed.
pub(crate) struct Failure {
    pub error: Error,
    /// What can be asked once it is undone.
    pub shortfall: Option<Box<Shortfall>>,
}

/// A batch that found fewer rows than it has.
pub(crate) struct Shortfall {
    batch: Batch,
    missed: usize,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, shortfall: None }
    }
}

/// Runs a statement over rows found by their keys.
pub(super) fn by_key(
    map: &IdentityMap,
    batch: &Batch,
    versions: &Versions,
    transaction: &mut Transaction,
    (text, plan): (&str, Plan),
) -> Result<(), Failure> {
    if transaction.dialect().features.unnest {
        return in_one_statement(map, batch, versions, transaction, (text, plan));
    }
    let mut missed = Vec::new();
    let (rows, types) = rows(map, batch, &batch.objects, versions)?;
    transaction.execute_each(text, &types, &rows, &mut |row, changed| {
        if changed == 0 {
            missed.push(batch.objects[row]);
        }
    })?;
    if missed.is_empty() || planted(Fault::StaleUnnoticed) {
        return Ok(());
    }
    let there = there(map, batch, &missed, transaction)?;
    let gone: Vec<ObjectId> = missed.iter().copied().filter(|id| !there.contains(id)).collect();
    let error = if gone.is_empty() {
        kept(map, batch, &missed, false)
    } else {
        stale(map, batch, &gone, true)
    };
    Err(error.into())
}

/// Sends a batch as one statement.
fn in_one_statement(
    map: &IdentityMap,
    batch: &Batch,
    versions: &Versions,
    transaction: &mut Transaction,
    (text, plan): (&str, Plan),
) -> Result<(), Failure> {
    let (all, types) = rows(map, batch, &batch.objects, versions)?;
    let parameters = Parameters::Arrays { types: &types, rows: &all };
    let touched = transaction.execute(text, parameters, plan)?;
    let missed = batch.objects.len()
        - usize::try_from(touched).unwrap_or(usize::MAX).min(batch.objects.len());
    if missed == 0 || planted(Fault::StaleUnnoticed) {
        return Ok(());
    }
    if batch.operation == Operation::Delete || batch.versioned {
        let error = stale(map, batch, &batch.objects, batch.objects.len() == missed);
        let shortfall = Shortfall { batch: batch.clone(), missed };
        return Err(Failure { error, shortfall: Some(Box::new(shortfall)) });
    }
    let there = there(map, batch, &batch.objects, transaction)?;
    Err(judged(map, batch, missed, &there, false).into())
}

/// What is told of a batch that found too few rows, once the flush is undone.
pub(crate) fn asked(
    map: &IdentityMap,
    shortfall: &Shortfall,
    transaction: &mut Transaction,
) -> Result<Error> {
    let Shortfall { batch, missed } = shortfall;
    let there = there(map, batch, &batch.objects, transaction)?;
    Ok(judged(map, batch, *missed, &there, true))
}

/// The error that names who was missed, by what is there.
fn judged(
    map: &IdentityMap,
    batch: &Batch,
    missed: usize,
    there: &FxHashSet<ObjectId>,
    undone: bool,
) -> Error {
    let gone: Vec<ObjectId> =
        batch.objects.iter().copied().filter(|id| !there.contains(id)).collect();
    match gone.len() {
        0 => kept(map, batch, &batch.objects, undone),
        known if known < missed => stale(map, batch, &batch.objects, batch.objects.len() == missed),
        known => stale(map, batch, &gone, known == missed),
    }
}

/// Which of some objects have their rows in the database, with the versions that are known where
/// these are compared.
fn there(
    map: &IdentityMap,
    batch: &Batch,
    objects: &[ObjectId],
    transaction: &mut Transaction,
) -> Result<FxHashSet<ObjectId>> {
    let table = map.models[batch.model].meta.table();
    let text = sql::found(table, &version::found_by(table, batch), &[], transaction.dialect())?;
    let only_known = Batch { operation: Operation::Delete, columns: Vec::new(), ..batch.clone() };
    let none = Versions::new();
    let (rows, types) = rows(map, &only_known, objects, &none)?;
    if !transaction.dialect().features.unnest {
        let mut there = FxHashSet::default();
        transaction.query_each(&text, &types, &rows, &mut |place, _| {
            there.insert(objects[place]);
            Ok(())
        })?;
        return Ok(there);
    }
    let mut found: FxHashSet<Key> = FxHashSet::default();
    let parameters = Parameters::Arrays { types: &types, rows: &rows };
    transaction.query(&text, parameters, Plan::Once, &mut |row| {
        found.extend(owner_key(table, table.primary_key.len(), &RowReader::new(row))?);
        Ok(())
    })?;
    let is_there = |id: &ObjectId| {
        let own = || map.object(*id).and_then(<dyn orm_core::model::Object>::key);
        map.entry(*id).key.clone().or_else(own).is_some_and(|key| found.contains(&key))
    };
    Ok(objects.iter().copied().filter(is_there).collect())
}

/// Rows are not there, or not as they were known.
pub(super) fn stale(map: &IdentityMap, batch: &Batch, gone: &[ObjectId], sure: bool) -> Error {
    let became =
        if batch.versioned { "changed or deleted" } else { "deleted, or given another key," };
    Error::new(
        ErrorKind::Stale,
        format!(
            "{}: what was read has been {became} since, by another transaction or by SQL text in this \
             one; roll back, `get` or `refresh` the objects, and decide what to write",
            unwritten(map, batch, gone, sure)
        ),
    )
}

/// Rows are there as they were known, and were not written. Where that was asked once the flush was
/// `undone`, SQL text of the same transaction may have been undone with it.
fn kept(map: &IdentityMap, batch: &Batch, kept: &[ObjectId], undone: bool) -> Error {
    let why = if undone {
        ", now that the transaction is undone; either SQL text in it changed what is compared, and the \
         objects were not refreshed behind it, or a trigger, a rule or a policy kept the row"
    } else {
        "; a trigger, a rule or a policy left it as it is: roll back, and mend that"
    };
    let unwritten = unwritten(map, batch, kept, kept.len() == 1);
    Error::new(ErrorKind::Stale, format!("{unwritten}: what was read is still there{why}"))
}

/// `no row of `orders` was updated for Order(2)`.
fn unwritten(map: &IdentityMap, batch: &Batch, objects: &[ObjectId], sure: bool) -> String {
    let table = map.models[batch.model].meta.table().full_name();
    let done = match batch.operation {
        Operation::Insert => "inserted",
        Operation::Update => "updated",
        Operation::Delete => "deleted",
    };
    let names = named(map, objects);
    if sure {
        format!("no row of `{table}` was {done} for {names}")
    } else {
        format!("not all of {names} were {done} in `{table}`")
    }
}

/// Names objects in a message: the first ten.
pub(super) fn named(map: &IdentityMap, objects: &[ObjectId]) -> String {
    const MOST: usize = 10;
    let mut names: Vec<String> = objects.iter().take(MOST).map(|&id| map.describe(id)).collect();
    if objects.len() > MOST {
        names.push(format!("and {} more", objects.len() - MOST));
    }
    names.join(", ")
}
