//! What the metadata knows of an error that a database told: which constraint it was, where the
//! database names only columns, and which column, where it names only the constraint.
//!
//! Called where a statement failed; looks at the registered models alone.

use orm_core::error::{Error, ErrorKind, Facts};
use orm_core::schema::{Column, Schema, Table, names};
use orm_core::types::ColumnType;

/// The error with what the models tell of it.
pub(super) fn recognise(error: Error, schema: &Schema) -> Error {
    match error.kind() {
        ErrorKind::UndefinedTable => error.with_context(
            "where the tables are to be made by the program, call `engine.create_all()` with the \
             model registered, else run the migration that creates it",
        ),
        ErrorKind::UniqueViolation if error.constraint().is_none() => unique(error, schema),
        ErrorKind::CheckViolation => check(error, schema),
        ErrorKind::UndefinedColumn if names_a_column(&error, schema) => error.with_context(
            "a model has this column and its table has not: `create_all` makes tables that are not \
             there and alters none, so a migration has to add it",
        ),
        _ => error,
    }
}

/// Whether the column that is missing is one of a registered model.
fn names_a_column(error: &Error, schema: &Schema) -> bool {
    let Some(missing) = missing_column(error) else { return false };
    let has_it = |table: &Table| table.columns.iter().any(|column| column.name == missing);
    schema.tables().any(has_it)
}

/// The name of the column that a statement asked for, without that of its table.
fn missing_column(error: &Error) -> Option<&str> {
    let told = || {
        let (_, behind) = error.details()?.split_once("column ")?;
        behind.strip_prefix("named ").unwrap_or(behind).split_whitespace().next()
    };
    let name = error.columns().first().map(String::as_str).or_else(told)?;
    Some(name.rsplit('.').next().unwrap_or(name).trim_matches('"'))
}

fn facts(error: &Error) -> Facts {
    Facts {
        sqlstate: error.sqlstate().map(str::to_owned),
        constraint: error.constraint().map(str::to_owned),
        table: error.table().map(str::to_owned),
        columns: error.columns().to_vec(),
        details: error.details().map(str::to_owned),
    }
}

/// Names the constraint over the columns that the database told.
fn unique(error: Error, schema: &Schema) -> Error {
    let columns = error.columns();
    let table = schema.tables().find(|table| Some(table.name.as_str()) == error.table());
    let Some(constraint) = table.and_then(|table| unique_over(table, columns)) else {
        return error;
    };
    let facts = Facts { constraint: Some(constraint.to_owned()), ..facts(&error) };
    error.with_facts(facts)
}

fn unique_over<'t>(table: &'t Table, columns: &[String]) -> Option<&'t str> {
    let is_over = |positions: &[usize]| {
        positions.iter().map(|&position| &table.column(position).name).eq(columns)
    };
    if is_over(&table.primary_key) {
        return Some(&table.primary_key_name);
    }
    let constraints = table.uniques.iter().map(|unique| (&unique.name, &unique.columns));
    let indexes = table.indexes.iter().filter(|index| index.unique);
    let indexes = indexes.map(|index| (&index.name, &index.columns));
    let (name, _) = constraints.chain(indexes).find(|(_, columns)| is_over(columns))?;
    Some(name)
}

/// What a CHECK is of that the models know: a value that is out of range is the same mistake
/// whether a type or a CHECK refused it.
fn check(error: Error, schema: &Schema) -> Error {
    let Some(constraint) = error.constraint().map(str::to_owned) else { return error };
    let columns = || {
        schema.tables().flat_map(|table| table.columns.iter().map(move |column| (table, column)))
    };
    let of_length =
        columns().find(|(table, it)| it.length.is_some() && names::length(table, it) == constraint);
    if let Some((table, column)) = of_length {
        let most = column.length.unwrap_or_default();
        return out_of_range(error, table, column, &format!("{most} characters at most"));
    }
    let of_range = columns().find_map(|(table, column)| {
        let values = values(column.ty).filter(|_| names::range(table, column) == constraint)?;
        Some((table, column, values))
    });
    if let Some((table, column, values)) = of_range {
        return out_of_range(error, table, column, values);
    }
    let declared = |table: &&Table| table.checks.iter().any(|check| check.name == constraint);
    let mut tables = schema.tables().filter(declared);
    match (error.table(), tables.next(), tables.next()) {
        (None, Some(table), None) => {
            let facts = Facts { table: Some(table.name.clone()), ..facts(&error) };
            error.with_facts(facts)
        }
        _ => error,
    }
}

/// What the CHECK of a column's range lets in.
fn values(ty: ColumnType) -> Option<&'static str> {
    match ty {
        ColumnType::Bool => Some("true and false alone"),
        ColumnType::SmallInt => Some("integers of 16 bits"),
        ColumnType::Integer => Some("integers of 32 bits"),
        _ => None,
    }
}

fn out_of_range(error: Error, table: &Table, column: &Column, takes: &str) -> Error {
    let facts = Facts {
        table: Some(table.name.clone()),
        columns: vec![column.name.clone()],
        ..facts(&error)
    };
    error.with_facts(facts).with_kind(ErrorKind::ValueOutOfRange).with_context(format!(
        "`{}` of `{}` takes {takes}",
        column.name,
        table.full_name()
    ))
}
