//! What a flush makes of everything that is open: cascades, then one change of the tables.

use super::keys::{Switched, Under};
use super::{Expected, Mark, Oracle, Row, Said, Slot, Stage, Tables, Why};
use crate::shapes::OnDelete;
use std::collections::BTreeSet;

/// What the database does to objects in memory by itself.
#[derive(Default)]
struct ByDatabase {
    deleted: BTreeSet<Mark>,
    nulled: Vec<Mark>,
}

impl Oracle {
    pub fn flush(&mut self) -> Expected {
        if !self.settle()
            || self.marks(|_| true).into_iter().any(|mark| self.open_and_points_to_gone(mark))
        {
            return Expected::invalid();
        }
        self.take_replaced();
        if !self.settle_orphans() {
            return Expected::invalid();
        }
        let Some(done) = self.cascade() else { return Expected::invalid() };
        let unset = |it: &super::Object| {
            let required = self.shape.edge_of(it.now.kind).is_some_and(|(_, edge)| edge.required);
            it.stage == Stage::Pending && required && it.now.parent.is_none()
        };
        let to_gone = |(&mark, it): (&Mark, &super::Object)| {
            it.stage.is_alive() && self.open_and_points_to_gone(mark)
        };
        if self.objects.values().any(unset)
            || self.objects.iter().any(to_gone)
            || self.one_key_twice()
        {
            return Expected::invalid();
        }
        if !self.has_work() {
            self.forget_edits();
            return Expected::Fine;
        }
        self.begin();
        let switched = self.switched();
        let before = self.tables.clone();
        self.find_outdated();
        let mut refused = self.write(&switched);
        refused.extend(self.tables.violations(self.shape));
        let keys = self.keys_taken(&before);
        let (must, mut may) = self.handed_on(&before, &switched);
        refused.extend(keys.0);
        may.extend(keys.1);
        self.written(&done, &switched);
        refused.extend(must);
        if refused.is_empty() && may.is_empty() {
            Expected::Fine
        } else if refused.is_empty() {
            Expected::Either(may)
        } else {
            Expected::Refused(refused.into_iter().chain(may).collect())
        }
    }

    /// What UNIQUE values that go from row to row lead to: why they can't, why they perhaps can't.
    ///
    /// They go in an order in which each is given up before it is taken. In a ring there is none,
    /// unless the column can be NULL; nor may there be one where rows that move wait for the new
    /// owner, which waits for the deletion of the old one. What the rows held is what was read:
    /// where another session changed it, the database decides.
    fn handed_on(&self, before: &Tables, switched: &Switched) -> (BTreeSet<Why>, BTreeSet<Why>) {
        let (mut must, mut may) = (BTreeSet::new(), BTreeSet::new());
        let open = |it: &super::Object| {
            it.stage == Stage::ToBeDeleted || (it.stage.has_row() && it.now != it.known)
        };
        let outdated = |(mark, it): (&Mark, &super::Object)| {
            open(it) && before.rows.get(mark) != Some(&it.known)
        };
        if self.objects.iter().any(outdated) {
            may.extend([Why::Unique, Why::Invalid]);
        }
        let mut before = before.clone();
        for (&new, &old) in switched {
            before.rename(old, new);
        }
        let waits = before.handed_on(self.shape, &self.tables);
        let in_ring = |start: &Mark| {
            let mut at = *start;
            for _ in 0..waits.len() {
                let Some(&(next, _)) = waits.get(&at) else { return false };
                at = next;
                if at == *start {
                    return true;
                }
            }
            false
        };
        if waits.iter().any(|(mark, &(_, nullable))| !nullable && in_ring(mark)) {
            must.insert(Why::Invalid);
        }
        let deleted = |&(from, _): &(Mark, bool)| !self.tables.rows.contains_key(&from);
        if waits.values().any(deleted) {
            let moves = |it: &super::Object| {
                it.stage.is_alive() && it.now.parent.is_some() && (it.lent || !it.stage.has_row())
            };
            may.extend(self.objects.values().any(moves).then_some(Why::Invalid));
        }
        (must, may)
    }

    fn marks(&self, wanted: impl Fn(Stage) -> bool) -> Vec<Mark> {
        let all = self.objects.iter().filter(|(_, object)| wanted(object.stage));
        all.map(|(&mark, _)| mark).collect()
    }

    fn open_and_points_to_gone(&self, mark: Mark) -> bool {
        let object = &self.objects[&mark];
        (object.lent || object.stage == Stage::Pending) && self.points_to_gone(mark)
    }

