//! Sends the batches of a plan, one after the other, and brings back what the database made.
//!
//! 1. Keys of rows written earlier in the same flush are put into the references of a batch right
//!    before it is sent.
//! 2. With `unnest` a batch is one statement. INSERT and UPDATE go unnamed from [`PLANNED_ONCE`] rows
//!    up, to be planned for the real number of rows; DELETE, planned by the key's index, is prepared.
//!    Without, INSERT goes in parts of [`ROWS_PER_INSERT`] rows, UPDATE and DELETE row by row.
//! 3. Fewer rows than sent is [`ErrorKind::Stale`] (or a swallowed insert), naming the objects.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::links::LinkChanges;
use super::super::scope::Scope;
use super::plan::{Batch, FlushPlan, Operation};
use super::returned::{self, Asked, Made};
use super::{links, sync};
use crate::driver::ParameterFault;
use crate::engine::transaction::{Plan, Transaction};
use crate::faults::{Fault, planted};
use orm_core::compile::batch as sql;
use orm_core::dialect::Features;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Arena;
use orm_core::query::owner_key;
use orm_core::schema::{ModelMeta, Table};
use orm_core::statement::{BatchRows, Parameters};
use orm_core::types::{BindWriter, ColumnType, DbType, Key, RowReader, ValueRef};
use rustc_hash::FxHashSet;

/// From so many rows on a batch is not prepared: its plan depends on the number of rows.
pub(super) const PLANNED_ONCE: usize = 100;
/// The most rows of a multi-row VALUES, where batches are sent that way.
pub(super) const ROWS_PER_INSERT: usize = 100;
/// The most placeholders of one statement there.
const MOST_PLACEHOLDERS: usize = 32_766;

/// Sends a plan inside a transaction that is open. Link rows that go are deleted before anything
/// else, new ones are written behind it.
pub(crate) fn persist(
    map: &mut IdentityMap,
    plan: &FlushPlan,
    linked: &Linked<'_>,
    transaction: &mut Transaction,
    scope: &mut Scope,
    transaction_number: u32,
) -> Result<()> {
    for changes in linked.changes {
        links::remove(map, changes, transaction)?;
    }
    for (link, side, objects) in &linked.cleared {
        links::clear(map, link, *side, objects, transaction)?;
    }
    check_later(plan, true, transaction)?;
    for batch in &plan.batches {
        write(map, batch, transaction, scope, transaction_number)?;
    }
    check_later(plan, false, transaction)?;
    linked.changes.iter().try_for_each(|changes| links::add(map, changes, transaction))
}

/// Has constraints checked at the end, or now.
fn check_later(plan: &FlushPlan, later: bool, transaction: &mut Transaction) -> Result<()> {
    if plan.deferred.is_empty() {
        return Ok(());
    }
    let names = plan.deferred.iter().map(|(model, name)| (plan.tables[*model], name.as_str()));
    let text = sql::set_constraints(&names.collect::<Vec<_>>(), later);
    transaction.execute(&text, Parameters::NONE, Plan::Cached)?;
    Ok(())
}

/// What is written to link tables.
pub(crate) struct Linked<'a> {
    /// Pairs added and removed.
    pub changes: &'a [LinkChanges],
    /// Objects that are deleted: all their pairs go, by link table and side.
    pub cleared: Vec<(&'static ModelMeta, usize, Vec<ObjectId>)>,
}

fn write(
    map: &mut IdentityMap,
    batch: &Batch,
    transaction: &mut Transaction,
    scope: &mut Scope,
    transaction_number: u32,
) -> Result<()> {
    sync::resolve_references(map, batch)?;
    let sent = match batch.operation {
        Operation::Insert => insert(map, batch, transaction),
        Operation::Update if batch.columns.is_empty() => Ok(()),
        Operation::Update => update(map, batch, transaction),
        Operation::Delete => delete(map, batch, transaction),
    };
    if sent.as_ref().is_err_and(|error| error.kind() == ErrorKind::Stale) {
        map.doubted.extend(&batch.objects);
    }
    sent.map_err(|error| naming(map, batch, error))?;
    sync::written(map, batch, scope, transaction_number);
    Ok(())
}

/// The rows of a batch, lent to the driver column by column.
struct Rows<'a> {
    map: &'a IdentityMap,
    values: &'a dyn Arena,
    table: &'static Table,
    batch: &'a Batch,
    objects: &'a [ObjectId],
    /// How many columns of the key come first.
    key_columns: usize,
}

