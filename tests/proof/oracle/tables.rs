//! Tables as plain maps, with what a database does by itself: ON DELETE, and its constraints.

use crate::kinds::Kind;
use crate::shapes::{Edge, OnDelete, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// What tells a row from all others, whatever its key.
pub type Mark = i64;

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    Unique,
    ForeignKey,
    Stale,
    NotFound,
    /// Before any SQL.
    Invalid,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub kind: Kind,
    pub label: String,
    pub note: Option<i64>,
    /// The row it points to.
    pub parent: Option<Mark>,
    /// How often it was written; 0 where nobody counts.
    pub version: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    pub rows: BTreeMap<Mark, Row>,
    pub links: BTreeSet<(Mark, Mark)>,
}

/// A value that only one row may have: of a column of a kind.
pub type Taken = (Kind, bool, String);

impl Row {
    /// A new row.
    pub fn new(shape: &Shape, kind: Kind, label: &str) -> Row {
        let version = i64::from(shape.versioned);
        Row { kind, label: label.to_owned(), note: None, parent: None, version }
    }
}

impl Shape {
    /// The foreign key of a kind.
    pub fn edge_of(&self, kind: Kind) -> Option<(usize, &'static Edge)> {
        self.edges.iter().enumerate().find(|(_, edge)| edge.child == kind)
    }
}

impl Tables {
    pub fn of(&self, kind: Kind) -> Vec<Mark> {
        let of_kind = self.rows.iter().filter(|(_, row)| row.kind == kind);
        of_kind.map(|(&mark, _)| mark).collect()
    }

    /// Counts on, where rows have versions.
    pub fn count_on(&mut self, shape: &Shape, mark: Mark) {
        if let Some(row) = self.rows.get_mut(&mark).filter(|_| shape.versioned) {
            row.version += 1;
        }
    }

    /// A row is another one's from now on: what pointed to it, points to that.
    pub fn rename(&mut self, old: Mark, new: Mark) {
        if let Some(row) = self.rows.remove(&old) {
            self.rows.insert(new, row);
        }
        for row in self.rows.values_mut().filter(|row| row.parent == Some(old)) {
            row.parent = Some(new);
        }
    }

    /// The rows that point to one.
    pub fn children(&self, edge: &Edge, owner: Mark) -> Vec<Mark> {
        let of_owner = |row: &Row| row.kind == edge.child && row.parent == Some(owner);
        self.rows.iter().filter(|(_, row)| of_owner(row)).map(|(&mark, _)| mark).collect()
    }

    /// Deletes a row, with what the database deletes and changes by itself.
    pub fn erase(&mut self, shape: &Shape, mark: Mark) {
        let Some(row) = self.rows.remove(&mark) else { return };
        self.links.retain(|&(left, right)| left != mark && right != mark);
        for edge in shape.edges.iter().filter(|edge| edge.owner == row.kind) {
            for child in self.children(edge, mark) {
                match edge.on_delete {
                    OnDelete::Nothing => {}
                    OnDelete::Cascade => self.erase(shape, child),
                    OnDelete::SetNull => {
                        if let Some(child) = self.rows.get_mut(&child) {
                            child.parent = None;
                        }
                    }
                }
            }
        }
    }

    /// What the constraints say of these tables.
    pub fn violations(&self, shape: &Shape) -> BTreeSet<Why> {
        let mut found = BTreeSet::new();
        let mut taken = BTreeSet::new();
        for row in self.rows.values() {
            let dangling = row.parent.is_some_and(|parent| !self.rows.contains_key(&parent));
            if dangling {
                found.insert(Why::ForeignKey);
            }
            if unique_values(shape, row).into_iter().any(|value| !taken.insert(value)) {
                found.insert(Why::Unique);
            }
        }
        let there = |mark| self.rows.contains_key(mark);
        if self.links.iter().any(|(left, right)| !there(left) || !there(right)) {
            found.insert(Why::ForeignKey);
        }
        found
    }

    /// Which row has each value that only one may have.
    pub fn holders(&self, shape: &Shape) -> BTreeMap<Taken, Mark> {
        let values = |(&mark, row)| unique_values(shape, row).into_iter().map(move |it| (it, mark));
        self.rows.iter().flat_map(values).collect()
    }

    /// Which row takes a value that another one has here, of that one and of later tables; with it
    /// whether the column can be NULL.
    pub fn handed_on(&self, shape: &Shape, later: &Tables) -> BTreeMap<Mark, (Mark, bool)> {
        let before = self.holders(shape);
        let mut waits = BTreeMap::new();
        for (&to, row) in &later.rows {
            let required = shape.edge_of(row.kind).is_some_and(|(_, edge)| edge.required);
            for value in unique_values(shape, row) {
                let nullable = value.1 && !required;
                if let Some(&from) = before.get(&value).filter(|&&from| from != to) {
                    waits.insert(to, (from, nullable));
                }
            }
        }
        waits
    }
}

fn unique_values(shape: &Shape, row: &Row) -> Vec<Taken> {
    let mut values = Vec::new();
    if shape.unique.contains(&row.kind) {
        values.push((row.kind, false, row.label.clone()));
    }
    if let (Some((_, edge)), Some(parent)) = (shape.edge_of(row.kind), row.parent)
        && edge.one
    {
        values.push((row.kind, true, parent.to_string()));
    }
    values
}
