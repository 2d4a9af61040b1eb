//! Set-based UPDATE and DELETE, clause by clause.

use super::{SqlWriter, mention, node, scope, select};
use crate::error::{Error, ErrorKind, Result};
use crate::statement::{ColumnRef, DeleteStatement, Node, Source, UpdateStatement};

pub(super) fn update(
    writer: &mut SqlWriter<'_>,
    statement: &UpdateStatement,
    returning: bool,
) -> Result<()> {
    writer.leave_out(&statement.left_out)?;
    scope::check_written(statement.source, &writer.outer, &statement.filter)?;
    for set in &statement.set {
        scope::check_written(statement.source, &writer.outer, [&set.value])?;
    }
    writer.push("UPDATE ");
    table(writer, statement.source)?;
    writer.push(" SET ");
    writer.outer.push(statement.source);
    writer.separated(&statement.set, ", ", |writer, set| {
        writer.identifier(&name(set.column)?);
        writer.push(" = ");
        node::write(writer, &set.value)?;
        node::cast_beside(writer, &set.value, &Node::Column(set.column));
        Ok(())
    })?;
    let held = mention::held(writer, statement.source)?;
    select::condition(writer, " WHERE ", &statement.filter, &held)?;
    if returning {
        returning_key(writer, statement.source)?;
        for returned in statement.returned() {
            writer.push(", ");
            if let Some(column) = returned.column() {
                writer.read(statement.source, column);
            }
        }
        let table = statement.source.table();
        for index in table.computed() {
            writer.push(", ");
            writer.read(statement.source, table.column(index));
        }
    }
    Ok(())
}

pub(super) fn delete(
    writer: &mut SqlWriter<'_>,
    statement: &DeleteStatement,
    returning: bool,
) -> Result<()> {
    writer.leave_out(&statement.left_out)?;
    scope::check_written(statement.source, &writer.outer, &statement.filter)?;
    writer.push("DELETE FROM ");
    table(writer, statement.source)?;
    writer.outer.push(statement.source);
    let held = mention::held(writer, statement.source)?;
    select::condition(writer, " WHERE ", &statement.filter, &held)?;
    if returning {
        returning_key(writer, statement.source)?;
    }
    Ok(())
}

fn table(writer: &mut SqlWriter<'_>, source: Source) -> Result<()> {
    writer.table(source)?;
    if source.table().schema.is_some() {
        writer.push(" AS ");
        writer.identifier(source.name());
    }
    Ok(())
}

fn returning_key(writer: &mut SqlWriter<'_>, source: Source) -> Result<()> {
    writer.push(" RETURNING ");
    let table = source.table();
    writer.separated(&table.primary_key, ", ", |writer, &index| {
        writer.read(source, table.column(index));
        Ok(())
    })
}

fn name(set: ColumnRef) -> Result<String> {
    let invalid = |message: &str| Error::new(ErrorKind::InvalidStatement, message);
    let Some(column) = set.column() else {
        return Err(invalid("an assignment to a column that is not there"));
    };
    if column.computed.is_some() {
        let model = set.source.model;
        return Err(invalid(&format!(
            "`{}.{}` is computed by the database and can't be set; set what it is computed from",
            model.name, model.fields[column.field].name
        )));
    }
    Ok(column.name.clone())
}
