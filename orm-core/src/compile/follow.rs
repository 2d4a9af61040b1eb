//! Columns of other tables that follow a key that changes.
//!
//! 1. The rows sent are those of the UPDATE that changes the key, parameters and all: `orm_changed`
//!    holds the old (`o…`) and the new (`n…`) values of the columns that others repeat.
//! 2. A table that repeats them in one way is updated by a join; one that does in several ways by one
//!    UPDATE of all its columns that follow, for no row can be updated twice by one statement.
//! 3. Rows that the UPDATE itself is about are left to it.
//! 4. A row that is not as it was known has no followers either. In one statement the rows are locked
//!    before anything is written (that they are counted has it so), for one that another transaction
//!    changes meanwhile to be missed, and not to be a foreign key to nothing.

use super::batch::{aliases, arrays, compared, table_name, update_where};
use super::quoted;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::schema::{Follower, Path, Table};

/// The columns of the rows sent: those they are found by, the key first, and those that are written.
pub type Sent<'a> = (&'a [usize], &'a [usize]);

/// The UPDATE of the rows sent, and with it those of what follows them.
///
/// # Errors
/// `Unsupported` for a schema on a database without schemas.
pub fn update(
    table: &Table,
    sent: Sent<'_>,
    returning: &[usize],
    followers: &[Follower],
    dialect: &Dialect,
) -> Result<String> {
    let mut sql = changed(table, sent, followers, 1, dialect)?;
    for (number, follower) in followers.iter().enumerate() {
        let update = update_of(table, follower, dialect)?;
        sql.push_str(&format!(", orm_follower{number} AS ({update})"));
    }
    let locked = " AND (SELECT count(*) FROM orm_changed) > 0";
    Ok(format!("{sql} {}", update_where(table, sent, returning, locked, dialect)?))
}

/// The UPDATE of one table, as a statement of its own: for so many rows, before these are updated.
///
/// # Errors
/// `Unsupported` for a schema on a database without schemas.
pub fn statement(
    table: &Table,
    sent: Sent<'_>,
    follower: &Follower,
    rows: usize,
    dialect: &Dialect,
) -> Result<String> {
    let changed = changed(table, sent, std::slice::from_ref(follower), rows, dialect)?;
    Ok(format!("{changed} {}", update_of(table, follower, dialect)?))
}

/// `WITH orm_changed(o…, n…) AS (…)`.
fn changed(
    table: &Table,
    (found_by, written): Sent<'_>,
    followers: &[Follower],
    rows: usize,
    dialect: &Dialect,
) -> Result<String> {
    let key = &table.primary_key;
    let sent: Vec<usize> = found_by.iter().chain(written).copied().collect();
    let mut sources: Vec<usize> = key.clone();
    for path in followers.iter().flat_map(|follower| &follower.paths) {
        sources.extend(path.columns.iter().map(|&(_, source)| source));
    }
    sources.sort_unstable();
    sources.dedup();
    let old = |source: usize| match key.iter().position(|&index| index == source) {
        Some(place) => format!("orm_sent.c{}", place + 1),
        None => format!("orm_row.{}", quoted(&table.column(source).name)),
    };
    let new = |source: usize| match written.iter().position(|&index| index == source) {
        Some(place) => format!("orm_sent.c{}", found_by.len() + place + 1),
        None => old(source),
    };
    let names = |letter: char| sources.iter().map(move |source| format!("{letter}{source}"));
    let values = sources.iter().map(|&source| old(source));
    let values: Vec<String> = values.chain(sources.iter().map(|&source| new(source))).collect();
    let mut sql = String::from("WITH ");
    if !dialect.features.unnest {
        let row = |row: usize| {
            let first = row * sent.len() + 1;
            let places = (first..first + sent.len()).map(|n| format!("?{n}"));
            format!("({})", places.collect::<Vec<_>>().join(", "))
        };
        let values: Vec<String> = (0..rows).map(row).collect();
        let values = values.join(", ");
        sql.push_str(&format!("orm_sent({}) AS (VALUES {values}), ", aliases(sent.len())));
    }
    let all: Vec<String> = names('o').chain(names('n')).collect();
    sql.push_str(&format!(
        "orm_changed({}) AS (SELECT {} FROM ",
        all.join(", "),
        values.join(", ")
    ));
    if dialect.features.unnest {
        let arrays = arrays(table, &sent, 1, dialect);
        sql.push_str(&format!("unnest({arrays}) AS orm_sent({})", aliases(sent.len())));
    } else {
        sql.push_str("orm_sent");
    }
    let same = found_by.iter().enumerate().map(|(place, &index)| {
        format!("{} = orm_sent.c{}", compared(table, index, "orm_row", dialect), place + 1)
    });
    let same: Vec<String> = same.collect();
    let name = table_name(table, dialect)?;
    sql.push_str(&format!(" JOIN {name} AS orm_row ON {}", same.join(" AND ")));
    if dialect.features.row_locks {
        sql.push_str(" FOR UPDATE OF orm_row");
    }
    sql.push(')');
    Ok(sql)
}