    /// What an owner of one that was replaced unseen had is read and taken out.
    fn take_replaced(&mut self) {
        for (owner, slot) in std::mem::take(&mut self.replaced) {
            let Slot::Edge(edge) = slot else { continue };
            if !self.objects[&owner].stage.has_row() {
                continue;
            }
            self.begin();
            let now = self.objects[&owner].held.get(&slot).cloned().unwrap_or_default();
            for child in self.tables.children(&self.shape.edges[edge], owner) {
                self.read_row(child);
                let stays = !self.is_alive(child) || now.contains(&child);
                if !stays && self.objects[&child].now.parent == Some(owner) {
                    self.orphan(owner, child);
                }
            }
        }
    }

    /// Orphans that found no new owner; `false` where one can be neither deleted nor without.
    fn settle_orphans(&mut self) -> bool {
        for mark in self.marks(|_| true) {
            let object = self.object(mark);
            let Some(owner) = object.orphan_of.take() else { continue };
            let (stage, kind) = (object.stage, object.now.kind);
            if object.now.parent.is_some_and(|parent| parent != owner) {
                continue;
            }
            let deletes = self.shape.edge_of(kind).is_some_and(|(_, edge)| edge.orphans);
            match stage {
                Stage::Pending if deletes => self.discard(mark),
                Stage::Persistent | Stage::Stale if deletes => {
                    self.object(mark).stage = Stage::ToBeDeleted;
                }
                Stage::Pending | Stage::Persistent | Stage::Stale
                    if self.stage(owner) != Some(Stage::ToBeDeleted) =>
                {
                    return false;
                }
                _ => {}
            }
        }
        true
    }

    /// What deletions mean for those that point to what is deleted; `None` where one is left behind.
    fn cascade(&mut self) -> Option<ByDatabase> {
        let mut done = ByDatabase::default();
        let mut settled = BTreeSet::new();
        let mut left = Vec::new();
        let under = self.given();
        loop {
            let deleting = self.marks(|stage| stage == Stage::ToBeDeleted);
            let all: BTreeSet<Mark> =
                deleting.into_iter().chain(done.deleted.iter().copied()).collect();
            let Some(&owner) = all.difference(&settled).next() else { break };
            settled.insert(owner);
            self.cascade_from(owner, &under, &mut done, &mut left);
        }
        let objects = &self.objects;
        let stays = |mark: &Mark| !settled.contains(mark) && objects[mark].stage.is_alive();
        self.said.retain(|(left, right), _| stays(left) && stays(right));
        let stuck = |mark: &Mark| {
            let object = &self.objects[mark];
            object.stage.is_alive() && !done.deleted.contains(mark) && object.now.parent.is_some()
        };
        if left.iter().any(stuck) { None } else { Some(done) }
    }

    fn cascade_from(
        &mut self,
        owner: Mark,
        under: &Under,
        done: &mut ByDatabase,
        left: &mut Vec<Mark>,
    ) {
        let kind = self.objects[&owner].now.kind;
        // a row that another object takes over stays: the database does nothing
        let stays = self.is_taken_over(owner, under);
        for (index, edge) in self.shape.edges.iter().enumerate() {
            let by_database = edge.on_delete != OnDelete::Nothing && !stays;
            if edge.owner != kind || (!by_database && edge.collection.is_none()) {
                continue;
            }
            if !by_database && !self.is_loaded(owner, Slot::Edge(index)) {
                self.load_slot(owner, Slot::Edge(index));
            }
            let children: Vec<Mark> = self
                .alive(edge.child)
                .into_iter()
                .filter(|child| self.objects[child].now.parent == Some(owner))
                .collect();
            for child in children {
                let pending = self.stage(child) == Some(Stage::Pending);
                let deletes = edge.deletes || edge.on_delete == OnDelete::Cascade;
                match edge.on_delete {
                    OnDelete::Cascade if by_database && !pending => {
                        done.deleted.insert(child);
                    }
                    OnDelete::SetNull if by_database => done.nulled.push(child),
                    _ if deletes && pending => self.discard(child),
                    _ if deletes => self.object(child).stage = Stage::ToBeDeleted,
                    _ if edge.required => left.push(child),
                    _ => self.give(child, None),
                }
            }
        }
    }

    fn has_work(&self) -> bool {
        let open = |it: &super::Object| match it.stage {
            Stage::Pending | Stage::ToBeDeleted => true,
            Stage::Persistent | Stage::Stale => it.now != it.known || it.raises(),
            _ => false,
        };
        !self.said.is_empty() || self.objects.values().any(open)
    }

