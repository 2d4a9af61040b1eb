//! CREATE TABLE with all its constraints, then its indexes.
//!
//! 1. Tables come after those they point to.
//! 2. Foreign keys within a cycle are added by ALTER TABLE when all tables are there; a database
//!    that can't do so accepts references to tables that are yet to come, and has them inline.
//! 3. Views that have a query are created behind the tables, in the order of the models.
//! 4. What exists is passed over, its constraints and indexes too.

use super::{Existing, enums, full_name, is_made, name, order, spelling};
use crate::compile::quoted;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Column, ForeignKey, ReferentialAction, Schema, Table, names};
use crate::types::ColumnType;

/// The statements that create the tables and views of `schema` that do not exist.
///
/// # Errors
/// `Unsupported` for what the database can't do, and for names that it takes for the same.
pub fn create_all(schema: &Schema, existing: &Existing, dialect: &Dialect) -> Result<Vec<String>> {
    let missing: Vec<&Table> =
        schema.tables().filter(|table| !existing.contains(&full_name(table))).collect();
    let missing: Vec<&Table> = missing.into_iter().filter(|table| is_made(table)).collect();
    spelling::check(&missing, dialect)?;
    let mut statements = schemas(&missing, dialect);
    let (views, missing): (Vec<&Table>, Vec<&Table>) =
        missing.into_iter().partition(|table| table.model.is_read_only());
    let (ordered, cyclic) = order::by_foreign_keys(&missing);
    let mut added_later = Vec::new();
    for (position, table) in ordered.iter().chain(&cyclic).enumerate() {
        let comes_later = |key: &ForeignKey| {
            dialect.features.alter_add_constraint
                && position >= ordered.len()
                && cyclic[position - ordered.len() + 1..]
                    .iter()
                    .any(|other| std::ptr::eq(*other, key.target.table()))
        };
        statements.push(create_table(table, &comes_later, dialect)?);
        for key in table.foreign_keys.iter().filter(|key| comes_later(key)) {
            added_later.push(format!(
                "ALTER TABLE {} ADD {}",
                name(table, dialect)?,
                foreign_key(table, key, dialect)?
            ));
        }
        statements.extend(indexes(table, dialect)?);
        statements.extend(comments(table, "TABLE", dialect)?);
    }
    statements.append(&mut added_later);
    for view in views {
        let query = view.model.declared.view.and_then(|view| view.query).unwrap_or_default();
        statements.push(format!("CREATE VIEW {} AS {query}", name(view, dialect)?));
        statements.extend(comments(view, "VIEW", dialect)?);
    }
    Ok(statements)
}

/// CREATE SCHEMA for each schema that the tables are in.
fn schemas(tables: &[&Table], dialect: &Dialect) -> Vec<String> {
    let mut names: Vec<&String> = tables.iter().filter_map(|table| table.schema.as_ref()).collect();
    names.sort();
    names.dedup();
    if !dialect.features.schemas {
        return Vec::new();
    }
    names.iter().map(|name| format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(name))).collect()
}

fn create_table(
    table: &Table,
    comes_later: &dyn Fn(&ForeignKey) -> bool,
    dialect: &Dialect,
) -> Result<String> {
    let mut lines = Vec::new();
    for (index, column) in table.columns.iter().enumerate().filter(|(_, column)| !column.system) {
        lines.push(self::column(table, index, column, dialect)?);
    }
    if !inline_key(table, dialect) {
        lines.push(format!(
            "CONSTRAINT {} PRIMARY KEY ({})",
            quoted(&table.primary_key_name),
            columns(table, &table.primary_key)
        ));
    }
    for unique in &table.uniques {
        lines.push(format!(
            "CONSTRAINT {} UNIQUE ({}){}",
            quoted(&unique.name),
            columns(table, &unique.columns),
            if unique.deferrable && dialect.features.deferrable_uniques {
                " DEFERRABLE"
            } else {
                ""
            }
        ));
    }
    for key in table.foreign_keys.iter().filter(|key| !comes_later(key)) {
        lines.push(foreign_key(table, key, dialect)?);
    }
    for check in &table.checks {
        lines.push(format!("CONSTRAINT {} CHECK ({})", quoted(&check.name), check.sql));
    }
    lines.extend(
        table.columns.iter().filter_map(|column| enums::label_check(table, column, dialect)),
    );
    if !dialect.features.enforces_length {
        lines.extend(table.columns.iter().filter_map(|column| length_check(table, column)));
    }
    if !dialect.features.enforces_range {
        lines.extend(table.columns.iter().filter_map(|column| range_check(table, column)));
    }
    Ok(format!("CREATE TABLE {} (\n  {}\n)", name(table, dialect)?, lines.join(",\n  ")))
}

/// Whether the key is written beside its column: a generated key of a database whose row id it is.
fn inline_key(table: &Table, dialect: &Dialect) -> bool {
    !dialect.features.identity_columns && table.auto_key().is_some()
}

