//! Set-based UPDATE and DELETE on a session: objects in memory are brought up to date.
//!
//! The statement returns keys and what was set. An attribute that was changed in memory and not
//! flushed keeps the user's value (with autoflush there is none); every other one is as in the row.
//! Where keys are set nothing tells which object a row is of: all are stale, and read again.
//! A deferred column that was set does not come back: it is not loaded any more.

use super::Session;
use super::apart::forget;
use super::identity_map::{IdentityMap, ObjectId};
use super::loader::Loader;
use super::state::State;
use crate::engine::transaction::Plan;
use crate::faults::{Fault, planted};
use orm_core::error::Result;
use orm_core::model::{Model, Object};
use orm_core::query::{Statement, owner_key};
use orm_core::schema::FieldSpec;
use orm_core::statement::{
    ArithmeticOperator, ColumnRef, DeleteStatement, Node, Parameters, SetColumn, UpdateStatement,
};
use orm_core::types::{BindWriter, ColumnType, Row, RowReader, Value, ValueRef};

impl Session {
    pub(super) fn update_rows<M: Model>(&mut self, statement: &UpdateStatement) -> Result<u64> {
        let statement = with_on_update::<M>(statement);
        let mut set = statement.returned();
        // behind them comes what the database computes
        let computed = M::meta().table().computed();
        set.extend(computed.filter_map(|index| ColumnRef::of(statement.source, index)));
        if sets_key::<M>(&set) {
            // rows come back under their new keys, and nothing tells of which objects they were
            let statement = Statement::Update { statement: &statement, returning: true };
            let rows = self.returning(statement, |_, _| Ok(()))?;
            self.expire_objects();
            return Ok(rows);
        }
        let model = self.map.model(M::meta());
        let mut references: Vec<usize> =
            set.iter().map(|column| usize::from(column.field)).collect();
        references.dedup();
        let is_reference = |field: &usize| M::meta().fields[*field].target().is_some();
        references.retain(is_reference);
        let mut pointed = Vec::new();
        let fields = statement.set.iter().map(|set| usize::from(set.column.field));
        let deferred: Vec<usize> = fields
            .filter(|&field| {
                matches!(M::meta().fields[field].spec, FieldSpec::Column { deferred: true, .. })
            })
            .collect();
        let mut written = Vec::new();
        let asking = !self.under.criteria.is_empty();
        let statement = Statement::Update { statement: &statement, returning: true };
        let rows = self.returning(statement, |loader, row| {
            let Some(id) = returned(loader.map, model, row)? else { return Ok(()) };
            if asking {
                written.push(id);
            }
            pointed.extend(
                references.iter().map(|&field| (id, field, loader.map.pointed_at(id, field))),
            );
            if planted(Fault::UpdateNotTold) {
                return Ok(());
            }
            take_over(loader, id, &set, row)?;
            for &field in &deferred {
                forget(loader.map, id, field);
            }
            Ok(())
        })?;
        self.note_written(written);
        for (id, field, before) in pointed {
            self.moved_by_database(id, field, before);
        }
        Ok(rows)
    }

    pub(super) fn delete_found<M: Model>(&mut self, statement: &DeleteStatement) -> Result<u64> {
        let model = self.map.model(M::meta());
        let mut deleted = Vec::new();
        let statement = Statement::Delete { statement, returning: true };
        let rows = self.returning(statement, |loader, row| {
            let known = returned(loader.map, model, row)?;
            deleted.extend(known.filter(|_| !planted(Fault::DeletionNotTold)));
            Ok(())
        })?;
        self.under.ask_again();
        let done = self.done_by_deleting(deleted);
        self.tell_objects(&done);
        self.leave_collections(&done.deleted);
        self.read_rewritten()?;
        Ok(rows)
    }

    /// Runs a statement and hands out the rows it returns.
    fn returning(
        &mut self,
        statement: Statement<'_>,
        mut each: impl FnMut(&mut Loader<'_>, &dyn Row) -> Result<()>,
    ) -> Result<u64> {
        let compiled = self.prepare(statement)?;
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Ok(0);
        };
        let mut loader = Loader::new(&mut self.map, scope, self.transaction_number);
        let parameters = Parameters::Values(&compiled.parameters);
        let done = transaction
            .query(&compiled.sql, parameters, Plan::Cached, &mut |row| each(&mut loader, row));
        done.map_err(|error| self.told(error))
    }
}

/// Whether a column of the primary key is among these.
fn sets_key<M: Model>(set: &[ColumnRef]) -> bool {
    let table = M::meta().table();
    table.primary_key.iter().map(|&index| table.column(index)).any(|key| {
        set.iter().any(|column| {
            usize::from(column.field) == key.field && usize::from(column.part) == key.part
        })
    })
}

