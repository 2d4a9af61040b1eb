//! The batches of a flush: many rows of one table in one text.
//!
//! 1. With `unnest`: one array per column, every array cast to its type, so that a text serves
//!    every number of rows and no limit of parameters is met.
//! 2. Without: INSERT as multi-row VALUES, UPDATE and DELETE as one text run per row.
//! 3. INSERT draws generated keys in the order of the rows sent (`ORDER BY` the position), so that
//!    returned keys, sorted, pair with the rows. Keys that other defaults make are evaluated beside the
//!    position, and joined back to it by key.

use super::quoted;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Column, Table};

/// `schema.table`, quoted.
///
/// # Errors
/// `Unsupported` for a schema on a database without schemas.
pub fn table_name(table: &Table, dialect: &Dialect) -> Result<String> {
    check_made(table, dialect)?;
    match &table.schema {
        None => Ok(quoted(&table.name)),
        Some(schema) if dialect.features.schemas => {
            Ok(format!("{}.{}", quoted(schema), quoted(&table.name)))
        }
        Some(schema) => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} has no schemas (`{schema}.{}`); leave `schema` out of the model",
                dialect.name, table.name
            ),
        )),
    }
}

/// What the database makes by itself needs a database that does: a version, a value of a trigger.
///
/// # Errors
/// `Unsupported` where it does not.
pub fn check_made(table: &Table, dialect: &Dialect) -> Result<()> {
    let triggered = table.columns.iter().find(|column| column.triggered);
    if let Some(column) = triggered.filter(|_| !dialect.features.triggers_make_values) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "a trigger of {} can't give new rows their values (triggers_make_values), as it is to \
                 with `{}.{}`; give the value, or a default in SQL",
                dialect.name, table.model.name, table.model.fields[column.field].name
            ),
        ));
    }
    let Some(version) = table.system_version() else { return Ok(()) };
    if dialect.features.system_versions.is_some() {
        return Ok(());
    }
    let column = table.column(version);
    Err(Error::new(
        ErrorKind::Unsupported,
        format!(
            "{} has no `{}` in its rows (system_versions), which is the version of `{}`; let the \
             flush count: `#[orm(version)] {}: i64`",
            dialect.name, column.name, table.model.name, table.model.fields[column.field].name
        ),
    ))
}

/// A statement that writes nothing and waits for the lock that writers take: what locks rows where
/// there are no row locks.
pub fn lock_database(table: &Table, dialect: &Dialect) -> Result<String> {
    Ok(format!("DELETE FROM {} WHERE 0 = 1", table_name(table, dialect)?))
}

/// INSERT of `rows` rows of `columns`, returning some.
pub fn insert(
    table: &Table,
    columns: &[usize],
    returning: &[usize],
    rows: usize,
    dialect: &Dialect,
) -> Result<String> {
    let mut sql = format!("INSERT INTO {}", table_name(table, dialect)?);
    if columns.is_empty() {
        // every value is left to the database
        if dialect.features.unnest {
            sql.push_str(&format!(" SELECT FROM generate_series(1, {rows})"));
        } else {
            sql.push_str(" DEFAULT VALUES");
        }
    } else {
        let names: Vec<String> = columns.iter().map(|&i| quoted(&table.columns[i].name)).collect();
        sql.push_str(&format!(" ({})", names.join(", ")));
        if dialect.features.unnest {
            let aliases: Vec<String> = (1..=columns.len()).map(|n| format!("c{n}")).collect();
            sql.push_str(&format!(
                " SELECT {} FROM unnest({}) WITH ORDINALITY AS v({}, n) ORDER BY n",
                aliases.join(", "),
                arrays(table, columns, 1, dialect),
                aliases.join(", ")
            ));
        } else {
            sql.push_str(" VALUES ");
            for row in 0..rows {
                let first = row * columns.len() + 1;
                let places: Vec<String> =
                    (first..first + columns.len()).map(|n| format!("?{n}")).collect();
                sql.push_str(if row > 0 { ", (" } else { "(" });
                sql.push_str(&places.join(", "));
                sql.push(')');
            }
        }
    }
    if !returning.is_empty() {
        let columns = returning.iter().map(|&index| &table.columns[index]);
        let names: Vec<String> =
            columns.map(|column| read(quoted(&column.name), column, dialect)).collect();
        sql.push_str(&format!(" RETURNING {}", names.join(", ")));
    }
    Ok(sql)
}