    /// The open objects whose rows are not there, or have other versions.
    fn find_outdated(&mut self) {
        let open = |it: &super::Object| {
            it.stage == Stage::ToBeDeleted
                || (it.stage.has_row() && (it.now != it.known || it.raises()))
        };
        let there = |mark: &Mark, it: &super::Object| {
            self.tables.rows.get(mark).is_some_and(|row| row.version == it.known.version)
        };
        let outdated = self.objects.iter().filter(|&(mark, it)| open(it) && !there(mark, it));
        self.outdated = outdated.map(|(&mark, _)| mark).collect();
    }

    /// Changes the tables; what is not there to be changed.
    fn write(&mut self, switched: &Switched) -> BTreeSet<Why> {
        let mut refused = BTreeSet::new();
        if !self.outdated.is_empty() {
            refused.insert(Why::Stale);
        }
        let tables = &mut self.tables;
        for (&new, &old) in switched {
            tables.links.retain(|&(left, right)| left != old && right != old);
            tables.rename(old, new);
            update(tables, new, &self.objects[&old].known, &self.objects[&new].now);
            tables.count_on(self.shape, new);
        }
        for (&mark, object) in &self.objects {
            match object.stage {
                Stage::Pending if !switched.contains_key(&mark) => {
                    tables.rows.insert(mark, object.now.clone());
                }
                Stage::Persistent | Stage::Stale if object.now != object.known => {
                    update(tables, mark, &object.known, &object.now);
                    tables.count_on(self.shape, mark);
                }
                Stage::Persistent | Stage::Stale if object.raises() => {
                    tables.count_on(self.shape, mark);
                }
                _ => {}
            }
            if let Some(row) = tables.rows.get_mut(&mark).filter(|_| object.raises()) {
                row.note = row.note.map(|note| note + 1);
            }
        }
        // what was written just now and points to an object whose row was taken over, too
        for (&new, &old) in switched {
            tables.rename(old, new);
        }
        for (&pair, &said) in &self.said {
            let missing = match said {
                Said::Linked => {
                    tables.links.insert(pair);
                    false
                }
                Said::Unlinked => !tables.links.remove(&pair),
                Said::UnlinkedIfThere => {
                    tables.links.remove(&pair);
                    false
                }
            };
            refused.extend(missing.then_some(Why::Stale));
        }
        let taken: BTreeSet<Mark> = switched.values().copied().collect();
        let deleting = |(mark, object): &(&Mark, &super::Object)| {
            object.stage == Stage::ToBeDeleted && !taken.contains(mark)
        };
        let deleting: Vec<Mark> =
            self.objects.iter().filter(deleting).map(|(&mark, _)| mark).collect();
        for mark in deleting {
            tables.erase(self.shape, mark);
        }
        refused
    }

    /// What was written is known.
    fn written(&mut self, done: &ByDatabase, switched: &Switched) {
        let transaction = self.transaction;
        let mut deleted: Vec<Mark> = done.deleted.iter().copied().collect();
        for (&mark, object) in &mut self.objects {
            let raises = object.raises();
            match object.stage {
                Stage::Pending => object.stage = Stage::Persistent,
                Stage::Persistent | Stage::Stale if object.now != object.known || raises => {}
                Stage::ToBeDeleted => {
                    deleted.push(mark);
                    continue;
                }
                _ => continue,
            }
            if let Some(row) = self.tables.rows.get(&mark) {
                object.now.version = row.version;
                if raises {
                    object.now.note = row.note;
                }
            }
            object.known = object.now.clone();
            object.read_in = transaction;
            object.written.get_or_insert_with(|| object.now.clone());
        }
        for &mark in &deleted {
            self.object(mark).stage = Stage::Deleted;
        }
        for &mark in &done.nulled {
            let object = self.object(mark);
            object.now.parent = None;
            object.known.parent = None;
            object.settled = None;
        }
        self.point_to_new(switched);
        self.leave_collections(&deleted);
        self.forget_edits();
    }
}

/// Writes the columns that changed.
fn update(tables: &mut Tables, mark: Mark, known: &Row, now: &Row) {
    let Some(row) = tables.rows.get_mut(&mark) else { return };
    if now.label != known.label {
        row.label.clone_from(&now.label);
    }
    if now.note != known.note {
        row.note = now.note;
    }
    if now.parent != known.parent {
        row.parent = now.parent;
    }
}