/// UPDATE of a table's columns that follow.
fn update_of(changed: &Table, follower: &Follower, dialect: &Dialect) -> Result<String> {
    let table = follower.table;
    let (name, own) = (table_name(table, dialect)?, quoted(&table.name));
    let mut sql = match &follower.paths[..] {
        [path] => {
            let set = path.columns.iter().map(|&(column, source)| {
                format!("{} = orm_changed.n{source}", quoted(&table.column(column).name))
            });
            let set: Vec<String> = set.collect();
            let found = matched(table, path, &own, "orm_changed");
            format!("UPDATE {name} SET {} FROM orm_changed WHERE {found}", set.join(", "))
        }
        paths => in_several_ways(table, paths, &name),
    };
    if *table.model == *changed.model {
        let same = table.primary_key.iter().map(|&index| {
            format!("{own}.{} = orm_own.o{index}", quoted(&table.column(index).name))
        });
        let same: Vec<String> = same.collect();
        sql.push_str(&format!(
            " AND NOT EXISTS (SELECT 1 FROM orm_changed AS orm_own WHERE {})",
            same.join(" AND ")
        ));
    }
    Ok(sql)
}

fn in_several_ways(table: &Table, paths: &[Path], name: &str) -> String {
    let mut columns: Vec<usize> =
        paths.iter().flat_map(|path| path.columns.iter().map(|&(column, _)| column)).collect();
    columns.sort_unstable();
    columns.dedup();
    let hit = |way: usize, path: &Path| {
        let source = path.columns.first().map_or(0, |&(_, source)| source);
        format!("w{way}.o{source} IS NOT NULL")
    };
    let set = columns.iter().map(|&index| {
        let cases = paths.iter().enumerate().filter_map(|(way, path)| {
            let &(_, source) = path.columns.iter().find(|&&(column, _)| column == index)?;
            Some(format!(" WHEN {} THEN w{way}.n{source}", hit(way, path)))
        });
        let column = quoted(&table.column(index).name);
        format!("{column} = CASE{} ELSE orm_found.{column} END", cases.collect::<String>())
    });
    let set: Vec<String> = set.collect();
    let joins = paths.iter().enumerate().map(|(way, path)| {
        let found = matched(table, path, "orm_found", &format!("w{way}"));
        format!(" LEFT JOIN orm_changed AS w{way} ON {found}")
    });
    let joins: String = joins.collect();
    let same = table.primary_key.iter().map(|&index| {
        let column = quoted(&table.column(index).name);
        format!("{}.{column} = orm_found.{column}", quoted(&table.name))
    });
    let same: Vec<String> = same.collect();
    let hits: Vec<String> = paths.iter().enumerate().map(|(way, path)| hit(way, path)).collect();
    format!(
        "UPDATE {name} SET {} FROM {name} AS orm_found{joins} WHERE {} AND ({})",
        set.join(", "),
        same.join(" AND "),
        hits.join(" OR ")
    )
}

/// A row repeats the old values.
fn matched(table: &Table, path: &Path, row: &str, changed: &str) -> String {
    let name = |column: usize| format!("{row}.{}", quoted(&table.column(column).name));
    let repeated = path.columns.iter();
    let repeated =
        repeated.map(|&(column, source)| format!("{} = {changed}.o{source}", name(column)));
    let others = path.others.iter().map(|&column| format!("{} IS NOT NULL", name(column)));
    repeated.chain(others).collect::<Vec<String>>().join(" AND ")
}
