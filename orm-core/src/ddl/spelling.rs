//! Names that a database would take for one another, or keeps for itself: told before any SQL, where
//! the database's own words would not say which models they are of.

use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Table;
use std::collections::HashMap;

/// Checks the names of tables, their columns and indexes.
pub(super) fn check(tables: &[&Table], dialect: &Dialect) -> Result<()> {
    for table in tables {
        // a schema where there are none is told before names that meet because of it
        super::name(table, dialect)?;
        check_reserved(table, dialect)?;
    }
    if dialect.features.names_tell_case {
        return Ok(());
    }
    let mut relations = HashMap::new();
    for table in tables {
        let model = table.model.name;
        let indexes = table.indexes.iter().map(|index| index.name.as_str());
        for name in [table.name.as_str()].into_iter().chain(indexes) {
            different(&mut relations, name, format!("`{name}` of `{model}`"), dialect)?;
        }
        let mut columns = HashMap::new();
        for column in &table.columns {
            let place = format!("`{model}.{}`", column.name);
            different(&mut columns, &column.name, place, dialect)?;
        }
    }
    Ok(())
}

fn different(
    names: &mut HashMap<String, String>,
    name: &str,
    place: String,
    dialect: &Dialect,
) -> Result<()> {
    match names.insert(name.to_ascii_lowercase(), place.clone()) {
        None => Ok(()),
        Some(other) => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} takes names that differ in upper and lower case for the same: {other} and \
                 {place}; rename one by `#[orm(table = \"…\")]` or `#[orm(column = \"…\")]`",
                dialect.name
            ),
        )),
    }
}

fn check_reserved(table: &Table, dialect: &Dialect) -> Result<()> {
    let Some(reserved) = dialect.features.reserved_prefix else { return Ok(()) };
    let lower = table.name.to_ascii_lowercase();
    if !lower.starts_with(reserved) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!(
            "{} keeps names that begin with `{reserved}` for itself: table `{}` of `{}`; rename it \
             by `#[orm(table = \"…\")]`",
            dialect.name, table.name, table.model.name
        ),
    ))
}