fn column(table: &Table, index: usize, column: &Column, dialect: &Dialect) -> Result<String> {
    let ty = dialect.column_type(column.ty, column.length, column.sql_type);
    let null = if column.may_be_null() { "" } else { " NOT NULL" };
    let name = quoted(&column.name);
    if let Some(sql) = column.computed {
        return Ok(format!("{name} {ty} GENERATED ALWAYS AS ({sql}) STORED{null}"));
    }
    if !column.is_counted() {
        // in parentheses it may be any expression, on every database
        let default = column.server_default.filter(|_| !column.triggered);
        let default = default.map(|sql| format!(" DEFAULT ({sql})"));
        return Ok(format!("{name} {ty}{}{null}", default.unwrap_or_default()));
    }
    if dialect.features.identity_columns {
        return Ok(format!("{name} {ty} GENERATED BY DEFAULT AS IDENTITY"));
    }
    if table.primary_key != [index] {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} generates values for a primary key of one column only, not for `{}.{}`; give \
                 the value yourself",
                dialect.name, table.model.name, column.name
            ),
        ));
    }
    Ok(format!(
        "{name} INTEGER NOT NULL CONSTRAINT {} PRIMARY KEY AUTOINCREMENT",
        quoted(&table.primary_key_name)
    ))
}

fn length_check(table: &Table, column: &Column) -> Option<String> {
    let length = column.length.filter(|_| column.ty == ColumnType::Text)?;
    let check = names::length(table, column);
    Some(format!(
        "CONSTRAINT {} CHECK (length({}) <= {length})",
        quoted(&check),
        quoted(&column.name)
    ))
}

/// The values that the column's type has elsewhere; none for 64 bits, which is all there is.
fn range_check(table: &Table, column: &Column) -> Option<String> {
    let values = match column.ty {
        ColumnType::Bool => "IN (0, 1)".to_owned(),
        ColumnType::SmallInt => format!("BETWEEN {} AND {}", i16::MIN, i16::MAX),
        ColumnType::Integer => format!("BETWEEN {} AND {}", i32::MIN, i32::MAX),
        _ => return None,
    };
    let check = names::range(table, column);
    Some(format!("CONSTRAINT {} CHECK ({} {values})", quoted(&check), quoted(&column.name)))
}

fn foreign_key(table: &Table, key: &ForeignKey, dialect: &Dialect) -> Result<String> {
    let targets: Vec<String> = key.target_columns.iter().map(|name| quoted(name)).collect();
    let mut sql = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quoted(&key.name),
        columns(table, &key.columns),
        name(key.target.table(), dialect)?,
        targets.join(", ")
    );
    if key.on_delete != ReferentialAction::NoAction {
        sql.push_str(" ON DELETE ");
        sql.push_str(key.on_delete.sql());
    }
    if key.on_update != ReferentialAction::NoAction {
        sql.push_str(" ON UPDATE ");
        sql.push_str(key.on_update.sql());
    }
    Ok(sql)
}

fn indexes(table: &Table, dialect: &Dialect) -> Result<Vec<String>> {
    let on = name(table, dialect)?;
    let created = table.indexes.iter().map(|index| {
        let columns: Vec<String> = index
            .columns
            .iter()
            .zip(&index.falling)
            .map(|(&column, &falling)| {
                let name = quoted(&table.columns[column].name);
                if falling { format!("{name} DESC") } else { name }
            })
            .collect();
        let unique = if index.unique { "UNIQUE " } else { "" };
        let name = quoted(&index.name);
        let mut sql = format!("CREATE {unique}INDEX {name} ON {on} ({})", columns.join(", "));
        if let Some(filter) = index.filter {
            sql.push_str(" WHERE ");
            sql.push_str(filter);
        }
        sql
    });
    Ok(created.collect())
}

/// COMMENT ON the table or view and its columns, where something is said of them.
fn comments(table: &Table, kind: &str, dialect: &Dialect) -> Result<Vec<String>> {
    if !dialect.features.comments {
        return Ok(Vec::new());
    }
    let on = name(table, dialect)?;
    let of_table = table.model.declared.comment;
    let of_table = of_table.map(|said| format!("COMMENT ON {kind} {on} IS {}", literal(said)));
    let of_columns = table.columns.iter().filter_map(|column| {
        let said = literal(column.comment?);
        Some(format!("COMMENT ON COLUMN {on}.{} IS {said}", quoted(&column.name)))
    });
    Ok(of_table.into_iter().chain(of_columns).collect())
}

/// A text as SQL writes it, whatever the server takes a backslash for.
fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        return format!("E'{}'", doubled.replace('\\', "\\\\"));
    }
    format!("'{doubled}'")
}

fn columns(table: &Table, positions: &[usize]) -> String {
    let names: Vec<String> =
        positions.iter().map(|&index| quoted(&table.columns[index].name)).collect();
    names.join(", ")
}
