//! Sends the batches of a plan, one after the other, and brings back what the database made.
//!
//! 1. Keys of rows written earlier in the same flush are put into the references of a batch right
//!    before it is sent.
//! 2. With `unnest` a batch is one statement. INSERT and UPDATE go unnamed from [`PLANNED_ONCE`] rows
//!    up, to be planned for the real number of rows; DELETE, planned by the key's index, is prepared.
//!    Without, INSERT goes in parts of [`rows::ROWS_PER_STATEMENT`] rows, UPDATE and DELETE row by row.
//! 3. Fewer rows than sent is [`ErrorKind::Stale`], naming the objects ([`super::missing`]).

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::links::LinkChanges;
use super::super::scope::Scope;
use super::missing::{self, Failure, named, stale};
use super::plan::{Batch, FlushPlan, Operation};
use super::returned::{self, Asked, Made};
use super::rows::{self, PLANNED_ONCE, rows, rows_per_statement};
use super::stored::in_database;
use super::version::{self, Versions};
use super::{expressions, follow, links, sync, system_version};
use crate::driver::ParameterFault;
use crate::engine::transaction::{Plan, Transaction};
use crate::faults::{Fault, planted};
use orm_core::compile::batch as sql;
use orm_core::dialect::Dialect;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::schema::{Follower, ModelMeta};
use orm_core::statement::{BatchRows, Parameters};
use orm_core::types::{ColumnType, DbType};
use std::ops::RangeInclusive;

/// Sends a plan inside a transaction that is open. Link rows that go are deleted before anything
/// else, new ones are written behind it.
pub(crate) fn persist(
    map: &mut IdentityMap,
    plan: &FlushPlan,
    linked: &Linked<'_>,
    transaction: &mut Transaction,
    scope: &mut Scope,
    transaction_number: u32,
) -> Result<(), Failure> {
    for changes in linked.changes {
        links::remove(map, changes, transaction)?;
    }
    for (link, side, objects) in &linked.cleared {
        links::clear(map, link, *side, objects, transaction)?;
    }
    check_later(plan, true, transaction)?;
    for (place, batch) in plan.batches.iter().enumerate() {
        let followers = plan.followers.get(&place).map_or(&[][..], Vec::as_slice);
        write(map, (batch, followers), transaction, scope, transaction_number)?;
    }
    for evaluated in &plan.evaluated {
        expressions::send(map, evaluated, transaction)?;
    }
    check_later(plan, false, transaction)?;
    linked.changes.iter().try_for_each(|changes| links::add(map, changes, transaction))?;
    Ok(())
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
    (batch, followers): (&Batch, &[Follower]),
    transaction: &mut Transaction,
    scope: &mut Scope,
    transaction_number: u32,
) -> Result<(), Failure> {
    sync::resolve_references(map, batch)?;
    let versions = version::next(map, batch);
    let pointing = follow::pointing(map, batch);
    let following: Vec<ObjectId> = pointing.iter().map(|pointing| pointing.child).collect();
    let mut following = system_version::changed(map, &following);
    system_version::check(map, &following, transaction)?;
    keep_versions(map, batch, scope);
    let sent = match batch.operation {
        _ if batch.writes_nothing() => Ok(()),
        Operation::Insert => insert(map, batch, transaction).map_err(Failure::from),
        Operation::Update => update(map, (batch, followers), &versions, transaction),
        Operation::Delete => delete(map, batch, transaction),
    };
    if sent.as_ref().is_err_and(|failure| failure.error.kind() == ErrorKind::Stale) {
        // an object that takes over a row is new: what is old is that of the row
        let rows: Vec<ObjectId> =
            batch.objects.iter().filter_map(|&id| version::of_row(map, id)).collect();
        map.doubted.extend(rows);
    }
    sent.map_err(|failure| Failure { error: naming(map, batch, failure.error), ..failure })?;
    sync::written(map, batch, versions, scope, transaction_number);
    follow::tell(map, &pointing, scope);
    system_version::read_again(map, &mut following, transaction)?;
    Ok(())
}

