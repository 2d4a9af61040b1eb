//! What the metadata knows of an error that a database told: which constraint it was, where the
//! database names only columns, and which column, where it names only the constraint.
//!
//! Called where a statement failed; looks at the registered models alone.

use orm_core::error::{Error, ErrorKind, Facts};
use orm_core::schema::{Column, Schema, Table, names};

/// The error with what the models tell of it.
pub(super) fn recognise(error: Error, schema: &Schema) -> Error {
    match error.kind() {
        ErrorKind::UndefinedTable => error.with_context(
            "where the tables are to be made by the program, call `engine.create_all()` with the \
             model registered, else run the migration that creates it",
        ),
        ErrorKind::UniqueViolation if error.constraint().is_none() => unique(error, schema),
        ErrorKind::CheckViolation => length(error, schema),
        _ => error,
    }
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

/// A text that is too long is the same mistake whether a type or a CHECK refused it.
fn length(error: Error, schema: &Schema) -> Error {
    let Some(constraint) = error.constraint() else { return error };
    let columns = schema
        .tables()
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .filter(|(_, column)| column.length.is_some());
    let is_it = |(table, column): &(&Table, &Column)| names::length(table, column) == constraint;
    let Some((table, column)) = columns.into_iter().find(is_it) else { return error };
    let facts = Facts {
        table: Some(table.name.clone()),
        columns: vec![column.name.clone()],
        ..facts(&error)
    };
    let most = column.length.unwrap_or_default();
    error.with_facts(facts).with_kind(ErrorKind::ValueOutOfRange).with_context(format!(
        "`{}` of `{}` takes {most} characters at most",
        column.name,
        table.full_name()
    ))
}
