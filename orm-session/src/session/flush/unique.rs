//! UNIQUE values that one row gives up and another takes in the same flush.
//!
//! 1. A row gives a value up when it is deleted, or when an update changes it; the value is that of
//!    the row in the database. A row takes a value when it is inserted, or when an update changes it.
//! 2. Looked at are the constraints of tables of which a row gives up something, the primary key
//!    and UNIQUE indexes included. A key with NULL in it is not UNIQUE.
//! 3. Which rows are in an index of some rows (`where = "…"`) only the database knows. An update of what
//!    the condition speaks of may take its row out, so it comes before who takes the value; where that
//!    is in the way of something else, it is left to the database.
//! 4. A value taken twice, or taken from a row that keeps it, is left to the database to refuse.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::diff::Change;
use super::order::Ordered;
use super::stored::{in_database, value};
use orm_core::schema::Table;
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// A constraint of a table: the position among its UNIQUE constraints or its indexes, or the primary
/// key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Constraint {
    PrimaryKey,
    Unique(usize),
    Index(usize),
}

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Done {
    Inserted,
    Updated,
    Deleted,
}

/// A value that goes from one row to another: what is done to the first one comes before.
#[derive(Debug)]
pub(super) struct HandedOn {
    pub constraint: Constraint,
    pub from: (Done, ObjectId),
    pub to: (Done, ObjectId),
}

impl Constraint {
    /// The positions of its columns.
    pub fn columns(self, table: &Table) -> &[usize] {
        match self {
            Constraint::PrimaryKey => &table.primary_key,
            Constraint::Unique(index) => &table.uniques[index].columns,
            Constraint::Index(index) => &table.indexes[index].columns,
        }
    }

    /// Its name in the database.
    pub fn name(self, table: &Table) -> &str {
        match self {
            Constraint::PrimaryKey => &table.primary_key_name,
            Constraint::Unique(index) => &table.uniques[index].name,
            Constraint::Index(index) => &table.indexes[index].name,
        }
    }

    /// Whether it can be checked at the end of a transaction.
    pub fn is_deferrable(self, table: &Table) -> bool {
        match self {
            Constraint::PrimaryKey | Constraint::Index(_) => false,
            Constraint::Unique(index) => table.uniques[index].deferrable,
        }
    }

    /// The columns that its condition speaks of, where it is of some rows.
    pub fn condition(self, table: &Table) -> &[usize] {
        match self {
            Constraint::PrimaryKey | Constraint::Unique(_) => &[],
            Constraint::Index(index) => &table.indexes[index].filter_columns,
        }
    }

    /// Whether some rows are not in it.
    pub fn is_partial(self, table: &Table) -> bool {
        match self {
            Constraint::PrimaryKey | Constraint::Unique(_) => false,
            Constraint::Index(index) => table.indexes[index].filter.is_some(),
        }
    }
}

/// What is done to the rows of one model.
#[derive(Default)]
struct Rows<'a> {
    inserts: Vec<ObjectId>,
    updates: Vec<&'a Change>,
    deletes: Vec<ObjectId>,
}

impl Rows<'_> {
    fn give_up_nothing(&self) -> bool {
        self.updates.is_empty() && self.deletes.is_empty()
    }
}

/// The values that are handed on in a flush.
pub(super) fn handed_on(map: &IdentityMap, ordered: &Ordered) -> Vec<HandedOn> {
    let mut of_models: Vec<Rows> = map.models.iter().map(|_| Rows::default()).collect();
    for change in &ordered.updates {
        of_models[change.id.model].updates.push(change);
    }
    for &id in ordered.deletes.iter().flatten() {
        of_models[id.model].deletes.push(id);
    }
    let mut found = Vec::new();
    if of_models.iter().all(Rows::give_up_nothing) {
        return found;
    }
    for &id in ordered.inserts.iter().flatten() {
        of_models[id.model].inserts.push(id);
    }
    for (model, rows) in of_models.iter().enumerate().filter(|(_, rows)| !rows.give_up_nothing()) {
        let table = map.models[model].meta.table();
        let uniques = (0..table.uniques.len()).map(Constraint::Unique);
        let indexes = table.indexes.iter().enumerate().filter(|(_, index)| index.unique);
        let indexes = indexes.map(|(position, _)| Constraint::Index(position));
        for constraint in uniques.chain(indexes).chain([Constraint::PrimaryKey]) {
            of_constraint(map, constraint, table, rows, &mut found);
        }
    }
    found
}

fn of_constraint(
    map: &IdentityMap,
    constraint: Constraint,
    table: &Table,
    Rows { inserts, updates, deletes }: &Rows<'_>,
    found: &mut Vec<HandedOn>,
) {
    let columns = constraint.columns(table);
    let changes = |change: &Change, columns: &[usize]| {
        columns.iter().any(|column| change.columns.contains(column))
    };
    let condition = constraint.condition(table);
    let changed: Vec<&Change> = updates
        .iter()
        .copied()
        .filter(|change| changes(change, columns) || changes(change, condition))
        .collect();
    if changed.is_empty() && (deletes.is_empty() || inserts.is_empty()) {
        return;
    }
    let mut given_up: FxHashMap<Key, (Done, ObjectId)> = FxHashMap::default();
    let updated = changed.iter().map(|change| (Done::Updated, change.id, change.row()));
    for (done, id, row) in updated.chain(deletes.iter().map(|&id| (Done::Deleted, id, id))) {
        if let Some(value) = in_database(map, row).and_then(|row| value(map, row, id, columns)) {
            given_up.insert(value, (done, id));
        }
    }
    let updated = changed.iter().filter(|change| changes(change, columns));
    let updated = updated.map(|change| (Done::Updated, change.id));
    for to in updated.chain(inserts.iter().map(|&id| (Done::Inserted, id))) {
        let taken = map.object(to.1).and_then(|object| value(map, object, to.1, columns));
        if let Some(&from) = taken.and_then(|value| given_up.get(&value))
            && from != to
        {
            found.push(HandedOn { constraint, from, to });
        }
    }
}