/// Versions that the database keeps come back into objects: what these were is kept for rollback.
fn keep_versions(map: &mut IdentityMap, batch: &Batch, scope: &mut Scope) {
    let table = map.models[batch.model].meta.table();
    if table.system_version().is_none() || batch.operation != Operation::Update {
        return;
    }
    for &id in &batch.objects {
        let row = in_database(map, id).map(Object::boxed);
        scope.record(map, id, row);
    }
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
    let versions = Versions::new();
    let mut numbers: Vec<i64> = Vec::with_capacity(counted.map_or(0, |_| batch.objects.len()));
    let mut made: Vec<Made> = Vec::new();
    let mut sent = 0;
    let mut text = String::new();
    let mut text_is_for = 0;
    for part in batch.objects.chunks(rows_per_statement(table, batch, &dialect.features)) {
        if text_is_for != part.len() {
            text = sql::insert(table, &batch.columns, returning, part.len(), dialect)?;
            text_is_for = part.len();
        }
        let (rows, types) = rows(map, batch, part, &versions)?;
        let parameters = travelling(batch, &types, &rows, dialect);
        let plan = if dialect.features.unnest { plan_of(part.len()) } else { Plan::Cached };
        if returning.is_empty() {
            sent += transaction.execute(&text, parameters, plan)?;
            if told {
                numbers.extend(row_ids(part.len(), transaction)?);
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

/// The row ids of what one statement inserted: they follow one another, and the last one is told.
fn row_ids(rows: usize, transaction: &mut Transaction) -> Result<RangeInclusive<i64>> {
    let last = transaction.last_insert_id()?;
    let count = i64::try_from(rows).unwrap_or(i64::MAX);
    Ok(last - count + 1..=last)
}

/// INSERT of rows whose keys a default makes. With `unnest` it is evaluated beside the position of each
/// row, and what was inserted joined back by key: one statement. Without, and where a trigger makes the
/// key, one for each row.
fn insert_with_made_key(
    map: &mut IdentityMap,
    batch: &Batch,
    made_keys: &[usize],
    transaction: &mut Transaction,
) -> Result<()> {
    let dialect = transaction.dialect();
    let table = map.models[batch.model].meta.table();
    let (back, count) = (&batch.returning, batch.objects.len());
    let by_trigger = made_keys.iter().any(|&index| table.column(index).triggered);
    let together = dialect.features.unnest && !by_trigger;
    let text = if together {
        sql::insert_with_made_key(table, &batch.columns, made_keys, back, count, dialect)?
    } else {
        sql::insert(table, &batch.columns, back, 1, dialect)?
    };
    let plan = if together { plan_of(count) } else { Plan::Cached };
    let mut made: Vec<Made> = Vec::with_capacity(count);
    let mut inserted = 0;
    let versions = Versions::new();
    for part in batch.objects.chunks(if together { count.max(1) } else { 1 }) {
        let (rows, types) = rows(map, batch, part, &versions)?;
        let parameters = travelling(batch, &types, &rows, dialect);
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

/// How the rows of an INSERT travel; none where the database makes all their columns.
fn travelling<'a>(
    batch: &Batch,
    types: &'a [ColumnType],
    rows: &'a dyn BatchRows,
    dialect: &Dialect,
) -> Parameters<'a> {
    match (batch.columns.is_empty(), dialect.features.unnest) {
        (true, _) => Parameters::NONE,
        (false, true) => Parameters::Arrays { types, rows },
        (false, false) => Parameters::Grid { types, rows },
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

fn update(
    map: &mut IdentityMap,
    (batch, followers): (&Batch, &[Follower]),
    versions: &Versions,
    transaction: &mut Transaction,
) -> Result<(), Failure> {
    let table = map.models[batch.model].meta.table();
    let dialect = transaction.dialect();
    let together = dialect.features.defer_foreign_keys.is_none();
    let text = if together && !followers.is_empty() {
        follow::text(table, (batch, followers), versions, dialect)?
    } else {
        let (found_by, written) =
            (version::found_by(table, batch), rows::written(table, batch, versions));
        sql::update(table, &found_by, &written, &batch.returning, dialect)?
    };
    if !together && !followers.is_empty() {
        follow::send(map, (batch, followers), versions, transaction)?;
    }
    let plan = plan_of(batch.objects.len());
    if batch.returning.is_empty() {
        return missing::by_key(map, batch, versions, transaction, (&text, plan));
    }
    let (all, types) = rows(map, batch, &batch.objects, versions)?;
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
        return Err(stale(map, batch, &returned::missing(batch, &made), true).into());
    }
    Ok(returned::take_in(map, batch, &batch.returning, &made)?)
}

fn delete(
    map: &mut IdentityMap,
    batch: &Batch,
    transaction: &mut Transaction,
) -> Result<(), Failure> {
    let table = map.models[batch.model].meta.table();
    if planted(Fault::DeleteNotSent) {
        return Ok(());
    }
    let text = sql::delete_by(table, &version::found_by(table, batch), transaction.dialect())?;
    missing::by_key(map, batch, &Versions::new(), transaction, (&text, Plan::Cached))
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
    let found_by = version::found_by(table, batch);
    let place = index % (found_by.len() + batch.columns.len()).max(1);
    let column = match place.checked_sub(found_by.len()) {
        None => *found_by.get(place)?,
        Some(rest) => *batch.columns.get(rest)?,
    };
    Some(format!("`{}.{}`", table.model.name, table.column(column).name))
}
