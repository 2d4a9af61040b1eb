//! Set-based UPDATE and DELETE, clause by clause.

use super::{SqlWriter, node, select};
use crate::error::{Error, ErrorKind, Result};
use crate::statement::{ColumnRef, DeleteStatement, Source, UpdateStatement};

pub(super) fn update(
    writer: &mut SqlWriter<'_>,
    statement: &UpdateStatement,
    returning: bool,
) -> Result<()> {
    writer.push("UPDATE ");
    table(writer, statement.source)?;
    writer.push(" SET ");
    writer.outer.push(statement.source);
    writer.separated(&statement.set, ", ", |writer, set| {
        writer.identifier(&name(set.column)?);
        writer.push(" = ");
        node::write(writer, &set.value)
    })?;
    select::condition(writer, " WHERE ", &statement.filter)?;
    if returning {
        returning_key(writer, statement.source)?;
        for returned in statement.returned() {
            writer.push(", ");
            column(writer, statement.source, &name(returned)?);
        }
    }
    Ok(())
}

pub(super) fn delete(
    writer: &mut SqlWriter<'_>,
    statement: &DeleteStatement,
    returning: bool,
) -> Result<()> {
    writer.push("DELETE FROM ");
    table(writer, statement.source)?;
    writer.outer.push(statement.source);
    select::condition(writer, " WHERE ", &statement.filter)?;
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
        column(writer, source, &table.column(index).name);
        Ok(())
    })
}

fn column(writer: &mut SqlWriter<'_>, source: Source, name: &str) {
    writer.identifier(source.name());
    writer.push(".");
    writer.identifier(name);
}

fn name(column: ColumnRef) -> Result<String> {
    column.column().map(|column| column.name.clone()).ok_or_else(|| {
        Error::new(ErrorKind::InvalidStatement, "an assignment to a column that is not there")
    })
}