/// INSERT of `rows` rows of `columns`, of which the keys' columns `made` are made by their defaults: these
/// are evaluated for each row sent, and what is returned comes behind the row's position. For databases
/// with `unnest`.
pub fn insert_with_made_key(
    table: &Table,
    columns: &[usize],
    made: &[usize],
    returning: &[usize],
    rows: usize,
    dialect: &Dialect,
) -> Result<String> {
    let name = |&index: &usize| quoted(&table.columns[index].name);
    let given: Vec<String> = (1..=columns.len()).map(|n| format!("c{n}")).collect();
    let drawn: Vec<String> = (1..=made.len()).map(|n| format!("k{n}")).collect();
    let source = if columns.is_empty() {
        format!("generate_series(1, {rows}) AS v(n)")
    } else {
        let arrays = arrays(table, columns, 1, dialect);
        format!("unnest({arrays}) WITH ORDINALITY AS v({}, n)", given.join(", "))
    };
    let defaults = made.iter().zip(&drawn).map(|(&index, alias)| {
        let column = &table.columns[index];
        let ty = (dialect.type_name)(column.ty, None);
        format!("({})::{ty} AS {alias}", column.server_default.unwrap_or("NULL"))
    });
    let evaluated: Vec<String> =
        defaults.chain(given.iter().cloned()).chain(["n".to_owned()]).collect();
    let names: Vec<String> = made.iter().chain(columns).map(name).collect();
    let values: Vec<&str> = drawn.iter().chain(&given).map(String::as_str).collect();
    let of_key = |index: &usize| {
        let place = made.iter().position(|own| own == index).map(|place| &drawn[place]);
        let place = place
            .or_else(|| columns.iter().position(|own| own == index).map(|place| &given[place]));
        place.map(|alias| format!("made.{} = sent.{alias}", name(index)))
    };
    let matched: Vec<String> = table.primary_key.iter().filter_map(of_key).collect();
    let mut back: Vec<usize> = returning.to_vec();
    back.extend(table.primary_key.iter().filter(|index| !returning.contains(index)));
    let back_names: Vec<String> = back.iter().map(name).collect();
    let told = returning
        .iter()
        .map(|index| read(format!("made.{}", name(index)), &table.columns[*index], dialect));
    let told: Vec<String> = told.collect();
    Ok(format!(
        "WITH sent AS MATERIALIZED (SELECT {} FROM {source}), made AS (INSERT INTO {} ({}) SELECT {} \
         FROM sent ORDER BY n RETURNING {}) SELECT sent.n::bigint, {} FROM made JOIN sent ON {}",
        evaluated.join(", "),
        table_name(table, dialect)?,
        names.join(", "),
        values.join(", "),
        back_names.join(", "),
        told.join(", "),
        matched.join(" AND ")
    ))
}

/// UPDATE of `columns` of the rows with the given values of some others, the key first: parameters
/// are these, then the columns set. What it returns comes behind the key that was given; alone, where
/// the text is run row by row.
pub fn update(
    table: &Table,
    found_by: &[usize],
    columns: &[usize],
    returning: &[usize],
    dialect: &Dialect,
) -> Result<String> {
    update_where(table, (found_by, columns), returning, "", dialect)
}

/// An UPDATE with one more condition.
pub(super) fn update_where(
    table: &Table,
    (found_by, columns): (&[usize], &[usize]),
    returning: &[usize],
    condition: &str,
    dialect: &Dialect,
) -> Result<String> {
    let name = table_name(table, dialect)?;
    let all: Vec<usize> = found_by.iter().chain(columns).copied().collect();
    let value = |position: usize| {
        if dialect.features.unnest {
            format!("{}.c{}", alias(table), position + 1)
        } else {
            format!("?{}", position + 1)
        }
    };
    let set: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, &c)| {
            format!("{} = {}", quoted(&table.columns[c].name), value(found_by.len() + i))
        })
        // a row is written as it is where only its version is to become another one
        .chain(table.primary_key.first().filter(|_| columns.is_empty()).map(|&index| {
            let own = quoted(&table.columns[index].name);
            format!("{own} = {}.{own}", quoted(&table.name))
        }))
        .collect();
    let mut sql = format!("UPDATE {name} SET {}", set.join(", "));
    if dialect.features.unnest {
        sql.push_str(&format!(
            " FROM unnest({}) AS {}({})",
            arrays(table, &all, 1, dialect),
            alias(table),
            aliases(all.len())
        ));
    }
    sql.push_str(&matching(table, found_by, &value, dialect));
    sql.push_str(condition);
    if !returning.is_empty() {
        let given = table.primary_key.iter().enumerate().filter(|_| dialect.features.unnest);
        let given =
            given.map(|(position, &index)| read(value(position), &table.columns[index], dialect));
        let made = returning.iter().map(|&index| qualified(table, index, dialect));
        let all: Vec<String> = given.chain(made).collect();
        sql.push_str(&format!(" RETURNING {}", all.join(", ")));
    }
    Ok(sql)
}