impl BatchRows for Rows<'_> {
    fn rows(&self) -> usize {
        self.objects.len()
    }

    fn write(&self, row: usize, column: usize, out: &mut dyn BindWriter) {
        let id = self.objects[row];
        if column < self.key_columns {
            let column_of_key = self.table.column(self.table.primary_key[column]);
            match (&self.map.entry(id).key, self.values.get(id.slot)) {
                (Some(key), _) => key.encode(column, column_of_key.ty, out),
                // a new object that takes over a row
                (None, Some(object)) => {
                    object.field(column_of_key.field).encode(column_of_key.part, out);
                }
                (None, None) => out.put(ValueRef::Null),
            }
            return;
        }
        let index = self.batch.columns[column - self.key_columns];
        match self.values.get(id.slot) {
            Some(object) if !self.batch.nulled.contains(&index) => {
                let column = self.table.column(index);
                object.field(column.field).encode(column.part, out);
            }
            _ => out.put(ValueRef::Null),
        }
    }
}

/// The batch as rows: the key's columns first, where rows are found by it.
fn rows<'a>(
    map: &'a IdentityMap,
    batch: &'a Batch,
    objects: &'a [ObjectId],
) -> Result<(Rows<'a>, Vec<ColumnType>)> {
    let table = map.models[batch.model].meta.table();
    let Some(values) = map.values(batch.model) else {
        return Err(Error::new(ErrorKind::InvalidState, "a batch without objects"));
    };
    let key: &[usize] = if batch.operation == Operation::Insert { &[] } else { &table.primary_key };
    let types = key.iter().chain(&batch.columns).map(|&index| table.column(index).ty).collect();
    Ok((Rows { map, values, table, batch, objects, key_columns: key.len() }, types))
}

fn insert(map: &mut IdentityMap, batch: &Batch, transaction: &mut Transaction) -> Result<()> {
    let dialect = transaction.dialect();
    let table = map.models[batch.model].meta.table();
    let made_keys = returned::made_keys(table, batch);
    if !made_keys.is_empty() {
        return insert_with_made_key(map, batch, &made_keys, transaction);
    }
    let counted = returned::counted_alone(table, batch);
    // without identity columns the number of the last row is told
    let told = counted.is_some() && !dialect.features.identity_columns;
    let asked = Asked::of_insert(table, batch);
    let returning = if told { &[][..] } else { &asked.columns };
    let mut numbers: Vec<i64> = Vec::with_capacity(counted.map_or(0, |_| batch.objects.len()));
    let mut made: Vec<Made> = Vec::new();
    let mut sent = 0;
    let mut text = String::new();
    let mut text_is_for = 0;
    for part in batch.objects.chunks(rows_per_insert(batch, &dialect.features)) {
        if text_is_for != part.len() {
            text = sql::insert(table, &batch.columns, returning, part.len(), dialect)?;
            text_is_for = part.len();
        }
        let (rows, types) = rows(map, batch, part)?;
        let parameters = match (batch.columns.is_empty(), dialect.features.unnest) {
            (true, _) => Parameters::NONE,
            (false, true) => Parameters::Arrays { types: &types, rows: &rows },
            (false, false) => Parameters::Grid { types: &types, rows: &rows },
        };
        let plan = if dialect.features.unnest { plan_of(part.len()) } else { Plan::Cached };
        if returning.is_empty() {
            sent += transaction.execute(&text, parameters, plan)?;
            if told {
                // one statement's row ids follow one another; the last one is told
                let last = transaction.last_insert_id()?;
                let count = i64::try_from(part.len()).unwrap_or(i64::MAX);
                numbers.extend(last - count + 1..=last);
            }
        } else if let Some(column) = counted {
            transaction.query(&text, parameters, plan, &mut |row| {
                let number = i64::decode(row.cell(0)).map_err(|why| {
                    orm_core::types::decode_error(&table.column(column).name, &why)
                })?;
                numbers.push(number);
                Ok(())
            })?;
            sent = numbers.len() as u64;
        } else {
            let mut back = Vec::with_capacity(part.len());
            transaction.query(&text, parameters, plan, &mut |row| {
                back.push(asked.row(table, row)?);
                Ok(())
            })?;
            sent += back.len() as u64;
            made.extend(asked.matched(map, part, back));
        }
    }
    expect_inserted(map, batch, sent)?;
    match counted {
        Some(column) => sync::generated(map, batch, column, sync::in_order_of_rows(numbers)),
        None if returning.is_empty() => Ok(()),
        None if made.len() < batch.objects.len() => Err(others(map, batch, &made)),
        None => returned::take_in(map, batch, asked.made(), &made),
    }
}

