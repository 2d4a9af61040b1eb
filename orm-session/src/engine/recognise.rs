//! What the metadata knows of an error that a database told: which constraint it was, where the
//! database names only columns, and which column, where it names only the constraint.
//!
//! Called where a statement failed; looks at the registered models alone.

use orm_core::compile::quoted;
use orm_core::error::{Error, ErrorKind, Facts};
use orm_core::schema::{Column, ForeignKey, ReferentialAction, Schema, Table, names};
use orm_core::types::ColumnType;

/// The error with what the models tell of it.
pub(super) fn recognise(error: Error, schema: &Schema) -> Error {
    match error.kind() {
        ErrorKind::UndefinedTable => error.with_context(
            "where the tables are to be made by the program, call `engine.create_all()` with the \
             model registered, else run the migration that creates it",
        ),
        _ if is_in_the_way_of_a_drop(&error) => error.with_context(
            "register the models of what points to it (`.models(…)`), so that it is dropped as well, or \
             drop that first",
        ),
        ErrorKind::UniqueViolation if error.constraint().is_none() => unique(error, schema),
        ErrorKind::ForeignKeyViolation if error.constraint().is_none() => pointing(error, schema),
        ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => named(error, schema),
        ErrorKind::NotNullViolation => not_null(error, schema),
        ErrorKind::CheckViolation => check(error, schema),
        ErrorKind::UndefinedColumn if names_a_column(&error, schema) => error.with_context(
            "a model has this column and its table has not: `create_all` makes tables that are not \
             there and alters none, so a migration has to add it",
        ),
        _ => error,
    }
}

/// Whether a table could not be dropped because of others that no model is registered of.
fn is_in_the_way_of_a_drop(error: &Error) -> bool {
    let is_drop = error.statement().is_some_and(|sql| sql.starts_with("DROP TABLE "));
    is_drop && (error.kind() == ErrorKind::ForeignKeyViolation || error.sqlstate() == Some("2BP01"))
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

/// The foreign keys that a statement may have failed by, where the database says no more than that one
/// was broken. The table that was written is known, so its only key is; what points to a row that goes
/// may be in tables that no model is registered of, so these are named and no fact.
fn pointing(error: Error, schema: &Schema) -> Error {
    let Some((verb, table, rest)) = error.statement().and_then(|sql| written(sql, schema)) else {
        return error;
    };
    let set = |column: usize| rest.contains(&quoted(&table.column(column).name));
    let writes =
        |key: &&ForeignKey| verb != "DELETE FROM " && key.columns.iter().all(|&at| set(at));
    let keys: Vec<&ForeignKey> = table.foreign_keys.iter().filter(writes).collect();
    let leaves = verb == "DELETE FROM "
        || verb == "UPDATE "
            && table.columns.iter().any(|column| {
                rest.contains(&quoted(&column.name)) && is_pointed_to(schema, table, &column.name)
            });
    let mut why = Vec::new();
    if !keys.is_empty() {
        let shown = |key: &&ForeignKey| {
            format!("`{}` → `{}`", columns(table, key), key.target.table().full_name())
        };
        let keys: Vec<String> = keys.iter().map(shown).collect();
        let one_of = if keys.len() == 1 { "" } else { "one of " };
        why.push(format!("{one_of}{} points to a row that is not there", keys.join(", ")));
    }
    let action = if verb == "UPDATE " {
        |key: &ForeignKey| key.on_update
    } else {
        |key: &ForeignKey| key.on_delete
    };
    let from = if leaves { pointing_to(schema, table, action) } else { Vec::new() };
    if !from.is_empty() {
        let one_of = if from.len() == 1 { "" } else { "one of " };
        why.push(format!("rows of {one_of}{} still point to it", from.join(", ")));
    }
    let facts = match keys[..] {
        [key] if from.is_empty() => {
            let constraint = Some(key.name.clone());
            Facts { constraint, ..of_columns(&error, table, &key.columns) }
        }
        [_, ..] if from.is_empty() => Facts { table: Some(table.name.clone()), ..facts(&error) },
        _ => facts(&error),
    };
    let error = error.with_facts(facts);
    if why.is_empty() { error } else { error.with_context(why.join(", or ")) }
}

/// What a statement of ours does to which table, and its text from there to the condition.
fn written<'a>(sql: &'a str, schema: &Schema) -> Option<(&'static str, &'static Table, &'a str)> {
    let mut verbs = ["INSERT INTO ", "UPDATE ", "DELETE FROM "].into_iter();
    let (verb, rest) = verbs.find_map(|verb| Some((verb, sql.strip_prefix(verb)?)))?;
    schema.tables().find_map(|table| {
        let rest = rest.strip_prefix(quoted(&table.name).as_str())?;
        let rest = rest.split_once(" WHERE ").map_or(rest, |(rest, _)| rest);
        Some((verb, table, rest))
    })
}

fn columns(table: &Table, key: &ForeignKey) -> String {
    let names: Vec<&str> = key.columns.iter().map(|&at| table.column(at).name.as_str()).collect();
    names.join(", ")
}

fn is_pointed_to(schema: &Schema, table: &Table, column: &str) -> bool {
    let mut keys = schema.tables().flat_map(|other| &other.foreign_keys);
    keys.any(|key| {
        key.target == table.model && key.target_columns.iter().any(|pointed| pointed == column)
    })
}

/// The tables and columns that point to a table and are in the way of what it loses, behind those that
/// go with it.
fn pointing_to(
    schema: &Schema,
    table: &'static Table,
    action: fn(&ForeignKey) -> ReferentialAction,
) -> Vec<String> {
    let (mut found, mut going) = (Vec::new(), vec![table]);
    let mut next = 0;
    while let Some(&gone) = going.get(next) {
        next += 1;
        for child in schema.tables() {
            for key in child.foreign_keys.iter().filter(|key| key.target == gone.model) {
                match action(key) {
                    ReferentialAction::Cascade
                        if !going.iter().any(|it| it.model == child.model) =>
                    {
                        going.push(child);
                    }
                    ReferentialAction::Cascade | ReferentialAction::SetNull => {}
                    _ => found.push(format!("`{}` (`{}`)", child.full_name(), columns(child, key))),
                }
            }
        }
    }
    found
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
    let is_label = |table: &Table, it: &Column| {
        matches!(it.ty, ColumnType::Enum(_)) && names::label(table, it) == constraint
    };
    if let Some((table, column)) = columns().find(|(table, it)| is_label(table, it)) {
        let takes = "the labels that its CHECK was made with; one that is new in the enum has to be \
                     added there by a migration";
        return out_of_range(error, table, column, takes);
    }
    let of_range = columns().find_map(|(table, column)| {
        let values = values(column.ty).filter(|_| names::range(table, column) == constraint)?;
        Some((table, column, values))
    });
    if let Some((table, column, values)) = of_range {
        return out_of_range(error, table, column, values);
    }
    let declared = |table: &&Table| error.table().is_none_or(|told| told == table.name);
    let mut found = schema.tables().filter(declared).filter_map(|table| {
        let check = table.checks.iter().find(|check| check.name == constraint)?;
        Some((table, check.column))
    });
    match (found.next(), found.next()) {
        (Some((table, column)), None) => {
            let columns: Vec<usize> = column.into_iter().collect();
            let facts = of_columns(&error, table, &columns);
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
