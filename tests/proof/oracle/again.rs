//! Reading again and leaving: `expire`, `refresh`, `expunge`, each with what goes along.

use super::{Expected, Mark, Object, Oracle, Slot, Stage, Why};
use std::collections::BTreeSet;

impl Oracle {
    /// An object and those in its loaded collections with `cascade(all)`, and in theirs.
    fn taken_along(&self, mark: Mark) -> Vec<Mark> {
        let mut all = vec![mark];
        let mut index = 0;
        while let Some(owner) = all.get(index) {
            index += 1;
            let held = self.objects[owner].held.iter();
            let along = held.filter(|&(&slot, _)| self.goes_along(slot));
            let members: Vec<Mark> = along.flat_map(|(_, held)| held.iter().copied()).collect();
            for member in members {
                if !all.contains(&member) && !self.objects[&member].stage.is_gone() {
                    all.push(member);
                }
            }
        }
        all
    }

    pub(super) fn goes_along(&self, slot: Slot) -> bool {
        matches!(slot, Slot::Edge(edge) if self.shape.edges[edge].deletes)
    }

    /// `expire`; what is gone back to is expired with it.
    pub fn expire(&mut self, mark: Mark) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        for mark in self.taken_along(mark) {
            if !self.objects[&mark].stage.has_row() {
                continue;
            }
            let before = self.scopes.iter_mut().filter_map(|scope| scope.objects.get_mut(&mark));
            for object in before.chain(self.objects.get_mut(&mark)) {
                if object.stage.has_row() {
                    object.stage = Stage::Stale;
                    object.held.clear();
                }
            }
        }
        Expected::Fine
    }

    /// `refresh`: reads the row, and the collections that are loaded.
    pub fn refresh(&mut self, mark: Mark) -> Expected {
        let expected = self.flush();
        if matches!(expected, Expected::Refused(_)) {
            return expected;
        }
        if !self.objects[&mark].stage.has_row() {
            return Expected::invalid();
        }
        self.begin();
        if !self.tables.rows.contains_key(&mark) {
            return Expected::Refused([Why::NotFound].into());
        }
        self.read_again(mark);
        self.read_collections(&[mark], &mut BTreeSet::new());
        expected
    }

    fn read_again(&mut self, mark: Mark) {
        let row = self.tables.rows[&mark].clone();
        let transaction = self.transaction;
        let object = self.objects.entry(mark).or_insert_with(|| {
            let mut object = Object::new(Stage::Persistent, row.clone());
            object.settled = row.parent;
            object
        });
        if object.stage.has_row() {
            object.stage = Stage::Persistent;
            object.read_in = transaction;
            object.settled = row.parent;
            object.known = row.clone();
            object.now = row;
        }
    }

    fn read_collections(&mut self, owners: &[Mark], done: &mut BTreeSet<Mark>) {
        let owners: Vec<Mark> = owners.iter().copied().filter(|&it| done.insert(it)).collect();
        let Some(first) = owners.first() else { return };
        for slot in self.slots(self.objects[first].now.kind) {
            let mut members = Vec::new();
            for &owner in &owners {
                if !self.is_loaded(owner, slot) {
                    continue;
                }
                if self.goes_along(slot) {
                    for member in self.members_in_tables(owner, slot) {
                        self.read_again(member);
                        members.push(member);
                    }
                }
                self.load_slot(owner, slot);
                if let Some(scope) = self.scopes.last_mut() {
                    scope.read.push((owner, slot));
                }
            }
            self.read_collections(&members, done);
        }
    }

    /// Whether `expunge` takes out only what has a row.
    pub fn can_expunge(&self, mark: Mark) -> bool {
        self.taken_along(mark).iter().all(|mark| self.objects[mark].stage.has_row())
    }

    /// `expunge`; what was taken out.
    pub fn expunge(&mut self, mark: Mark) -> (Expected, Vec<Mark>) {
        if !self.settle() {
            return (Expected::invalid(), Vec::new());
        }
        let gone = self.taken_along(mark);
        let holds = |held: &BTreeSet<Mark>| held.iter().any(|member| gone.contains(member));
        let objects = self.objects.iter().chain(self.scopes.iter().flat_map(|it| &it.objects));
        let holders: BTreeSet<(Mark, Slot)> = objects
            .flat_map(|(&owner, it)| {
                let all = it.held.iter().chain(&it.kept);
                all.map(move |(&slot, held)| (owner, slot, held))
            })
            .filter(|(_, _, held)| holds(held))
            .map(|(owner, slot, _)| (owner, slot))
            .collect();
        let before = self.scopes.iter_mut().map(|scope| &mut scope.objects);
        for objects in before.chain([&mut self.objects]) {
            objects.retain(|mark, _| !gone.contains(mark));
            for (&owner, object) in objects.iter_mut() {
                let pending = object.stage == Stage::Pending;
                for held in object.held.values_mut().filter(|_| pending) {
                    held.retain(|member| !gone.contains(member));
                }
                object.held.retain(|&slot, _| pending || !holders.contains(&(owner, slot)));
                object.kept.retain(|&slot, _| !holders.contains(&(owner, slot)));
                object.orphan_of = object.orphan_of.filter(|owner| !gone.contains(owner));
            }
        }
        self.said.retain(|(left, right), _| !gone.contains(left) && !gone.contains(right));
        self.replaced.retain(|(owner, _)| !gone.contains(owner));
        (Expected::Fine, gone)
    }
}
