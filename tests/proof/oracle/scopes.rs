//! What transactions and savepoints are to objects: what is kept, and what is gone back to.

use super::{Expected, Mark, Object, Oracle, Scope, Slot, Stage};
use std::collections::BTreeMap;

impl Oracle {
    pub fn commit(&mut self) -> Expected {
        let expected = self.flush();
        if self.open {
            self.committed = self.tables.clone();
            self.open = false;
        }
        for object in self.objects.values_mut() {
            if object.stage == Stage::Deleted {
                object.stage = Stage::GoneDeleted;
            }
        }
        self.left_over.clear();
        self.scopes.clear();
        self.open_scope();
        expected
    }

    pub fn roll_back(&mut self) {
        let scope = self.scopes.swap_remove(0);
        self.restore(scope.objects, &scope.read);
        self.tables = self.committed.clone();
        self.open = false;
        self.scopes.clear();
        self.open_scope();
    }

    pub fn savepoint(&mut self) -> Expected {
        let expected = self.flush();
        self.begin();
        self.open_scope();
        expected
    }

    /// The end of a savepoint; its undoing goes back to its parent's.
    pub fn release(&mut self) -> Expected {
        let expected = self.flush();
        if let Some(scope) = self.scopes.pop()
            && let Some(parent) = self.scopes.last_mut()
        {
            parent.read.extend(scope.read);
        }
        expected
    }

    pub fn roll_back_to(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.restore(scope.objects, &scope.read);
            self.tables = scope.tables;
        }
    }

    /// Everything is taken out; the transaction goes on.
    pub fn clear(&mut self) {
        self.objects.clear();
        self.left_over.clear();
        self.forget_edits();
        for scope in &mut self.scopes {
            scope.objects.clear();
        }
    }

    /// The session is dropped, and another begins.
    pub fn begin_anew(&mut self) {
        self.roll_back();
        self.clear();
    }

    pub(super) fn open_scope(&mut self) {
        let (tables, objects) = (self.tables.clone(), self.objects.clone());
        self.scopes.push(Scope { tables, objects, read: Vec::new() });
    }

    /// What is known of an object is old, also in what is gone back to.
    pub fn doubt(&mut self, mark: Mark) {
        let before = self.scopes.iter_mut().map(|scope| &mut scope.objects);
        for objects in before.chain([&mut self.objects]) {
            if let Some(object) = objects.get_mut(&mark).filter(|it| it.stage.has_row()) {
                object.stage = Stage::Stale;
            }
        }
    }

    /// Objects that were there are as they were, those added since are gone, those first read since
    /// are stale.
    fn restore(&mut self, before: BTreeMap<Mark, Object>, read: &[(Mark, Slot)]) {
        for (mark, object) in &mut self.objects {
            match before.get(mark) {
                Some(before) => *object = before.clone(),
                None if object.stage.is_gone() => {}
                None if object.added => {
                    object.stage = Stage::GoneRolledBack;
                    if let Some(written) = object.written.clone() {
                        object.now = written;
                    }
                    self.left_over.insert(*mark);
                }
                None => *object = Object::new(Stage::Stale, object.first.clone()),
            }
            object.settled = object.now.parent;
        }
        let outer = self.scopes.iter_mut().map(|scope| &mut scope.objects);
        for objects in outer.chain([&mut self.objects]) {
            for (owner, slot) in read {
                if let Some(object) = objects.get_mut(owner) {
                    object.held.remove(slot);
                }
            }
        }
        self.forget_edits();
    }

    pub(super) fn forget_edits(&mut self) {
        self.said.clear();
        self.replaced.clear();
        self.unsettled.clear();
        for object in self.objects.values_mut() {
            object.lent = false;
            object.kept.clear();
            object.orphan_of = None;
            object.raised = None;
        }
    }
}
