//! Set-based UPDATE and DELETE on a session: objects in memory are brought up to date.
//!
//! The statement returns keys and what was set. An attribute that was changed in memory and not
//! flushed keeps the user's value (with autoflush there is none); every other one is as in the row.

use super::Session;
use super::identity_map::ObjectId;
use super::state::State;
use crate::engine::transaction::Plan;
use orm_core::error::Result;
use orm_core::model::{Field, Model};
use orm_core::query::Statement;
use orm_core::statement::{
    ColumnRef, DeleteStatement, Node, Parameters, SetColumn, UpdateStatement,
};
use orm_core::types::{BindWriter, Key, Row, RowReader, Value, ValueRef, decode_error};

impl Session {
    pub(super) fn update_rows<M: Model>(&mut self, statement: &UpdateStatement) -> Result<u64> {
        let statement = with_on_update::<M>(statement);
        let set: Vec<ColumnRef> = statement.set.iter().map(|set| set.column).collect();
        let model = self.map.model(M::meta());
        self.returning(
            Statement::Update { statement: &statement, returning: true },
            |session, row| {
                let Some(id) = session.returned(model, row)? else { return Ok(()) };
                session.take_over(id, &set, row)
            },
        )
    }

    pub(super) fn delete_found<M: Model>(&mut self, statement: &DeleteStatement) -> Result<u64> {
        let model = self.map.model(M::meta());
        let mut deleted = Vec::new();
        let rows =
            self.returning(Statement::Delete { statement, returning: true }, |session, row| {
                deleted.extend(session.returned(model, row)?);
                Ok(())
            })?;
        let done = self.done_by_deleting(&deleted)?;
        self.tell_objects(&done);
        Ok(rows)
    }

    /// Runs a statement and hands out the rows it returns once it is done.
    fn returning(
        &mut self,
        statement: Statement<'_>,
        mut each: impl FnMut(&mut Session, &dyn Row) -> Result<()>,
    ) -> Result<u64> {
        let compiled = self.prepare(statement)?;
        let Some(transaction) = &mut self.transaction else { return Ok(0) };
        let mut rows = Vec::new();
        let parameters = Parameters::Values(&compiled.parameters);
        let done = transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
            rows.push(crate::engine::OwnedRow::of(row));
            Ok(())
        });
        let count = done.map_err(|error| self.told(error))?;
        for row in &rows {
            each(self, row)?;
        }
        Ok(count)
    }

    /// The object in memory of a returned row, whose key comes first.
    fn returned(&self, model: usize, row: &dyn Row) -> Result<Option<ObjectId>> {
        let table = self.map.models[model].meta.table();
        let key: Option<Key> =
            super::related::owner_key(table, table.primary_key.len(), &RowReader::new(row))?;
        let known = key.and_then(|key| self.map.by_key(model, &key));
        Ok(known.filter(|&id| {
            self.map.object(id).is_some()
                && matches!(self.map.state(id), State::Persistent | State::Stale)
        }))
    }

    /// Takes over what was set, behind the key, into an object.
    fn take_over(&mut self, id: ObjectId, set: &[ColumnRef], row: &dyn Row) -> Result<()> {
        let before = match self.map.values(id.model).and_then(|values| values.original(id.slot)) {
            Some(original) => Some(original.boxed()),
            None => self.map.object(id).map(orm_core::model::Object::boxed),
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.record(&mut self.map, id, before);
        }
        let table = self.map.models[id.model].meta.table();
        let mut fields: Vec<usize> = set.iter().map(|column| usize::from(column.field)).collect();
        fields.dedup();
        for field in fields {
            let mut reader = RowReader::new(row);
            let first = set.iter().position(|column| usize::from(column.field) == field);
            reader.skip(table.primary_key.len() + first.unwrap_or_default());
            let Some(values) = self.map.values_mut(id.model) else { return Ok(()) };
            let kept = values
                .changed(id.slot)
                .is_some_and(|(object, original)| !object.field(field).same(original.field(field)));
            if !kept && let Some(object) = values.get_mut(id.slot) {
                read_field(object.field_mut(field), &mut reader, &table.columns, field)?;
            }
            if let Some(original) = values.original_mut(id.slot) {
                let mut reader = RowReader::new(row);
                reader.skip(table.primary_key.len() + first.unwrap_or_default());
                read_field(original.field_mut(field), &mut reader, &table.columns, field)?;
            }
        }
        self.point(id);
        Ok(())
    }

    /// Gives references that got a new key the handle of its object.
    fn point(&mut self, id: ObjectId) {
        if let Some(scope) = self.scopes.last_mut() {
            let number = self.transaction_number;
            super::loading::Loader::new(&mut self.map, scope, number).point(id);
        }
    }
}

/// Reads one field from the next columns of a row.
fn read_field(
    field: &mut dyn Field,
    row: &mut RowReader<'_>,
    columns: &[orm_core::schema::Column],
    position: usize,
) -> Result<()> {
    let name = columns
        .iter()
        .find(|column| column.field == position)
        .map_or("", |column| column.name.as_str());
    field.read_from(row).map_err(|mismatch| decode_error(name, &mismatch))
}

/// The statement with the columns that a change writes along.
fn with_on_update<M: Model>(statement: &UpdateStatement) -> UpdateStatement {
    let mut statement = statement.clone();
    let meta = M::meta();
    for (index, field) in meta.fields.iter().enumerate() {
        let said = statement.set.iter().any(|set| usize::from(set.column.field) == index);
        if !field.on_update || said {
            continue;
        }
        let Some(value) = M::on_update_value(index) else { continue };
        let mut taken = Taken(Value::Null);
        value.encode(0, &mut taken);
        if let Some(column) = meta.table().column_of(index, 0) {
            let field = u16::try_from(index).unwrap_or(u16::MAX);
            statement.set.push(SetColumn {
                column: ColumnRef { source: statement.source, field, part: 0 },
                value: Node::Value { ty: column.ty, value: taken.0 },
            });
        }
    }
    statement
}

struct Taken(Value);

impl BindWriter for Taken {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = Value::from(value);
    }
}
