//! In which order rows are written.
//!
//! 1. Tables by all their foreign keys, those pointed to first; tables in a cycle (and a table that
//!    points to itself) form one group.
//! 2. Inside a group rows go in levels: a row comes after the rows of the flush it points to.
//! 3. Rows that point to one another in a ring: one foreign key that can be NULL is left out of the
//!    INSERT and set by an UPDATE behind it. A ring without one is an error that prints it.
//! 4. Deletes the other way round, by the foreign keys the rows have in the database; a key that can
//!    be NULL is set NULL first where rows form a ring.
//! 5. Inserts keep the order of `add`, updates and deletes go by key.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::diff::Change;
use super::edges::{Edge, Edges};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::ForeignKey;
use rustc_hash::FxHashMap;

/// The rows of a flush in the order they are written.
#[derive(Debug, Default)]
pub(crate) struct Ordered {
    /// Rows to insert: each level in one go, parents first.
    pub inserts: Vec<Vec<ObjectId>>,
    /// Foreign keys left out of an insert: object and position among the table's.
    pub deferred: Vec<(ObjectId, usize)>,
    /// Rows to update.
    pub updates: Vec<Change>,
    /// Foreign keys set NULL before a delete: object and position among the table's.
    pub severed: Vec<(ObjectId, usize)>,
    /// Rows to delete: each level in one go, children first.
    pub deletes: Vec<Vec<ObjectId>>,
    /// The place of each model among them all, those pointed to first.
    pub ranks: Vec<usize>,
    /// New objects with the deleted ones whose rows they take over.
    pub replaced: FxHashMap<ObjectId, ObjectId>,
    /// What rows point to when they are written.
    pub written: Edges,
    /// What rows point to in the database.
    pub stored: Edges,
}

impl Ordered {
    /// The object whose row in the database is that of `id`: itself, or the one it replaces.
    pub fn row_of(&self, id: ObjectId) -> ObjectId {
        self.replaced.get(&id).copied().unwrap_or(id)
    }
}

pub(super) fn order(
    map: &IdentityMap,
    inserts: &[ObjectId],
    changes: Vec<Change>,
    deletes: &[ObjectId],
) -> Result<Ordered> {
    let groups = groups(map);
    let mut ordered = Ordered {
        ranks: vec![0; map.models.len()],
        written: Edges::to(map, inserts, false),
        stored: Edges::to(map, deletes, true),
        ..Ordered::default()
    };
    for (rank, group) in groups.iter().enumerate() {
        for &model in group {
            ordered.ranks[model] = rank;
        }
    }
    for group in &groups {
        let rows: Vec<ObjectId> = of_group(inserts, group);
        let edges = |id| ordered.written.of(map, id);
        let mut cut = Vec::new();
        let levels = levels(map, group, rows, &edges, &mut cut)?;
        ordered.inserts.extend(levels);
        ordered.deferred.append(&mut cut);
    }
    for group in groups.iter().rev() {
        let mut rows: Vec<ObjectId> = of_group(deletes, group);
        rows.sort_by(|&one, &other| map.entry(one).key.cmp(&map.entry(other).key));
        let edges = |id| ordered.stored.of(map, id);
        let mut cut = Vec::new();
        let levels = levels(map, group, rows, &edges, &mut cut)?;
        ordered.deletes.extend(levels.into_iter().rev());
        ordered.severed.append(&mut cut);
    }
    let replaced = changes.iter().filter_map(|change| Some((change.id, change.replaces?)));
    ordered.replaced = replaced.collect();
    ordered.updates = changes;
    ordered.updates.sort_by_key(|change| (change.id.model, &map.entry(change.row()).key));
    Ok(ordered)
}

/// The models that the foreign keys of one point to.
fn points_to(map: &IdentityMap, model: usize) -> impl Iterator<Item = usize> + '_ {
    let keys = map.models[model].meta.table().foreign_keys.iter();
    keys.filter_map(|key| map.known_model((key.target.type_id)()))
}

fn of_group(rows: &[ObjectId], group: &[usize]) -> Vec<ObjectId> {
    rows.iter().copied().filter(|id| group.contains(&id.model)).collect()
}

/// Models in groups that depend on one another, those pointed to first (Tarjan's components).
fn groups(map: &IdentityMap) -> Vec<Vec<usize>> {
    let marks = vec![None; map.models.len()];
    let mut search = Components { map, marks, stack: Vec::new(), next: 0, found: Vec::new() };
    for model in 0..map.models.len() {
        if search.marks[model].is_none() {
            search.visit(model);
        }
    }
    search.found
}

struct Components<'m> {
    map: &'m IdentityMap,
    marks: Vec<Option<Mark>>,
    stack: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

#[derive(Clone, Copy)]
struct Mark {
    index: usize,
    on_stack: bool,
}

impl Components<'_> {
    fn visit(&mut self, model: usize) -> usize {
        let index = self.next;
        self.next += 1;
        self.stack.push(model);
        self.marks[model] = Some(Mark { index, on_stack: true });
        let mut lowest = index;
        for target in points_to(self.map, model) {
            match self.marks[target] {
                None => lowest = lowest.min(self.visit(target)),
                Some(mark) if mark.on_stack => lowest = lowest.min(mark.index),
                Some(_) => {}
            }
        }
        if lowest == index {
            let mut group = Vec::new();
            while let Some(member) = self.stack.pop() {
                if let Some(mark) = &mut self.marks[member] {
                    mark.on_stack = false;
                }
                group.push(member);
                if member == model {
                    break;
                }
            }
            group.sort_unstable();
            self.found.push(group);
        }
        lowest
    }
}

