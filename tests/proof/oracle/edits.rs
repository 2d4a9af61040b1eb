//! What calls and fields say of relationships, on both sides at once.

use super::{Expected, Mark, Oracle, Said, Slot, Stage};

impl Oracle {
    /// Points a child to an owner by its field; the other side follows at the next call.
    pub fn point(&mut self, child: Mark, owner: Option<Mark>) {
        self.lend(child);
        self.object(child).now.parent = owner;
    }

    /// Carries what fields say over to the other sides; `false` where one points to what is gone.
    pub fn settle(&mut self) -> bool {
        let unsettled = self.unsettled.clone();
        if unsettled.iter().any(|&mark| self.points_to_gone(mark)) {
            return false;
        }
        for mark in unsettled {
            let object = &self.objects[&mark];
            let (before, after) = (object.settled, object.now.parent);
            if object.stage.is_alive() && before != after {
                self.moved(mark, before, after);
            }
        }
        self.unsettled.clear();
        true
    }

    pub(super) fn points_to_gone(&self, mark: Mark) -> bool {
        let object = &self.objects[&mark];
        let looked_at = object.stage.is_alive() || object.stage == Stage::ToBeDeleted;
        let gone = |parent| self.stage(parent).is_some_and(Stage::is_gone);
        looked_at && object.now.parent.is_some_and(gone)
    }

