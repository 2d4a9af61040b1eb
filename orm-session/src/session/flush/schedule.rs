//! The order of a flush in which rows hand on UNIQUE values: by row, not by table.
//!
//! 1. What is done to a row is a node; it waits for others: an insert for the rows it points to, a
//!    deletion for the rows that pointed to it, and who takes a UNIQUE value for who gives it up.
//! 2. What waits for nothing is sent in one go with its like: inserts, updates, deletes of a table.
//!    First comes what is ready as a whole, then what is ready in part (inserts last); in both the
//!    order of [`super::order`] decides.
//! 3. Where all that is left waits, a ring is broken ([`super::knot`]).

use super::super::identity_map::{IdentityMap, ObjectId};
use super::order::Ordered;
use super::unique::{Constraint, Done, HandedOn};
use orm_core::dialect::Features;
use orm_core::error::Result;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What is done to a row by one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Columns are set NULL, so that others can take what was in them.
    Vacate,
    Insert,
    /// Columns that were left out of an insert are set.
    Close,
    Update,
    Delete,
}

/// A row of a step, with the columns that are set, and those among them that are set NULL.
#[derive(Debug)]
pub(super) struct Row {
    pub id: ObjectId,
    pub columns: Vec<usize>,
    pub nulled: Vec<usize>,
}

/// Rows that are sent together: as many statements as they have different columns.
#[derive(Debug)]
pub(super) struct Step {
    pub kind: Kind,
    pub rows: Vec<Row>,
}

/// The steps of a flush, and the constraints that are checked behind it.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    pub steps: Vec<Step>,
    pub deferred: Vec<(usize, Constraint)>,
}

pub(super) struct Node {
    pub kind: Kind,
    pub row: Row,
    /// How many edges lead to it from what is not done.
    waiting: usize,
    /// Whether it is looked at again before the next step.
    fresh: bool,
    pub done: bool,
    pub into: Vec<usize>,
    pub out: Vec<usize>,
}

/// `to` waits for `from`.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub why: Why,
    pub gone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A foreign key of the later row of two that are written, the earlier one of two of which the
    /// later is deleted.
    Points(usize),
    /// The earlier gives up what the later takes.
    Takes(Constraint),
    /// Both are of one row.
    Same,
}

/// Which nodes go together: the kind, and the place of the table among tables.
type Class = (Kind, Place);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Rising(usize),
    Falling(Reverse<usize>),
}

/// What is done to rows, and what waits for what.
pub(super) struct Graph<'a> {
    pub map: &'a IdentityMap,
    pub features: &'a Features,
    ranks: &'a [usize],
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub deferred: Vec<(usize, Constraint)>,
    /// Nodes that may wait for nothing any more.
    fresh: Vec<usize>,
    ready: BTreeMap<Class, Vec<usize>>,
    left: BTreeMap<Class, usize>,
}

pub(super) fn schedule(
    map: &IdentityMap,
    features: &Features,
    ordered: &Ordered,
    handed_on: &[HandedOn],
) -> Result<Schedule> {
    let mut graph = Graph {
        map,
        features,
        ranks: &ordered.ranks,
        nodes: Vec::new(),
        edges: Vec::new(),
        deferred: Vec::new(),
        fresh: Vec::new(),
        ready: BTreeMap::new(),
        left: BTreeMap::new(),
    };
    graph.fill(ordered, handed_on);
    let steps = graph.steps()?;
    Ok(Schedule { steps, deferred: graph.deferred })
}