/// DELETE of the rows with the given values of some columns.
pub fn delete_by(table: &Table, key: &[usize], dialect: &Dialect) -> Result<String> {
    let name = table_name(table, dialect)?;
    if let ([only], true) = (key, dialect.features.array_parameters) {
        let column = &table.columns[*only];
        return Ok(format!(
            "DELETE FROM {name} WHERE {} = ANY({})",
            quoted(&column.name),
            array(column, 1, dialect)
        ));
    }
    let value = |position: usize| {
        if dialect.features.unnest {
            format!("{}.c{}", alias(table), position + 1)
        } else {
            format!("?{}", position + 1)
        }
    };
    let mut sql = format!("DELETE FROM {name}");
    if dialect.features.unnest {
        sql.push_str(&format!(
            " USING unnest({}) AS {}({})",
            arrays(table, key, 1, dialect),
            alias(table),
            aliases(key.len())
        ));
    }
    sql.push_str(&matching(table, key, &value, dialect));
    Ok(sql)
}

/// SET CONSTRAINTS: these are checked at the end of the transaction, or again at once.
pub fn set_constraints(constraints: &[(&Table, &str)], deferred: bool) -> String {
    let name = |&(table, name): &(&Table, &str)| match &table.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    };
    let names: Vec<String> = constraints.iter().map(name).collect();
    let when = if deferred { "DEFERRED" } else { "IMMEDIATE" };
    format!("SET CONSTRAINTS {} {when}", names.join(", "))
}

fn matching(
    table: &Table,
    key: &[usize],
    value: &dyn Fn(usize) -> String,
    dialect: &Dialect,
) -> String {
    let conditions: Vec<String> = key
        .iter()
        .enumerate()
        .map(|(position, &index)| {
            let column = compared(table, index, &quoted(&table.name), dialect);
            format!("{column} = {}", value(position))
        })
        .collect();
    format!(" WHERE {}", conditions.join(" AND "))
}

/// What the rows sent are called: never as the table is.
fn alias(table: &Table) -> &'static str {
    if table.name == "v" { "w" } else { "v" }
}

pub(super) fn aliases(count: usize) -> String {
    let names: Vec<String> = (1..=count).map(|n| format!("c{n}")).collect();
    names.join(", ")
}

/// `$1::bigint[], $2::text[] …`
pub(super) fn arrays(table: &Table, columns: &[usize], first: usize, dialect: &Dialect) -> String {
    let casts: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(position, &index)| array(&table.columns[index], first + position, dialect))
        .collect();
    casts.join(", ")
}

/// `$1::text[]`, cast further where the column is of a type of its own.
fn array(column: &Column, number: usize, dialect: &Dialect) -> String {
    let ty = (dialect.type_name)(column.ty, None);
    match dialect.written_as(column.ty, column.sql_type) {
        None => format!("${number}::{ty}[]"),
        Some(own) => format!("${number}::{ty}[]::{own}[]"),
    }
}

/// A column of `source` as it is compared with a value sent.
pub(super) fn compared(table: &Table, index: usize, source: &str, dialect: &Dialect) -> String {
    let column = table.column(index);
    let cast = dialect.features.system_versions.filter(|_| column.system).unwrap_or_default();
    format!("{source}.{}{cast}", quoted(&column.name))
}

/// A column as it is read.
fn read(sql: String, column: &Column, dialect: &Dialect) -> String {
    if let Some(cast) = dialect.features.system_versions.filter(|_| column.system) {
        return sql + cast;
    }
    match dialect.read_as(column.ty, column.sql_type) {
        None => sql,
        Some(ty) => format!("{sql}::{ty}"),
    }
}

/// A column as it is read, with the table's name.
fn qualified(table: &Table, index: usize, dialect: &Dialect) -> String {
    let column = &table.columns[index];
    read(format!("{}.{}", quoted(&table.name), quoted(&column.name)), column, dialect)
}

/// SELECT of the keys of the rows with the given values of some columns: which of them are there; and
/// of some columns behind.
pub fn found(
    table: &Table,
    found_by: &[usize],
    others: &[usize],
    dialect: &Dialect,
) -> Result<String> {
    let name = table_name(table, dialect)?;
    let asked = table.primary_key.iter().chain(others);
    let asked: Vec<String> = asked.map(|&index| qualified(table, index, dialect)).collect();
    let mut sql = format!("SELECT {} FROM {name}", asked.join(", "));
    let value = |position: usize| {
        if dialect.features.unnest {
            format!("{}.c{}", alias(table), position + 1)
        } else {
            format!("?{}", position + 1)
        }
    };
    if dialect.features.unnest {
        sql.push_str(&format!(
            ", unnest({}) AS {}({})",
            arrays(table, found_by, 1, dialect),
            alias(table),
            aliases(found_by.len())
        ));
    }
    sql.push_str(&matching(table, found_by, &value, dialect));
    Ok(sql)
}