/// The object in memory of a returned row, whose key comes first.
fn returned(map: &IdentityMap, model: usize, row: &dyn Row) -> Result<Option<ObjectId>> {
    let table = map.models[model].meta.table();
    let key = owner_key(table, table.primary_key.len(), &RowReader::new(row))?;
    let known = key.and_then(|key| map.by_key(model, &key));
    Ok(known.filter(|&id| {
        map.object(id).is_some()
            && matches!(map.state(id), State::Persistent | State::Stale | State::ToBeDeleted)
    }))
}

/// Takes over what was set, which comes behind the key, into an object.
fn take_over(
    loader: &mut Loader<'_>,
    id: ObjectId,
    set: &[ColumnRef],
    row: &dyn Row,
) -> Result<()> {
    let values = loader.map.values(id.model);
    let original = values.and_then(|values| values.original(id.slot));
    let before = original.or_else(|| loader.map.object(id)).map(Object::boxed);
    let table = loader.map.models[id.model].meta.table();
    let written_by_others = match (&before, table.version) {
        (Some(before), Some(version)) => others_wrote(&**before, version, set, row)?,
        _ => false,
    };
    loader.scope.record(loader.map, id, before);
    let mut fields: Vec<usize> = set.iter().map(|column| usize::from(column.field)).collect();
    fields.dedup();
    if let Some(version) = table.version.filter(|_| written_by_others) {
        fields.retain(|&field| field != table.column(version).field);
    }
    for field in fields {
        let first = set.iter().position(|column| usize::from(column.field) == field);
        let reader = || {
            let mut reader = RowReader::new(row);
            reader.skip(table.primary_key.len() + first.unwrap_or_default());
            reader
        };
        let Some(values) = loader.map.values_mut(id.model) else { return Ok(()) };
        // what the program changed in the object since it was read stays
        let changed = values.changed(id.slot);
        let kept = |part: &usize| {
            changed.as_ref().is_some_and(|(object, original)| {
                !object.field(field).same_part(*part, original.field(field))
            })
        };
        let parts = table.columns_of(field).map(|column| table.column(column).part);
        let (kept, open): (Vec<usize>, Vec<usize>) = parts.partition(kept);
        if kept.is_empty()
            && let Some(object) = values.get_mut(id.slot)
        {
            object.field_mut(field).read_from(&mut reader())?;
        }
        if let Some(original) = values.original_mut(id.slot) {
            original.field_mut(field).read_from(&mut reader())?;
        }
        if !kept.is_empty()
            && let Some((object, original)) = values.changed(id.slot)
        {
            for part in open {
                object.field_mut(field).take_part(part, original.field(field));
            }
        }
    }
    loader.point(id);
    Ok(())
}

/// Whether others wrote the row since it was read: a version that counts is not the one behind that of
/// the object. It keeps its own then, so that its next change is told to be one of another row.
fn others_wrote(
    before: &dyn Object,
    version: usize,
    set: &[ColumnRef],
    row: &dyn Row,
) -> Result<bool> {
    let table = before.table();
    let column = table.column(version);
    let place = set.iter().position(|set| usize::from(set.field) == column.field);
    let counts = matches!(column.ty, ColumnType::Integer | ColumnType::BigInt);
    let (Some(place), Some(next)) = (place, before.next_version().filter(|_| counts)) else {
        return Ok(false);
    };
    let mut now = before.boxed();
    let mut reader = RowReader::new(row);
    reader.skip(table.primary_key.len() + place);
    now.field_mut(column.field).read_from(&mut reader)?;
    Ok(!next.same(now.field(column.field)))
}

/// The statement with the columns that a change writes along: those with `on_update`, and the version.
fn with_on_update<M: Model>(statement: &UpdateStatement) -> UpdateStatement {
    let mut statement = statement.clone();
    let meta = M::meta();
    for (index, field) in meta.fields.iter().enumerate() {
        let said = statement.set.iter().any(|set| usize::from(set.column.field) == index);
        if said || !(field.on_update || field.version) {
            continue;
        }
        let value = if field.version { M::next_version(None) } else { M::on_update_value(index) };
        let (Some(value), Some(column)) = (value, meta.table().column_of(index, 0)) else {
            continue;
        };
        let mut taken = Taken(Value::Null);
        value.encode(0, &mut taken);
        let value = Node::Value { ty: column.ty, value: taken.0 };
        let field = u16::try_from(index).unwrap_or(u16::MAX);
        let set = ColumnRef { source: statement.source, field, part: 0 };
        let counts = matches!(column.ty, ColumnType::Integer | ColumnType::BigInt)
            && meta.fields[index].version;
        let value = if counts {
            // its first one is what it counts by
            let (left, right) = (Box::new(Node::Column(set)), Box::new(value));
            Node::Arithmetic { operator: ArithmeticOperator::Add, left, right }
        } else {
            value
        };
        statement.set.push(SetColumn { column: set, value });
    }
    statement
}

struct Taken(Value);

impl BindWriter for Taken {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = Value::from(value);
    }
}
