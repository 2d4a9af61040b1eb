//! Rings among rows that hand on UNIQUE values, and how one is broken. In this order:
//!
//! 1. An update that waits because of some columns, and is waited for because of others, is sent in
//!    two parts.
//! 2. A foreign key that can be NULL is left out of an insert and set behind, or set NULL before the
//!    row it points to is deleted.
//! 3. A UNIQUE column that can be NULL is set NULL first.
//! 4. A constraint that is declared deferrable is checked behind the flush.
//! 5. An index of some rows may have neither of two rows in it: the database is to judge.
//! 6. Nothing helps: an error that names the rows, the constraints and the remedies, before any SQL.

use super::schedule::{Edge, Graph, Kind, Why, row};
use super::unique::Constraint;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::Table;

impl Graph<'_> {
    /// Breaks the rings among what is left, all that are found at once: so that they go together.
    pub fn untie(&mut self) -> Result<()> {
        for ring in self.rings() {
            if ring.iter().any(|&edge| self.edges[edge].gone) {
                continue; // broken with another one
            }
            let done = self.split(&ring)
                || ring.iter().any(|&edge| self.free_key(edge))
                || ring.iter().any(|&edge| self.vacate(edge))
                || ring.iter().any(|&edge| self.defer(edge))
                || ring.iter().any(|&edge| self.leave(edge));
            if !done {
                return Err(self.knotted(&ring));
            }
        }
        Ok(())
    }

    /// Rings that have no node in common: edges, each from the node that the one before leads to.
    fn rings(&self) -> Vec<Vec<usize>> {
        let mut rings = Vec::new();
        // per node: from where it was come by first, and at which step
        let mut passed: Vec<Option<(usize, usize)>> = vec![None; self.nodes.len()];
        for start in (0..self.nodes.len()).filter(|&node| !self.nodes[node].done) {
            let mut path: Vec<usize> = Vec::new();
            let mut node = start;
            loop {
                if let Some((from, step)) = passed[node] {
                    if from == start {
                        let mut ring = path.split_off(step);
                        ring.reverse();
                        rings.push(ring);
                    }
                    break;
                }
                passed[node] = Some((start, path.len()));
                let open = |&&edge: &&usize| {
                    !self.edges[edge].gone && !self.nodes[self.edges[edge].from].done
                };
                let Some(&edge) = self.nodes[node].into.iter().find(open) else { break };
                path.push(edge);
                node = self.edges[edge].from;
            }
        }
        rings
    }

    /// The columns by which an edge concerns a node at one of its ends.
    fn columns(&self, edge: Edge, node: usize) -> Vec<usize> {
        let node = &self.nodes[node].row;
        let table = self.table(node.id);
        let (columns, condition) = match edge.why {
            Why::Points(key) => (&table.foreign_keys[key].columns[..], &[][..]),
            Why::Takes(constraint) => (constraint.columns(table), constraint.condition(table)),
            Why::Same => (&[][..], &[][..]),
        };
        let columns = columns.iter().chain(condition).copied();
        columns.filter(|column| node.columns.contains(column)).collect()
    }

    /// Sends an update of the ring in two parts: first what others wait for.
    fn split(&mut self, ring: &[usize]) -> bool {
        for (place, &into) in ring.iter().enumerate() {
            let out = ring[(place + 1) % ring.len()];
            let (into, out) = (self.edges[into], self.edges[out]);
            let node = into.to;
            if self.nodes[node].kind != Kind::Update || matches!(into.why, Why::Same) {
                continue;
            }
            let (waits, first) = (self.columns(into, node), self.columns(out, node));
            if first.is_empty() || first.iter().any(|column| waits.contains(column)) {
                continue;
            }
            let id = self.nodes[node].row.id;
            let part = self.node(Kind::Update, row(id, &first, &[]));
            for edge in self.nodes[node].into.clone() {
                self.hand_over(edge, node, part, |edge, new| Edge { to: new, ..edge }, &first);
            }
            for edge in self.nodes[node].out.clone() {
                self.hand_over(edge, node, part, |edge, new| Edge { from: new, ..edge }, &first);
            }
            self.nodes[node].row.columns.retain(|column| !first.contains(column));
            self.edge(part, node, Why::Same);
            return true;
        }
        false
    }

    /// Gives an edge of a node to another one, where it concerns these columns.
    fn hand_over(
        &mut self,
        edge: usize,
        node: usize,
        new: usize,
        turned: impl Fn(Edge, usize) -> Edge,
        columns: &[usize],
    ) {
        let old = self.edges[edge];
        let concerned = self.columns(old, node).iter().any(|column| columns.contains(column));
        if concerned && !old.gone && !self.nodes[old.from].done {
            let Edge { from, to, why, .. } = turned(old, new);
            self.remove(edge);
            self.edge(from, to, why);
        }
    }

    /// Leaves a foreign key out of an insert, or sets it NULL before the row it points to goes.
    fn free_key(&mut self, edge: usize) -> bool {
        let Edge { from, to, why, .. } = self.edges[edge];
        let Why::Points(key) = why else { return false };
        let can_be_null = |node: usize| {
            let table = self.table(self.nodes[node].row.id);
            let Some(key) = table.foreign_keys.get(key) else { return false };
            key.nullable && !key.columns.iter().any(|column| table.primary_key.contains(column))
        };
        match (self.nodes[from].kind, self.nodes[to].kind) {
            (Kind::Insert, Kind::Insert) if can_be_null(to) => {
                self.remove(edge);
                let close = self.close(to, key);
                self.edge(from, close, why);
                let takes = self.nodes[to].into.clone();
                let left_out = self.nodes[close].row.columns.clone();
                for take in takes {
                    let Why::Takes(constraint) = self.edges[take].why else { continue };
                    let columns = constraint.columns(self.table(self.nodes[to].row.id));
                    if columns.iter().any(|column| left_out.contains(column)) {
                        let giver = self.edges[take].from;
                        self.remove(take);
                        if !self.nodes[giver].done {
                            self.edge(giver, close, Why::Takes(constraint));
                        }
                    }
                }
                true
            }
            (Kind::Update, Kind::Delete) if can_be_null(from) => {
                let id = self.nodes[from].row.id;
                let columns = &self.table(id).foreign_keys[key].columns;
                let vacate = self.node(Kind::Vacate, row(id, columns, columns));
                self.remove(edge);
                self.edge(vacate, to, why);
                self.edge(vacate, from, Why::Same);
                true
            }
            _ => false,
        }
    }

    /// Sets a UNIQUE column NULL that another row is to take.
    fn vacate(&mut self, edge: usize) -> bool {
        let Edge { from, why, .. } = self.edges[edge];
        let Why::Takes(constraint) = why else { return false };
        if !matches!(self.nodes[from].kind, Kind::Update | Kind::Delete) {
            return false;
        }
        let id = self.nodes[from].row.id;
        let table = self.table(id);
        let updates = self.nodes[from].kind == Kind::Update;
        let set = &self.nodes[from].row.columns;
        let can_be_null = |column: &usize| {
            table.column(*column).nullable
                && !table.column(*column).together
                && !table.primary_key.contains(column)
                && !self.is_pointed_to(table, *column)
        };
        let columns = constraint.columns(table);
        let changed =
            columns.iter().copied().find(|column| can_be_null(column) && set.contains(column));
        let Some(column) = changed.or_else(|| columns.iter().copied().find(can_be_null)) else {
            return false;
        };
        if updates && !set.contains(&column) {
            // it gets back what it has
            self.nodes[from].row.columns.push(column);
            self.nodes[from].row.columns.sort_unstable();
        }
        let vacate = self.node(Kind::Vacate, row(id, &[column], &[column]));
        for out in self.nodes[from].out.clone() {
            if self.edges[out].why == why && !self.edges[out].gone {
                let to = self.edges[out].to;
                self.remove(out);
                self.edge(vacate, to, why);
            }
        }
        self.edge(vacate, from, Why::Same);
        true
    }

    /// Whether rows point to a column: they would follow it to NULL.
    fn is_pointed_to(&self, table: &Table, column: usize) -> bool {
        let tables = self.map.models.iter().map(|model| model.meta.table());
        tables
            .flat_map(|table| &table.foreign_keys)
            .any(|key| *key.target == *table.model && key.pointed_to(table).contains(&column))
    }

    /// Has a constraint checked behind the flush.
    fn defer(&mut self, edge: usize) -> bool {
        let Edge { from, why, .. } = self.edges[edge];
        let Why::Takes(constraint) = why else { return false };
        let model = self.nodes[from].row.id.model;
        let table = self.table(self.nodes[from].row.id);
        if !constraint.is_deferrable(table) || !self.features.deferrable_uniques {
            return false;
        }
        for edge in 0..self.edges.len() {
            let Edge { from, why: other, gone, .. } = self.edges[edge];
            let same = other == why && self.nodes[from].row.id.model == model;
            if same && !gone && !self.nodes[from].done {
                self.remove(edge);
            }
        }
        self.deferred.push((model, constraint));
        true
    }

    /// Lets a row take what another one gives up before it does.
    fn leave(&mut self, edge: usize) -> bool {
        let Edge { from, why, .. } = self.edges[edge];
        let Why::Takes(constraint) = why else { return false };
        let partial = constraint.is_partial(self.table(self.nodes[from].row.id));
        if partial {
            self.remove(edge);
        }
        partial
    }

    /// What is told of a ring that can't be broken.
    fn knotted(&self, ring: &[usize]) -> Error {
        let mut path = String::new();
        let mut remedies: Vec<String> = Vec::new();
        for &edge in ring {
            let Edge { from, to, why, .. } = self.edges[edge];
            let name = |node: usize| self.map.describe(self.nodes[node].row.id);
            let (from_id, to_id) = (self.nodes[from].row.id, self.nodes[to].row.id);
            let step = match why {
                Why::Takes(constraint) => {
                    let table = self.table(from_id);
                    remedies.extend(self.remedies(constraint, table));
                    format!("{} gives up `{}` to ", name(from), constraint.name(table))
                }
                Why::Points(_) if self.nodes[to].kind == Kind::Delete => {
                    format!("{} points to {}, which is deleted before ", name(from), name(to))
                }
                Why::Points(key) => {
                    let key = &self.table(to_id).foreign_keys[key].name;
                    format!("{} is pointed to by `{key}` of ", name(from))
                }
                Why::Same => continue,
            };
            path.push_str(&step);
        }
        let first = ring.first().map(|&edge| self.nodes[self.edges[edge].from].row.id);
        path.push_str(&first.map(|id| self.map.describe(id)).unwrap_or_default());
        remedies.sort_unstable();
        remedies.dedup();
        Error::new(
            ErrorKind::InvalidState,
            format!(
                "these rows wait for one another and none can be written first: {path}; {}, or \
                 flush in between",
                remedies.join(", ")
            ),
        )
    }

    fn remedies(&self, constraint: Constraint, table: &Table) -> Vec<String> {
        let names: Vec<String> = constraint
            .columns(table)
            .iter()
            .map(|&index| format!("`{}`", table.column(index).name))
            .collect();
        let name = constraint.name(table);
        if constraint == Constraint::PrimaryKey {
            return vec![format!("give one of them a key that is free (`{name}`)")];
        }
        let mut remedies = vec![format!("make {} NULLable (`Option`)", names.join(" or "))];
        if self.features.deferrable_uniques {
            let mut fields: Vec<&str> = constraint
                .columns(table)
                .iter()
                .map(|&index| table.model.fields[table.column(index).field].name)
                .collect();
            fields.dedup();
            let fields = fields.join(", ");
            remedies.push(format!("declare `{name}` by `unique({fields}, deferrable)`"));
        }
        remedies
    }
}