impl Graph<'_> {
    fn fill(&mut self, ordered: &Ordered, handed_on: &[HandedOn]) {
        let mut of: FxHashMap<(Done, ObjectId), usize> = FxHashMap::default();
        for &id in ordered.inserts.iter().flatten() {
            of.insert((Done::Inserted, id), self.node(Kind::Insert, row(id, &[], &[])));
        }
        for change in &ordered.updates {
            let node = self.node(Kind::Update, row(change.id, &change.columns, &[]));
            of.insert((Done::Updated, change.id), node);
        }
        for &id in ordered.deletes.iter().flatten() {
            of.insert((Done::Deleted, id), self.node(Kind::Delete, row(id, &[], &[])));
        }
        for &(id, key) in &ordered.deferred {
            self.close(of[&(Done::Inserted, id)], key);
        }
        let severed: FxHashMap<(ObjectId, usize), usize> = ordered
            .severed
            .iter()
            .map(|&(id, key)| {
                let columns = &self.table(id).foreign_keys[key].columns;
                let vacate = self.node(Kind::Vacate, row(id, columns, columns));
                self.edge(vacate, of[&(Done::Deleted, id)], Why::Same);
                ((id, key), vacate)
            })
            .collect();
        let inserts = ordered.inserts.iter().flatten().map(|&id| (Done::Inserted, id));
        let updates = ordered.updates.iter().map(|change| (Done::Updated, change.id));
        let deletes = ordered.deletes.iter().flatten().map(|&id| (Done::Deleted, id));
        for row in inserts.chain(updates).chain(deletes) {
            self.point(&of, &severed, row, of[&row], ordered);
        }
        for value in handed_on {
            self.edge(of[&value.from], of[&value.to], Why::Takes(value.constraint));
        }
    }

    /// The edges that foreign keys of a row make.
    fn point(
        &mut self,
        of: &FxHashMap<(Done, ObjectId), usize>,
        severed: &FxHashMap<(ObjectId, usize), usize>,
        (done, id): (Done, ObjectId),
        node: usize,
        ordered: &Ordered,
    ) {
        let changed = |graph: &Graph<'_>, key: usize| {
            let columns = &graph.table(id).foreign_keys[key].columns;
            let set = &graph.nodes[node].row.columns;
            columns.iter().any(|column| set.contains(column))
        };
        if done != Done::Deleted {
            for (key, target) in ordered.written.of(self.map, id) {
                let Some(&parent) = of.get(&(Done::Inserted, target)) else { continue };
                let close = self.closing(node, key);
                if parent != node || close.is_some() {
                    if done == Done::Updated && !changed(self, key) {
                        continue;
                    }
                    self.edge(parent, close.unwrap_or(node), Why::Points(key));
                }
            }
        }
        if done != Done::Inserted {
            let row = ordered.row_of(id);
            for (key, target) in ordered.stored.of(self.map, row) {
                let Some(&parent) = of.get(&(Done::Deleted, target)) else { continue };
                let from = severed.get(&(id, key)).copied().unwrap_or(node);
                if parent != from && (done == Done::Deleted || changed(self, key)) {
                    self.edge(from, parent, Why::Points(key));
                }
            }
        }
    }

    /// The node that sets a foreign key that an insert leaves out.
    fn closing(&self, insert: usize, key: usize) -> Option<usize> {
        let columns = &self.table(self.nodes[insert].row.id).foreign_keys[key].columns;
        self.nodes[insert].out.iter().map(|&edge| self.edges[edge].to).find(|&node| {
            let node = &self.nodes[node];
            node.kind == Kind::Close && node.row.columns == *columns
        })
    }

    /// Leaves a foreign key out of an insert and sets it behind.
    pub fn close(&mut self, insert: usize, key: usize) -> usize {
        let id = self.nodes[insert].row.id;
        let columns = &self.table(id).foreign_keys[key].columns;
        self.nodes[insert].row.nulled.extend(columns);
        let close = self.node(Kind::Close, row(id, columns, &[]));
        self.edge(insert, close, Why::Same);
        close
    }

    /// Adds a node that waits for nothing yet.
    pub fn node(&mut self, kind: Kind, row: Row) -> usize {
        let node = self.nodes.len();
        let class = self.class(kind, row.id.model);
        *self.left.entry(class).or_default() += 1;
        let (into, out) = (Vec::new(), Vec::new());
        self.fresh.push(node);
        self.nodes.push(Node { kind, row, waiting: 0, fresh: true, done: false, into, out });
        node
    }

    /// Makes `to` wait for `from`.
    pub fn edge(&mut self, from: usize, to: usize, why: Why) {
        let edge = self.edges.len();
        self.edges.push(Edge { from, to, why, gone: false });
        self.nodes[from].out.push(edge);
        self.nodes[to].into.push(edge);
        self.nodes[to].waiting += 1;
    }

    /// Takes an edge out.
    pub fn remove(&mut self, edge: usize) {
        if !std::mem::replace(&mut self.edges[edge].gone, true) {
            self.passed(self.edges[edge].to);
        }
    }

    fn passed(&mut self, to: usize) {
        let node = &mut self.nodes[to];
        node.waiting -= 1;
        if node.waiting == 0 && !std::mem::replace(&mut node.fresh, true) {
            self.fresh.push(to);
        }
    }

    /// Puts the nodes that wait for nothing any more where they are taken from.
    fn look_again(&mut self) {
        for node in std::mem::take(&mut self.fresh) {
            self.nodes[node].fresh = false;
            if self.nodes[node].waiting == 0 {
                let class = self.class(self.nodes[node].kind, self.nodes[node].row.id.model);
                self.ready.entry(class).or_default().push(node);
            }
        }
    }

    fn class(&self, kind: Kind, model: usize) -> Class {
        match kind {
            Kind::Vacate | Kind::Update => (kind, Place::Rising(model)),
            Kind::Insert | Kind::Close => (kind, Place::Rising(self.ranks[model])),
            Kind::Delete => (kind, Place::Falling(Reverse(self.ranks[model]))),
        }
    }

    fn steps(&mut self) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        while self.left.values().any(|&left| left > 0) {
            self.look_again();
            let ready = || self.ready.iter().filter(|(_, ready)| !ready.is_empty());
            let whole = ready().find(|&(class, ready)| ready.len() == self.left[class]);
            // what may give something up goes before inserts, which only take
            let part = || ready().min_by_key(|&(class, _)| (class.0 == Kind::Insert, class));
            match whole.or_else(part).map(|(class, _)| *class) {
                Some(class) => steps.push(self.take(class)),
                None => self.untie()?,
            }
        }
        Ok(steps)
    }

    /// Takes the nodes of a class that are ready.
    fn take(&mut self, class: Class) -> Step {
        let mut taken = self.ready.remove(&class).unwrap_or_default();
        taken.sort_unstable();
        if let Some(left) = self.left.get_mut(&class) {
            *left -= taken.len();
        }
        let mut rows = Vec::with_capacity(taken.len());
        for node in taken {
            let done = &mut self.nodes[node];
            done.done = true;
            let Row { id, columns, nulled } = &mut done.row;
            let (columns, nulled) = (std::mem::take(columns), std::mem::take(nulled));
            rows.push(Row { id: *id, columns, nulled });
            for edge in std::mem::take(&mut done.out) {
                if !self.edges[edge].gone {
                    self.passed(self.edges[edge].to);
                }
            }
        }
        Step { kind: class.0, rows }
    }

    pub fn table(&self, id: ObjectId) -> &'static orm_core::schema::Table {
        self.map.models[id.model].meta.table()
    }
}

pub(super) fn row(id: ObjectId, columns: &[usize], nulled: &[usize]) -> Row {
    Row { id, columns: columns.to_vec(), nulled: nulled.to_vec() }
}
