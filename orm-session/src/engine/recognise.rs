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
        ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => named(error, schema),
        ErrorKind::NotNullViolation => not_null(error, schema),
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

/// What the database said behind the first colon: `table.column, table.column`. Names may hold points
/// and commas too, so it is compared with what the models would give, not taken apart.
fn said(error: &Error) -> Option<&str> {
    error.details()?.split_once(": ").map(|(_, said)| said)
}

fn spelled(table: &Table, positions: &[usize]) -> String {
    let column = |&position: &usize| format!("{}.{}", table.name, table.column(position).name);
    positions.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn of_columns(error: &Error, table: &Table, positions: &[usize]) -> Facts {
    let columns = positions.iter().map(|&position| table.column(position).name.clone()).collect();
    Facts { table: Some(table.name.clone()), columns, ..facts(error) }
}

/// Names the constraint over the columns that the database told.
fn unique(error: Error, schema: &Schema) -> Error {
    let Some(said) = said(&error) else { return error };
    let found = schema.tables().find_map(|table| {
        let (constraint, columns) =
            uniques(table).into_iter().find(|(_, columns)| spelled(table, columns) == said)?;
        let constraint = Some(constraint.to_owned());
        Some(Facts { constraint, ..of_columns(&error, table, columns) })
    });
    match found {
        Some(facts) => error.with_facts(facts),
        None => error,
    }
}

/// The constraints and indexes that keep values unique.
fn uniques(table: &Table) -> Vec<(&str, &[usize])> {
    let mut all = vec![(table.primary_key_name.as_str(), table.primary_key.as_slice())];
    all.extend(table.uniques.iter().map(|unique| (unique.name.as_str(), &unique.columns[..])));
    let indexes = table.indexes.iter().filter(|index| index.unique);
    all.extend(indexes.map(|index| (index.name.as_str(), &index.columns[..])));
    all
}

/// The columns of a constraint that the database told by its name: what it says of columns is a text
/// with commas between them.
fn named(error: Error, schema: &Schema) -> Error {
    let Some(constraint) = error.constraint() else { return error };
    let is_told = |table: &&Table| Some(table.name.as_str()) == error.table();
    let found = schema.tables().filter(is_told).find_map(|table| {
        let keys = table.foreign_keys.iter().map(|key| (key.name.as_str(), &key.columns[..]));
        let (_, columns) =
            uniques(table).into_iter().chain(keys).find(|(name, _)| *name == constraint)?;
        Some(of_columns(&error, table, columns))
    });
    match found {
        Some(facts) => error.with_facts(facts),
        None => error,
    }
}

/// The column that may not be NULL, where the database told it in one text.
fn not_null(error: Error, schema: &Schema) -> Error {
    let Some(said) = said(&error) else { return error };
    let found = schema.tables().find_map(|table| {
        let mut positions = 0..table.columns.len();
        let position = positions.find(|&position| spelled(table, &[position]) == said)?;
        Some(of_columns(&error, table, &[position]))
    });
    match found {
        Some(facts) => error.with_facts(facts),
        None => error,
    }
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