/// INSERT of rows whose keys a default makes. With `unnest` it is evaluated beside the position of each
/// row, and what was inserted joined back by key: one statement. Without, one for each row.
fn insert_with_made_key(
    map: &mut IdentityMap,
    batch: &Batch,
    made_keys: &[usize],
    transaction: &mut Transaction,
) -> Result<()> {
    let dialect = transaction.dialect();
    let table = map.models[batch.model].meta.table();
    let (back, count) = (&batch.returning, batch.objects.len());
    let together = dialect.features.unnest;
    let text = if together {
        sql::insert_with_made_key(table, &batch.columns, made_keys, back, count, dialect)?
    } else {
        sql::insert(table, &batch.columns, back, 1, dialect)?
    };
    let plan = if together { plan_of(count) } else { Plan::Cached };
    let mut made: Vec<Made> = Vec::with_capacity(count);
    let mut inserted = 0;
    for part in batch.objects.chunks(if together { count.max(1) } else { 1 }) {
        let (rows, types) = rows(map, batch, part)?;
        let parameters = match (batch.columns.is_empty(), together) {
            (true, _) => Parameters::NONE,
            (false, true) => Parameters::Arrays { types: &types, rows: &rows },
            (false, false) => Parameters::Grid { types: &types, rows: &rows },
        };
        let first = usize::from(together);
        inserted += transaction.query(&text, parameters, plan, &mut |row| {
            let place = if together { i64::decode(row.cell(0)) } else { Ok(1) };
            let place = place
                .map_err(|why| orm_core::types::decode_error("the position of a row", &why))?;
            let object = usize::try_from(place - 1).ok().and_then(|place| part.get(place));
            made.extend(object.map(|&id| (id, returned::cells(first, first + back.len(), row))));
            Ok(())
        })?;
    }
    expect_inserted(map, batch, inserted)?;
    if made.len() < count {
        return Err(others(map, batch, &made));
    }
    returned::take_in(map, batch, back, &made)
}

/// How many rows one INSERT takes.
fn rows_per_insert(batch: &Batch, features: &Features) -> usize {
    if features.unnest {
        batch.objects.len().max(1)
    } else if batch.columns.is_empty() {
        1
    } else {
        ROWS_PER_INSERT.min(MOST_PLACEHOLDERS / batch.columns.len()).max(1)
    }
}

fn plan_of(rows: usize) -> Plan {
    if rows >= PLANNED_ONCE { Plan::Once } else { Plan::Cached }
}

fn expect_inserted(map: &IdentityMap, batch: &Batch, inserted: u64) -> Result<()> {
    if inserted == batch.objects.len() as u64 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Stale,
        format!(
            "{inserted} of {} rows were inserted into `{}`; a trigger or a rule left some out: {}",
            batch.objects.len(),
            map.models[batch.model].meta.table().full_name(),
            named(map, &batch.objects)
        ),
    ))
}

/// As many rows came back as were sent, and not under the keys they were sent with.
fn others(map: &IdentityMap, batch: &Batch, made: &[Made]) -> Error {
    let table = map.models[batch.model].meta.table().full_name();
    Error::new(
        ErrorKind::Stale,
        format!(
            "rows came back from `{table}` under other keys than they were sent with; a trigger \
             changed them: {}",
            named(map, &returned::missing(batch, made))
        ),
    )
}

fn update(map: &mut IdentityMap, batch: &Batch, transaction: &mut Transaction) -> Result<()> {
    let table = map.models[batch.model].meta.table();
    let text = sql::update(table, &batch.columns, &batch.returning, transaction.dialect())?;
    let plan = plan_of(batch.objects.len());
    if batch.returning.is_empty() {
        return by_key(map, batch, transaction, (&text, plan), "updated");
    }
    let (all, types) = rows(map, batch, &batch.objects)?;
    let made: Vec<Made> = if transaction.dialect().features.unnest {
        let key = &table.primary_key[..];
        let width = key.len() + batch.returning.len();
        let parameters = Parameters::Arrays { types: &types, rows: &all };
        let mut back = Vec::with_capacity(batch.objects.len());
        transaction.query(&text, parameters, plan, &mut |row| {
            back.push((returned::key(table, key, row)?, returned::cells(key.len(), width, row)));
            Ok(())
        })?;
        returned::by_key(map, &batch.objects, back)
    } else {
        let mut made = Vec::with_capacity(batch.objects.len());
        transaction.query_each(&text, &types, &all, &mut |place, row| {
            made.push((batch.objects[place], returned::cells(0, batch.returning.len(), row)));
            Ok(())
        })?;
        made
    };
    if made.len() < batch.objects.len() {
        return Err(stale(map, batch, "updated", &returned::missing(batch, &made)));
    }
    returned::take_in(map, batch, &batch.returning, &made)
}

fn delete(map: &mut IdentityMap, batch: &Batch, transaction: &mut Transaction) -> Result<()> {
    let table = map.models[batch.model].meta.table();
    if planted(Fault::DeleteNotSent) {
        return Ok(());
    }
    let text = sql::delete(table, transaction.dialect())?;
    by_key(map, batch, transaction, (&text, Plan::Cached), "deleted")
}

