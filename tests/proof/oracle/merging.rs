//! `merge`: a value takes its place among the objects, with what is inside it.

use super::{Expected, Mark, Oracle, Row, Slot, Stage, Why};
use std::collections::BTreeSet;

/// What a value says of the row it points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Nothing: its reference is unset.
    Unsaid,
    At(Option<Mark>),
}

/// A value that is merged: of a row that is there, or a new one.
#[derive(Clone, Debug)]
pub struct Value {
    pub mark: Mark,
    pub new: bool,
    /// Its columns; what it points to is said by `parent`.
    pub row: Row,
    pub parent: Parent,
}

impl Oracle {
    /// Merges a value; `members` is what its collection holds, where that is loaded in it.
    pub fn merge(&mut self, value: &Value, members: Option<(Slot, &[Value])>) -> Expected {
        let expected = self.flush();
        if matches!(expected, Expected::Refused(_)) {
            return expected;
        }
        let stale = || Expected::Refused([Why::Stale].into());
        if !self.merge_value(value) {
            return expected.then(stale());
        }
        let slot = members.filter(|&(slot, _)| value.new || self.goes_along(slot));
        if let Some((slot, members)) = slot {
            if !members.iter().all(|member| self.merge_value(member)) {
                return expected.then(stale());
            }
            if !self.is_loaded(value.mark, slot) {
                self.load_slot(value.mark, slot);
            }
            if !self.settle() {
                return expected.then(Expected::invalid());
            }
            let members: BTreeSet<Mark> = members.iter().map(|member| member.mark).collect();
            self.hold(value.mark, slot, &members);
        }
        if self.settle() { expected } else { expected.then(Expected::invalid()) }
    }

    /// `false` where it was made from another version of its row.
    fn merge_value(&mut self, value: &Value) -> bool {
        if value.new {
            self.add(value.mark, value.row.clone());
        } else {
            if self.stage(value.mark).is_none_or(|stage| stage == Stage::Stale) {
                self.begin();
                self.read_row(value.mark);
            }
            if self.objects[&value.mark].known.version != value.row.version {
                return false;
            }
            let (label, note) = (value.row.label.clone(), value.row.note);
            self.change(value.mark, Some(&label), Some(note));
        }
        if let Parent::At(owner) = value.parent {
            self.point(value.mark, owner);
        }
        true
    }

    /// A collection holds exactly these.
    fn hold(&mut self, owner: Mark, slot: Slot, members: &BTreeSet<Mark>) {
        self.touched_by_field(owner);
        let before = self.objects[&owner].held.get(&slot).cloned().unwrap_or_default();
        for &member in before.difference(members) {
            match slot {
                Slot::Edge(_) => self.unlink_child(owner, member),
                Slot::Side(side) => {
                    self.pair([(owner, member), (member, owner)][side], side, false)
                }
            };
        }
        for &member in members {
            match slot {
                Slot::Edge(_) => self.link_child(owner, member),
                Slot::Side(side) => self.pair([(owner, member), (member, owner)][side], side, true),
            };
        }
    }
}
