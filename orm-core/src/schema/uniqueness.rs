//! Names of indexes and constraints that would meet, and foreign keys to what is not UNIQUE.
//!
//! 1. Tables, indexes, primary keys and UNIQUE constraints of one schema share their names.
//! 2. All constraints of one table share their names.

use super::{ForeignKey, Table};
use std::collections::{BTreeSet, HashMap};

const TABLE: &str = "a table";
const INDEX: &str = "an index";
const FOREIGN_KEY: &str = "a foreign key";
const CHECK: &str = "a CHECK";

/// What stands under one name.
struct Named {
    kind: &'static str,
    model: &'static str,
}

/// Tells of names that are taken twice, among all tables.
pub(super) fn check_names(tables: &[&'static Table], problems: &mut Vec<String>) {
    let mut shared: HashMap<(Option<&str>, &str), Named> = HashMap::new();
    for table in tables {
        let mut own: HashMap<&str, &'static str> = HashMap::new();
        let constraints = constraints(table);
        for &(kind, name) in &constraints {
            let of_a_table = kind != INDEX;
            if of_a_table && let Some(other) = own.insert(name, kind) {
                problems.push(told(name, (other, table.model.name), (kind, table.model.name)));
            }
        }
        let has_index = |(kind, _): &&(&str, &str)| !matches!(*kind, FOREIGN_KEY | CHECK);
        let named = constraints.iter().filter(has_index);
        for &(kind, name) in named.chain([&(TABLE, table.name.as_str())]) {
            let place = (table.schema.as_deref(), name);
            let here = Named { kind, model: table.model.name };
            let Some(other) = shared.insert(place, here) else { continue };
            // two tables of one name, and two constraints of one table, are told already
            let told_before = (kind == TABLE && other.kind == TABLE)
                || (other.model == table.model.name && kind != INDEX && other.kind != INDEX);
            if !told_before {
                let others = (other.kind, other.model);
                problems.push(told(name, others, (kind, table.model.name)));
            }
        }
    }
}

fn told(name: &str, one: (&str, &str), other: (&str, &str)) -> String {
    format!(
        "`{name}` is the name of {} of `{}` and of {} of `{}`; say another for one of them by \
         `name = \"…\"`, as in `#[orm(index(a, b, name = \"…\"))]` of the model",
        one.0, one.1, other.0, other.1
    )
}

fn constraints(table: &'static Table) -> Vec<(&'static str, &'static str)> {
    let mut named = vec![("a primary key", table.primary_key_name.as_str())];
    named.extend(table.uniques.iter().map(|unique| ("a UNIQUE constraint", unique.name.as_str())));
    named.extend(table.foreign_keys.iter().map(|key| (FOREIGN_KEY, key.name.as_str())));
    named.extend(table.checks.iter().map(|check| (CHECK, check.name.as_str())));
    named.extend(table.indexes.iter().map(|index| (INDEX, index.name.as_str())));
    named
}

/// Tells of declared foreign keys whose target is not UNIQUE.
pub(super) fn check_targets(table: &'static Table, problems: &mut Vec<String>) {
    for key in table.foreign_keys.iter().filter(|key| key.field.is_none()) {
        if !is_unique(key) {
            let target = key.target;
            let names = |names: Vec<&str>| names.join(", ");
            problems.push(format!(
                "`{}`: its foreign key ({}) points to ({}) of `{}`, which is neither its primary \
                 key nor UNIQUE; write `#[orm(unique(…))]` on `{}`, or point to its key",
                table.model.name,
                names(key.columns.iter().map(|&index| table.column(index).name.as_str()).collect()),
                names(key.target_columns.iter().map(String::as_str).collect()),
                target.name,
                target.name
            ));
        }
    }
}

fn is_unique(key: &ForeignKey) -> bool {
    let target = key.target.table();
    let pointed: BTreeSet<&str> = key.target_columns.iter().map(String::as_str).collect();
    let same = |columns: &[usize]| {
        let columns: BTreeSet<&str> =
            columns.iter().map(|&index| target.column(index).name.as_str()).collect();
        columns == pointed
    };
    let indexes = target.indexes.iter().filter(|index| index.unique && index.filter.is_none());
    same(&target.primary_key)
        || target.uniques.iter().any(|unique| same(&unique.columns))
        || indexes.into_iter().any(|index| same(&index.columns))
}