/// Runs a statement over rows found by their keys.
fn by_key(
    map: &IdentityMap,
    batch: &Batch,
    transaction: &mut Transaction,
    (text, plan): (&str, Plan),
    verb: &str,
) -> Result<()> {
    let missing = if transaction.dialect().features.unnest {
        in_one_statement(map, batch, transaction, text, plan)?
    } else {
        let mut missing = Vec::new();
        let (rows, types) = rows(map, batch, &batch.objects)?;
        transaction.execute_each(text, &types, &rows, &mut |row, changed| {
            if changed == 0 {
                missing.push(batch.objects[row]);
            }
        })?;
        missing
    };
    if missing.is_empty() || planted(Fault::StaleUnnoticed) {
        Ok(())
    } else {
        Err(stale(map, batch, verb, &missing))
    }
}

/// Sends a batch as one statement; the objects whose rows are not there. After an UPDATE of fewer
/// rows these are asked for. After a DELETE they can't be any more: all of the batch are named, for
/// a list of keys returned with each DELETE would cost every one that goes well.
fn in_one_statement(
    map: &IdentityMap,
    batch: &Batch,
    transaction: &mut Transaction,
    text: &str,
    plan: Plan,
) -> Result<Vec<ObjectId>> {
    let table = map.models[batch.model].meta.table();
    let (all, types) = rows(map, batch, &batch.objects)?;
    let parameters = Parameters::Arrays { types: &types, rows: &all };
    let touched = transaction.execute(text, parameters, plan)?;
    if touched == batch.objects.len() as u64 {
        return Ok(Vec::new());
    }
    if batch.operation == Operation::Delete {
        return Ok(batch.objects.clone());
    }
    let text = sql::found(table, transaction.dialect())?;
    let only_keys = Batch { operation: Operation::Delete, columns: Vec::new(), ..batch.clone() };
    let (rows, types) = rows(map, &only_keys, &batch.objects)?;
    let parameters = Parameters::Arrays { types: &types, rows: &rows };
    let found = keys(table, transaction, &text, parameters, Plan::Once)?;
    let found: FxHashSet<Key> = found.into_iter().collect();
    let there = |id: &ObjectId| map.entry(*id).key.as_ref().is_some_and(|key| found.contains(key));
    Ok(batch.objects.iter().copied().filter(|id| !there(id)).collect())
}

/// The keys that a statement answers with.
fn keys(
    table: &Table,
    transaction: &mut Transaction,
    text: &str,
    parameters: Parameters<'_>,
    plan: Plan,
) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    transaction.query(text, parameters, plan, &mut |row| {
        keys.extend(owner_key(table, table.primary_key.len(), &RowReader::new(row))?);
        Ok(())
    })?;
    Ok(keys)
}

fn stale(map: &IdentityMap, batch: &Batch, verb: &str, missing: &[ObjectId]) -> Error {
    let table = map.models[batch.model].meta.table().full_name();
    let unsure = batch.operation == Operation::Delete && missing.len() > 1;
    Error::new(
        ErrorKind::Stale,
        format!(
            "fewer rows of `{table}` were {verb} than objects changed, {}: {}; another transaction \
             deleted them, or changed their keys",
            if unsure { "not all of" } else { "not" },
            named(map, missing)
        ),
    )
}

/// An error of the database does not say which object it is about; the batch does.
fn naming(map: &IdentityMap, batch: &Batch, error: Error) -> Error {
    if error.kind() == ErrorKind::Stale {
        return error;
    }
    let doing = match batch.operation {
        Operation::Insert => "inserting",
        Operation::Update => "updating",
        Operation::Delete => "deleting",
    };
    let error = match column_at_fault(map, batch, &error) {
        Some(place) => error.with_context(format!("the column is {place}")),
        None => error,
    };
    error.with_context(format!("while {doing} {}", named(map, &batch.objects)))
}

/// The column whose value the driver refused: it knows the number of the parameter only.
fn column_at_fault(map: &IdentityMap, batch: &Batch, error: &Error) -> Option<String> {
    let source = std::error::Error::source(error)?;
    let index = source.downcast_ref::<ParameterFault>()?.index;
    let table = map.models[batch.model].meta.table();
    let key = if batch.operation == Operation::Insert { 0 } else { table.primary_key.len() };
    let place = index % (key + batch.columns.len()).max(1);
    let column = match place.checked_sub(key) {
        None => *table.primary_key.get(place)?,
        Some(rest) => *batch.columns.get(rest)?,
    };
    Some(format!("`{}.{}`", table.model.name, table.column(column).name))
}

/// Names objects in a message: the first ten.
fn named(map: &IdentityMap, objects: &[ObjectId]) -> String {
    const MOST: usize = 10;
    let mut names: Vec<String> = objects.iter().take(MOST).map(|&id| map.describe(id)).collect();
    if objects.len() > MOST {
        names.push(format!("and {} more", objects.len() - MOST));
    }
    names.join(", ")
}
