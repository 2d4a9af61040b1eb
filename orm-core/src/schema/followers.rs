//! Which columns of other tables repeat columns that change, through foreign keys.
//!
//! Rules:
//! 1. A foreign key to columns that change is followed, and what points to its own columns in turn.
//! 2. Where the database does it all by ON UPDATE CASCADE, nothing is followed; where one foreign key
//!    on the way has none, all are: the database then finds nothing left to do.
//! 3. ON UPDATE SET NULL and SET DEFAULT are left to the database.
//! 4. Rows are found by the old values of the columns they repeat. Where these do not tell which row
//!    is meant (only a part of its key is repeated), the foreign key can't be followed.
//! 5. A view repeats what the tables it reads say.

use super::{ForeignKey, ReferentialAction, Table};

/// A table with columns that follow.
#[derive(Clone, Debug)]
pub struct Follower {
    /// The table.
    pub table: &'static Table,
    /// Its columns that repeat columns that change: one list for each way from there to here.
    pub paths: Vec<Path>,
}

/// Columns that repeat columns of the row that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The columns that follow, with the columns that they repeat.
    pub columns: Vec<(usize, usize)>,
    /// The other columns of the foreign key: with NULL in one it points to nothing.
    pub others: Vec<usize>,
}

/// A foreign key that can't be followed.
#[derive(Debug)]
pub struct NotFollowed {
    /// The table it is of.
    pub table: &'static Table,
    /// Its position among the table's.
    pub key: usize,
}

/// The columns of these tables that follow `columns` of one of them.
///
/// # Errors
/// A foreign key without ON UPDATE CASCADE, where one that must be followed can't be.
pub fn followers(
    tables: &[&'static Table],
    changed: &'static Table,
    columns: &[usize],
) -> Result<Vec<Follower>, NotFollowed> {
    let mut found: Vec<(&'static Table, Path)> = Vec::new();
    let mut without_cascade = None;
    let mut unclear = None;
    let itself = (0..changed.columns.len()).map(|index| (index, index)).collect();
    let itself = Path { columns: itself, others: Vec::new() };
    let mut open = vec![(changed, itself, columns.to_vec(), true)];
    while let Some((target, path, moving, first)) = open.pop() {
        for &table in tables.iter().filter(|table| !table.model.is_read_only()) {
            for (index, key) in table.foreign_keys.iter().enumerate() {
                if *key.target != *target.model || !moves(key, target, &moving) {
                    continue;
                }
                match key.on_update {
                    ReferentialAction::SetNull | ReferentialAction::SetDefault => continue,
                    ReferentialAction::Cascade => {}
                    ReferentialAction::NoAction | ReferentialAction::Restrict => {
                        without_cascade.get_or_insert(NotFollowed { table, key: index });
                    }
                }
                let next = repeated(key, target, &path);
                // what points to the row that changes repeats a key of it as a whole
                let whole = first
                    || path.columns.iter().all(|&(_, source)| {
                        next.columns.iter().any(|&(_, repeated)| repeated == source)
                    });
                if !whole {
                    unclear.get_or_insert(NotFollowed { table, key: index });
                    continue;
                }
                let known =
                    |(other, path): &(&Table, Path)| *other.model == *table.model && *path == next;
                if !found.iter().any(known) {
                    found.push((table, next.clone()));
                    let moving = next.columns.iter().map(|&(column, _)| column).collect();
                    open.push((table, next, moving, false));
                }
            }
        }
    }
    match (without_cascade, unclear) {
        (None, _) => Ok(Vec::new()),
        (Some(first), Some(_)) => Err(first),
        (Some(_), None) => Ok(by_table(found)),
    }
}

/// Whether a foreign key points to columns among these.
fn moves(key: &ForeignKey, target: &Table, columns: &[usize]) -> bool {
    key.pointed_to(target).iter().any(|column| columns.contains(column))
}

/// The columns of a foreign key that repeat what the columns it points to repeat.
fn repeated(key: &ForeignKey, target: &Table, path: &Path) -> Path {
    let mut next = Path { columns: Vec::new(), others: Vec::new() };
    for (&own, other) in key.columns.iter().zip(key.pointed_to(target)) {
        match path.columns.iter().find(|&&(column, _)| column == other) {
            Some(&(_, source)) => next.columns.push((own, source)),
            None => next.others.push(own),
        }
    }
    next
}

fn by_table(found: Vec<(&'static Table, Path)>) -> Vec<Follower> {
    let mut followers: Vec<Follower> = Vec::new();
    for (table, path) in found {
        match followers.iter_mut().find(|follower| *follower.table.model == *table.model) {
            Some(follower) => follower.paths.push(path),
            None => followers.push(Follower { table, paths: vec![path] }),
        }
    }
    followers
}

impl ForeignKey {
    /// Positions of the columns of the other table that it points to.
    pub fn pointed_to(&self, target: &Table) -> Vec<usize> {
        let position = |name: &String| target.columns.iter().position(|own| own.name == *name);
        self.target_columns.iter().filter_map(position).collect()
    }
}