    /// A call that points a child to an owner, or to nothing.
    pub fn set(&mut self, child: Mark, owner: Option<Mark>) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        let required = self.edge_of(child).1.required;
        if owner.is_none() && required {
            return Expected::invalid();
        }
        self.give(child, owner);
        Expected::Fine
    }

    /// A call that puts a child into an owner's collection.
    pub fn link_child(&mut self, owner: Mark, child: Mark) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        let (index, edge) = self.edge_of(child);
        let slot = Slot::Edge(index);
        if edge.one {
            self.let_go(owner, slot, Some(child));
            self.give(child, Some(owner));
            if !self.is_loaded(owner, slot) {
                self.touch(owner);
                self.object(owner).held.insert(slot, [child].into());
                self.replaced.insert((owner, slot));
            }
        } else {
            self.give(child, Some(owner));
        }
        Expected::Fine
    }

    /// A call that takes a child out of an owner's collection.
    pub fn unlink_child(&mut self, owner: Mark, child: Mark) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        if self.objects[&child].now.parent == Some(owner) {
            let slot = Slot::Edge(self.edge_of(child).0);
            self.orphan(owner, child);
            self.view(owner, slot, child, false);
        }
        Expected::Fine
    }

    fn edge_of(&self, child: Mark) -> (usize, &'static crate::shapes::Edge) {
        let kind = self.objects[&child].now.kind;
        self.shape.edge_of(kind).expect("the kind points to something")
    }

    pub(super) fn give(&mut self, child: Mark, owner: Option<Mark>) {
        let before = self.objects[&child].now.parent;
        if before != owner {
            self.touch(child);
            self.object(child).now.parent = owner;
        }
        self.moved(child, before, owner);
    }

    fn moved(&mut self, child: Mark, before: Option<Mark>, after: Option<Mark>) {
        let slot = Slot::Edge(self.edge_of(child).0);
        let object = self.object(child);
        object.orphan_of = None;
        object.settled = after;
        if let Some(before) = before {
            self.view(before, slot, child, false);
        }
        if let Some(after) = after {
            if self.edge_of(child).1.one {
                self.let_go(after, slot, Some(child));
            }
            self.view(after, slot, child, true);
        }
    }

    /// What an owner of one was known to have makes room for another.
    fn let_go(&mut self, owner: Mark, slot: Slot, stays: Option<Mark>) {
        let held = self.objects.get(&owner).and_then(|object| object.held.get(&slot)).cloned();
        for other in held.unwrap_or_default() {
            if Some(other) != stays && self.objects[&other].now.parent == Some(owner) {
                self.orphan(owner, other);
                self.view(owner, slot, other, false);
            }
        }
    }

    /// A child leaves an owner: it points to nothing, or what becomes of it is seen at the flush.
    pub(super) fn orphan(&mut self, owner: Mark, child: Mark) {
        if !self.is_alive(child) {
            return;
        }
        let edge = self.edge_of(child).1;
        if edge.required || edge.orphans {
            self.object(child).orphan_of = Some(owner);
        } else {
            self.give(child, None);
        }
    }

    /// Makes a loaded collection show that something is in it, or is not.
    pub(super) fn view(&mut self, owner: Mark, slot: Slot, member: Mark, there: bool) {
        if !self.is_alive(owner) || !self.is_loaded(owner, slot) {
            return;
        }
        self.touch(owner);
        let held = self.object(owner).held.entry(slot).or_default();
        if there {
            held.insert(member);
        } else {
            held.remove(&member);
        }
    }

    /// Links or unlinks a pair, from one of its sides.
    pub fn pair(&mut self, pair: (Mark, Mark), side: usize, linked: bool) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        let (left, right) = pair;
        let (owner, other) = [(left, right), (right, left)][side];
        let slot = Slot::Side(side);
        let held = self.objects[&owner].held.get(&slot).map(|held| held.contains(&other));
        if held == Some(linked) {
            return Expected::Fine;
        }
        let knows = |mark: Mark, slot: Slot| {
            self.stage(mark) == Some(Stage::Pending) || self.is_loaded(mark, slot)
        };
        let known = knows(left, Slot::Side(0)) || knows(right, Slot::Side(1));
        let said = match (self.said.get(&pair), linked) {
            (Some(Said::Linked), false) | (Some(Said::Unlinked), true) if known => None,
            (Some(Said::Linked | Said::UnlinkedIfThere), false) => Some(Said::UnlinkedIfThere),
            (_, true) => Some(Said::Linked),
            (_, false) => Some(Said::Unlinked),
        };
        match said {
            Some(said) => self.said.insert(pair, said),
            None => self.said.remove(&pair),
        };
        self.view(left, Slot::Side(0), right, linked);
        self.view(right, Slot::Side(1), left, linked);
        Expected::Fine
    }

    /// A collection was lent to be changed by its field.
    pub fn touched_by_field(&mut self, owner: Mark) {
        self.touch(owner);
    }

    /// `delete`: a pending object is gone at once, another at the flush.
    pub fn delete(&mut self, mark: Mark) {
        self.settle();
        match self.stage(mark) {
            Some(Stage::Pending) => self.discard(mark),
            Some(Stage::Persistent | Stage::Stale) => self.object(mark).stage = Stage::ToBeDeleted,
            _ => {}
        }
    }

    /// Takes a pending object out, with the pending ones that would be deleted with it.
    pub(super) fn discard(&mut self, mark: Mark) {
        let mut all = vec![mark];
        let mut index = 0;
        while let Some(&owner) = all.get(index) {
            index += 1;
            for (&slot, held) in &self.objects[&owner].held {
                let Slot::Edge(edge) = slot else { continue };
                let edge = &self.shape.edges[edge];
                if edge.deletes || edge.orphans {
                    let pending = held.iter().copied();
                    let pending = pending.filter(|&it| self.stage(it) == Some(Stage::Pending));
                    let new: Vec<Mark> = pending.filter(|it| !all.contains(it)).collect();
                    all.extend(new);
                }
            }
        }
        self.leave_collections(&all);
        for mark in all {
            self.object(mark).stage = Stage::GoneDiscarded;
            self.left_over.insert(mark);
        }
    }

    /// What is deleted leaves the collections that hold it.
    pub(super) fn leave_collections(&mut self, deleted: &[Mark]) {
        for &mark in deleted {
            let object = &self.objects[&mark];
            if let (Some((edge, _)), Some(parent)) =
                (self.shape.edge_of(object.now.kind), object.now.parent)
            {
                self.view(parent, Slot::Edge(edge), mark, false);
            }
            let holders: Vec<(Mark, Slot)> = self
                .objects
                .iter()
                .flat_map(|(&owner, it)| {
                    it.held.iter().map(move |(&slot, held)| (owner, slot, held))
                })
                .filter(|(_, slot, held)| matches!(slot, Slot::Side(_)) && held.contains(&mark))
                .map(|(owner, slot, _)| (owner, slot))
                .collect();
            for (owner, slot) in holders {
                self.view(owner, slot, mark, false);
            }
        }
    }
}