/// Rows in levels, those pointed to first. Edges that had to be cut are added to `cut`.
fn levels(
    map: &IdentityMap,
    group: &[usize],
    rows: Vec<ObjectId>,
    edges: &dyn Fn(ObjectId) -> Vec<Edge>,
    cut: &mut Vec<(ObjectId, usize)>,
) -> Result<Vec<Vec<ObjectId>>> {
    let itself = |&model: &usize| points_to(map, model).any(|target| target == model);
    let within = group.len() > 1 || group.iter().any(itself);
    if !within {
        return Ok(if rows.is_empty() { Vec::new() } else { vec![rows] });
    }
    let position: FxHashMap<ObjectId, usize> =
        rows.iter().enumerate().map(|(index, &id)| (id, index)).collect();
    let parents: Vec<Vec<(usize, usize)>> = rows
        .iter()
        .map(|&id| {
            let known = |(key, target): Edge| Some((key, *position.get(&target)?));
            edges(id).into_iter().filter_map(known).collect()
        })
        .collect();
    Levels { map, rows: &rows, parents, done: vec![false; rows.len()] }.all(cut)
}

struct Levels<'a> {
    map: &'a IdentityMap,
    rows: &'a [ObjectId],
    /// Per row: foreign keys and positions of the rows pointed to.
    parents: Vec<Vec<(usize, usize)>>,
    done: Vec<bool>,
}

impl Levels<'_> {
    fn all(mut self, cut: &mut Vec<(ObjectId, usize)>) -> Result<Vec<Vec<ObjectId>>> {
        self.cut_loops(cut)?;
        let mut levels = Vec::new();
        let mut left: Vec<usize> = (0..self.rows.len()).collect();
        while !left.is_empty() {
            // a row that points to itself by its key is written in one go: the database checks
            // behind it
            let ready = |&row: &usize| {
                self.parents[row].iter().all(|&(_, parent)| parent == row || self.done[parent])
            };
            let (level, waiting): (Vec<usize>, Vec<usize>) =
                left.iter().partition(|row| ready(row));
            if level.is_empty() {
                self.cut_rings(&waiting, cut)?;
                continue;
            }
            for &row in &level {
                self.done[row] = true;
            }
            levels.push(level.into_iter().map(|row| self.rows[row]).collect());
            left = waiting;
        }
        Ok(levels)
    }

    /// Follows the rows that wait until one comes again, and cuts an edge of that ring; all rings
    /// that are found at once, so that they are written in one go.
    fn cut_rings(&mut self, waiting: &[usize], cut: &mut Vec<(ObjectId, usize)>) -> Result<()> {
        // per row: from where it was come by first, and at which step
        let mut passed: Vec<Option<(usize, usize)>> = vec![None; self.rows.len()];
        for &start in waiting {
            let mut path: Vec<(usize, usize)> = Vec::new();
            let mut row = start;
            loop {
                match passed[row] {
                    Some((from, step)) if from == start => {
                        self.cut(&path.split_off(step), cut)?;
                        break;
                    }
                    Some(_) => break,
                    None => {}
                }
                let waits_for =
                    self.parents[row].iter().find(|&&(_, next)| next != row && !self.done[next]);
                let Some(&(key, next)) = waits_for else { break };
                passed[row] = Some((start, path.len()));
                path.push((row, key));
                row = next;
            }
        }
        Ok(())
    }

    /// Cuts the first edge of a ring that can be NULL.
    fn cut(&mut self, ring: &[(usize, usize)], cut: &mut Vec<(ObjectId, usize)>) -> Result<()> {
        for &(row, key) in ring {
            let id = self.rows[row];
            if self.foreign_key(row, key).nullable {
                self.parents[row].retain(|&(other, _)| other != key);
                cut.push((id, key));
                return Ok(());
            }
        }
        Err(self.unbreakable(ring))
    }

    fn foreign_key(&self, row: usize, key: usize) -> &'static ForeignKey {
        &self.map.models[self.rows[row].model].meta.table().foreign_keys[key]
    }

    /// Cuts the edges by which rows point to themselves before they have a key.
    fn cut_loops(&mut self, cut: &mut Vec<(ObjectId, usize)>) -> Result<()> {
        for row in 0..self.rows.len() {
            let id = self.rows[row];
            let keyless = self.map.object(id).is_some_and(|object| object.key().is_none());
            let loops: Vec<usize> = self.parents[row]
                .iter()
                .filter(|&&(_, parent)| keyless && parent == row)
                .map(|&(key, _)| key)
                .collect();
            for key in loops {
                self.cut(&[(row, key)], cut)?;
            }
        }
        Ok(())
    }

    fn unbreakable(&self, ring: &[(usize, usize)]) -> Error {
        let step = |&(row, key): &(usize, usize)| {
            let id = self.rows[row];
            let name = match self.foreign_key(row, key).field {
                Some(field) => self.map.models[id.model].meta.fields[field].name,
                None => &self.foreign_key(row, key).name,
            };
            format!("{} –{name}→ ", self.map.describe(id))
        };
        let path: String = ring.iter().map(step).collect();
        let first = ring.first().map(|&(row, _)| self.map.describe(self.rows[row]));
        Error::new(
            ErrorKind::InvalidState,
            format!(
                "these rows point to one another and none can be written first: {path}{}; make one \
                 of the fields `Option<Ref<…>>`",
                first.unwrap_or_default()
            ),
        )
    }
}
