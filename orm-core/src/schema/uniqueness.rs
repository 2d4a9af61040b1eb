//! Constraints of one table that have one name, and foreign keys to what is not UNIQUE.

use super::{ForeignKey, Table};
use std::collections::{BTreeSet, HashMap};

/// Tells of constraints of one table that have one name. (Names of indexes, which all tables of a
/// schema share, are looked at with all of them.)
pub(super) fn check_names(table: &'static Table, problems: &mut Vec<String>) {
    let uniques = table.uniques.iter().map(|unique| ("UNIQUE", &unique.name));
    let keys = table.foreign_keys.iter().map(|key| ("FOREIGN KEY", &key.name));
    let checks = table.checks.iter().map(|check| ("CHECK", &check.name));
    let indexed: HashMap<&str, &str> = [("PRIMARY KEY", &table.primary_key_name)]
        .into_iter()
        .chain(uniques)
        .map(|(kind, name)| (name.as_str(), kind))
        .collect();
    let mut names = indexed;
    for (kind, name) in keys.chain(checks) {
        if let Some(other) = names.insert(name, kind) {
            problems.push(format!(
                "`{}`: two constraints are called `{name}`, a {other} and a {kind}; say another \
                 for one of them by `name = \"…\"`",
                table.model.name
            ));
        }
    }
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
