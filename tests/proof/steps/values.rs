//! Steps about plain values: added under a key, merged, taken back.

use crate::kinds::{Kind, Seen};
use crate::oracle::{Mark, Oracle, Parent, Row, Slot, Value};
use crate::program::Merged;
use crate::run::{Checked, Run, label_of, pick, same};
use orm::prelude::*;
use orm::{Error, ErrorKind};

impl Run<'_> {
    /// Adds under the key of an object that is deleted, of one that is there, or under a new one.
    pub(super) fn add_under(
        &mut self,
        session: &mut Session,
        kind: Kind,
        label: u8,
        key: u8,
        parent: Option<u8>,
    ) -> Checked<Option<Error>> {
        let (mark, label) = (self.mark(), label_of(label));
        let of_kind = |wanted: fn(crate::oracle::Stage) -> bool| -> Vec<i64> {
            let objects = self.oracle.objects.iter();
            let found = objects.filter(|(_, it)| it.now.kind == kind && wanted(it.stage));
            found.filter_map(|(mark, _)| self.oracle.keys.get(mark).copied()).collect()
        };
        let there = match key % 4 {
            0 => Vec::new(),
            1 => of_kind(|stage| stage.is_alive()),
            _ => of_kind(|stage| stage.is_deleted()),
        };
        let key = pick(&there, key / 4).unwrap_or(-mark);
        let edge = self.oracle.shape.edge_of(kind).map(|(_, edge)| edge);
        let parent = parent.zip(edge).and_then(|(it, edge)| pick(&self.alive(edge.owner), it));
        let same_key = self.oracle.marks_under(kind, key);
        self.trace.push(format!(
            "add {kind:?} #{mark} {label:?} of {parent:?} under the key of {same_key:?}"
        ));
        let row = Row::new(self.oracle.shape, kind, &label);
        let value = seen(mark, Some(key), &row, None);
        self.oracle.add_under(mark, key, row);
        let any = kind.add_value(session, &value);
        self.handles.insert(mark, any);
        match (edge, parent) {
            (Some(edge), Some(parent)) => self.point(session, edge, mark, Some(parent)),
            _ => Ok(None),
        }
    }

    /// Deletes an object, and adds another one under its key.
    pub(super) fn replace(
        &mut self,
        session: &mut Session,
        object: u8,
        label: u8,
    ) -> Checked<Option<Error>> {
        let keyed = self.all_alive().into_iter();
        let keyed: Vec<Mark> = keyed.filter(|mark| self.oracle.keys.contains_key(mark)).collect();
        let Some(old) = pick(&keyed, object) else { return Ok(None) };
        let now = self.oracle.objects[&old].now.clone();
        self.trace.push(format!("delete #{old}"));
        self.oracle.delete(old);
        let deleted = self.handle(old)?.delete(session);
        deleted.map_err(|error| format!("delete: {error}"))?;
        let (mark, label) = (self.mark(), label_of(label));
        self.trace.push(format!("add {:?} #{mark} {label:?} under its key", now.kind));
        let row = Row::new(self.oracle.shape, now.kind, &label);
        let key = self.oracle.keys[&old];
        let value = seen(mark, Some(key), &row, None);
        self.oracle.add_under(mark, key, row);
        let any = now.kind.add_value(session, &value);
        self.handles.insert(mark, any);
        let edge = self.oracle.shape.edge_of(now.kind).map(|(_, edge)| edge);
        let alive = self.all_alive();
        match (edge, now.parent.filter(|owner| alive.contains(owner))) {
            (Some(edge), Some(owner)) => self.point(session, edge, mark, Some(owner)),
            _ => Ok(None),
        }
    }

    /// Takes the value of an object that is gone, once, and perhaps adds it again.
    pub(super) fn take(
        &mut self,
        session: &mut Session,
        object: u8,
        again: bool,
    ) -> Checked<Option<Error>> {
        let left: Vec<Mark> = self.oracle.left_over.iter().copied().collect();
        let Some(gone) = pick(&left, object) else { return Ok(None) };
        let Some(&any) = self.handles.get(&gone) else { return Ok(None) };
        let object = &self.oracle.objects[&gone];
        let (row, given) = (object.now.clone(), object.given);
        self.trace.push(format!("take #{gone}"));
        let mut value = any.take(session).map_err(|error| format!("take: {error}"))?;
        value.parent = None;
        same("what is taken", &value, &seen(gone, given, &row, None))?;
        match any.take(session) {
            Err(error) if error.kind() == ErrorKind::Closed => {}
            other => return Err(format!("taken twice: {other:?}")),
        }
        // what it was related to went with it
        self.oracle.left_over.clear();
        let required = self.oracle.shape.edge_of(row.kind).is_some_and(|(_, edge)| edge.required);
        if again && given.is_none() && !required {
            let mark = self.mark();
            self.trace.push(format!("add it again as #{mark}"));
            let row = Row { parent: None, ..row };
            let any = row.kind.add_value(session, &Seen { mark, ..value });
            self.oracle.add(mark, row);
            self.handles.insert(mark, any);
        }
        Ok(None)
    }

    pub(super) fn merge(
        &mut self,
        session: &mut Session,
        merged: &Merged,
    ) -> Checked<Option<Error>> {
        let mut before = self.oracle.clone();
        before.flush();
        let Some((root, slot, members)) = self.merged(&before, merged) else { return Ok(None) };
        let told: Vec<String> = members.iter().flatten().map(describe).collect();
        let inside =
            if members.is_some() { format!(", in {slot:?} {told:?}") } else { String::new() };
        self.trace.push(format!("merge {}{inside}", describe(&root)));
        let mut next = self.oracle.clone();
        let expected = next.merge(&root, slot.zip(members.as_deref()));
        let key = |mark: Mark| self.oracle.keys.get(&mark).copied();
        let plain = |value: &Value| {
            let parent = match value.parent {
                Parent::Unsaid | Parent::At(None) => None,
                Parent::At(Some(owner)) => key(owner),
            };
            seen(value.mark, key(value.mark).filter(|_| !value.new), &value.row, parent)
        };
        let done = match (slot, &members) {
            (Some(slot), Some(members)) => {
                let members: Vec<Seen> = members.iter().map(plain).collect();
                (self.collection(slot).merge)(session, &plain(&root), &members)
            }
            _ => root.row.kind.merge(session, &plain(&root)),
        };
        if let Ok(any) = &done {
            same("what was merged", &self.note(session, *any)?, &root.mark)?;
            if let Some(slot) = slot {
                let held = (self.collection(slot).held)(session, *any).unwrap_or_default();
                for member in held {
                    self.note(session, member)?;
                }
            }
        }
        self.refused_in_memory = done.is_err() && !session_failed(session);
        Ok(self.compare(&expected, done, session, next)?.err())
    }

    /// The values that are merged: of rows that are there once it was flushed, or new ones.
    fn merged(
        &mut self,
        before: &Oracle,
        merged: &Merged,
    ) -> Option<(Value, Option<Slot>, Option<Vec<Value>>)> {
        let shape = self.oracle.shape;
        let there = |kind: Kind| -> Vec<Mark> {
            let rows = before.tables.of(kind).into_iter();
            rows.filter(|mark| self.oracle.keys.contains_key(mark)).collect()
        };
        let kind = pick(shape.kinds, merged.kind).expect("a shape has kinds");
        let slots = self.oracle.slots(kind);
        let slots: Vec<Slot> = slots.into_iter().filter(|&slot| !self.is_one(slot)).collect();
        let slot = pick(&slots, merged.which);
        let row = merged.row.and_then(|row| pick(&there(kind), row));
        let edge = shape.edge_of(kind).map(|(_, edge)| edge);
        let owner = |number: u8| edge.and_then(|edge| pick(&there(edge.owner), number));
        // a reference that can be NULL says so, one that can't says nothing; its own child would be said
        // to be one by one side only
        let parent = merged.parent.and_then(owner).filter(|&owner| Some(owner) != row);
        let parent = match (parent, edge) {
            (Some(owner), _) => Parent::At(Some(owner)),
            (None, Some(edge)) if !edge.required => Parent::At(None),
            (None, _) => Parent::Unsaid,
        };
        if row.is_none() && edge.is_some_and(|edge| edge.required) && parent == Parent::Unsaid {
            return None;
        }
        let mut members = None;
        if let (Some(slot), Some(inside)) = (slot, &merged.members) {
            let kind = self.member_kind(slot);
            let rows = there(kind);
            let mut chosen: Vec<(Option<Mark>, u8)> = Vec::new();
            for &(number, label) in inside {
                let mark = number.and_then(|number| pick(&rows, number));
                let twice = mark.is_some() && chosen.iter().any(|&(other, _)| other == mark);
                if !twice && (mark.is_none() || mark != row) {
                    chosen.push((mark, label));
                }
            }
            members = Some((kind, chosen));
        }
        let mut value = |kind: Kind, row: Option<Mark>, label: u8, note: Option<i64>| {
            let mut columns = Row::new(shape, kind, &label_of(label));
            columns.note = note;
            if let Some(mark) = row {
                columns.version = before.tables.rows[&mark].version;
            }
            let mark = row.unwrap_or_else(|| self.mark());
            Value { mark, new: row.is_none(), row: columns, parent: Parent::Unsaid }
        };
        let mut root = value(kind, row, merged.label, merged.note.map(i64::from));
        root.parent = parent;
        let members = members.map(|(kind, members)| {
            let member = |(row, label)| value(kind, row, label, None);
            members.into_iter().map(member).collect::<Vec<Value>>()
        });
        Some((root, slot, members))
    }

    pub(super) fn is_one(&self, slot: Slot) -> bool {
        matches!(slot, Slot::Edge(edge) if self.oracle.shape.edges[edge].one)
    }

    fn member_kind(&self, slot: Slot) -> Kind {
        let shape = self.oracle.shape;
        match slot {
            Slot::Edge(edge) => shape.edges[edge].child,
            Slot::Side(side) => {
                let link = shape.link.expect("it has links");
                [link.right, link.left][side]
            }
        }
    }
}

fn seen(mark: Mark, id: Option<i64>, row: &Row, parent: Option<i64>) -> Seen {
    let label = row.label.clone();
    Seen { mark, id, label, note: row.note, parent, version: row.version }
}

fn describe(value: &Value) -> String {
    let Value { mark, new, row, parent } = value;
    let new = if *new { "new " } else { "" };
    let parent = match parent {
        Parent::Unsaid => String::new(),
        Parent::At(owner) => format!(" of {owner:?}"),
    };
    format!("{new}{:?} #{mark} {:?} {:?}{parent}", row.kind, row.label, row.note)
}

/// Whether an error has ended the transaction: every call says so then.
fn session_failed(session: &mut Session) -> bool {
    let asked = session.get_many(crate::models::Author, Vec::<i64>::new());
    asked.is_err_and(|error| error.kind() == ErrorKind::SessionFailed)
}
