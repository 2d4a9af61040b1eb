//! Each step: which object it is about, what the oracle says, what the session does.

mod relationships;
mod statements;
mod values;

use crate::kinds::Kind;
use crate::oracle::{Mark, Row, Slot};
use crate::program::Step;
use crate::run::{Checked, Run, label_of, pick, same};
use crate::shapes::Edge;
use orm::Error;
use orm::prelude::*;

impl Run<'_> {
    fn edge(&self, number: u8) -> &'static Edge {
        &self.oracle.shape.edges[usize::from(number) % self.oracle.shape.edges.len()]
    }

    pub fn step(&mut self, session: &mut Session, step: &Step) -> Checked<Option<Error>> {
        let shape = self.oracle.shape;
        match step {
            Step::Add { kind, label, parent } => {
                let kind = pick(shape.kinds, *kind).expect("a shape has kinds");
                self.add(session, kind, *label, *parent)
            }
            Step::Graph { edge, label, children } => self.graph(session, *edge, *label, children),
            Step::Change { object, label, note } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                let note = note.map(|note| note.map(i64::from));
                self.change(session, mark, label.map(label_of).as_deref(), note)?;
                Ok(None)
            }
            Step::Move { child, edge, owner, way } => {
                self.move_child(session, *child, self.edge(*edge), *owner, *way)
            }
            Step::Leave { child, edge, way } => self.leave(session, *child, self.edge(*edge), *way),
            Step::Link { pair, from, way } => self.pair(session, *pair, *from, *way, true),
            Step::Unlink { pair, from, way } => self.pair(session, *pair, *from, *way, false),
            Step::Delete { object } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                self.trace.push(format!("delete #{mark}"));
                self.oracle.delete(mark);
                let deleted = self.handle(mark)?.delete(session);
                deleted.map_err(|error| format!("delete: {error}"))?;
                self.check_objects(session)?;
                Ok(None)
            }
            Step::AddUnder { kind, label, key, parent } => {
                let kind = pick(shape.kinds, *kind).expect("a shape has kinds");
                self.add_under(session, kind, *label, *key, *parent)
            }
            Step::Replace { object, label } => self.replace(session, *object, *label),
            Step::Conflict { object, label } => {
                if !self.oracle.open && !self.joined {
                    self.conflict(session, *object, *label)?;
                }
                Ok(None)
            }
            Step::Merge(merged) => self.merge(session, merged),
            Step::Take { object, again } => self.take(session, *object, *again),
            Step::Raise { object } => self.raise(session, *object),
            Step::UpdateAll { kind, label, note } => self.update_all(session, *kind, *label, *note),
            Step::DeleteAll { kind, label } => self.delete_all(session, *kind, *label),
            Step::Get { row, quietly } => self.get(session, *row, *quietly),
            Step::Load { object, which, quietly } => self.load(session, *object, *which, *quietly),
            Step::Owner { child, edge } => self.owner(session, *child, self.edge(*edge)),
            Step::Query { kind, quietly } => self.query(session, *kind, *quietly),
            Step::Swap { kind, objects } => {
                let kind = pick(shape.kinds, *kind).expect("a shape has kinds");
                let all = self.alive(kind);
                let (Some(one), Some(other)) = (pick(&all, objects.0), pick(&all, objects.1))
                else {
                    return Ok(None);
                };
                self.trace.push(format!("exchange the labels of #{one} and #{other}"));
                let label = |mark| self.oracle.objects[&mark].now.label.clone();
                for (mark, label) in [(one, label(other)), (other, label(one))] {
                    self.oracle.change(mark, Some(&label), None);
                    let changed = self.handle(mark)?.change(session, Some(&label), None);
                    changed.map_err(|error| error.to_string())?;
                }
                Ok(None)
            }
            Step::Expire { object } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                self.trace.push(format!("expire #{mark}"));
                let mut next = self.oracle.clone();
                let expected = next.expire(mark);
                let done = self.handle(mark)?.expire(session);
                Ok(self.compare(&expected, done, session, next)?.err())
            }
            Step::Refresh { object } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                self.trace.push(format!("refresh #{mark}"));
                let mut next = self.oracle.clone();
                let expected = next.refresh(mark);
                let done = self.handle(mark)?.refresh(session);
                Ok(self.compare(&expected, done, session, next)?.err())
            }
            Step::Expunge { object } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                let mut next = self.oracle.clone();
                if !next.settle() || !next.can_expunge(mark) {
                    return Ok(None);
                }
                let (expected, gone) = next.expunge(mark);
                self.trace.push(format!("expunge #{mark}: {gone:?}"));
                let done = self.handle(mark)?.expunge(session);
                for mark in gone {
                    let any = self.handles.remove(&mark);
                    if any.is_some_and(|any| any.seen(session).is_ok()) {
                        return Err(format!("#{mark} was taken out and can be read"));
                    }
                }
                Ok(self.compare(&expected, done, session, next)?.err())
            }
            Step::Clear => {
                self.trace.push("clear".to_owned());
                session.clear();
                self.oracle.clear();
                self.forget_handles(session)?;
                Ok(None)
            }
            Step::Flush => {
                self.trace.push("flush".to_owned());
                let mut next = self.oracle.clone();
                let expected = next.flush();
                let done = session.flush();
                let done = self.compare(&expected, done, session, next)?;
                if done.is_ok() && session.in_transaction() {
                    self.check_rows(session)?;
                }
                Ok(done.err())
            }
            Step::Elsewhere(what) => {
                if !self.oracle.open && !self.joined {
                    self.elsewhere(what)?;
                }
                Ok(None)
            }
            Step::Commit
            | Step::Rollback
            | Step::Savepoint
            | Step::Release
            | Step::RollbackTo
            | Step::Anew => Ok(None),
        }
    }

    pub fn change(
        &mut self,
        session: &mut Session,
        mark: Mark,
        label: Option<&str>,
        note: Option<Option<i64>>,
    ) -> Checked {
        self.trace.push(format!("change #{mark}: {label:?} {note:?}"));
        self.oracle.change(mark, label, note);
        let changed = self.handle(mark)?.change(session, label, note);
        changed.map_err(|error| error.to_string())
    }

    pub fn all_alive(&self) -> Vec<Mark> {
        self.oracle.shape.kinds.iter().flat_map(|&kind| self.alive(kind)).collect()
    }

    /// The objects of a kind that can be changed, as far as their handles were seen: a flush reads
    /// some that nobody asked for.
    fn alive(&self, kind: Kind) -> Vec<Mark> {
        let alive = self.oracle.alive(kind).into_iter();
        alive.filter(|mark| self.handles.contains_key(mark)).collect()
    }

    fn add(
        &mut self,
        session: &mut Session,
        kind: Kind,
        label: u8,
        parent: Option<u8>,
    ) -> Checked<Option<Error>> {
        let (mark, label) = (self.mark(), label_of(label));
        let edge = self.oracle.shape.edge_of(kind).map(|(_, edge)| edge);
        let parent = parent.zip(edge).and_then(|(it, edge)| pick(&self.alive(edge.owner), it));
        self.trace.push(format!("add {kind:?} #{mark} {label:?} of {parent:?}"));
        self.oracle.add(mark, Row::new(self.oracle.shape, kind, &label));
        let any = kind.add(session, mark, &label);
        self.handles.insert(mark, any);
        match (edge, parent) {
            (Some(edge), Some(parent)) => self.point(session, edge, mark, Some(parent)),
            _ => Ok(None),
        }
    }

    fn query(&mut self, session: &mut Session, kind: u8, quietly: bool) -> Checked<Option<Error>> {
        let kind = pick(self.oracle.shape.kinds, kind).expect("a shape has kinds");
        self.trace.push(format!("query {kind:?}{}", how(quietly)));
        let mut next = self.oracle.clone();
        let (expected, rows) = next.query(kind, !quietly);
        let found = reading(session, quietly, |session| kind.query(session));
        if let Ok(found) = &found {
            let marks: Checked<Vec<Mark>> =
                found.iter().map(|&any| self.note(session, any)).collect();
            same(&format!("the rows of {kind:?}"), &marks?, &rows)?;
        }
        Ok(self.compare(&expected, found, session, next)?.err())
    }

    fn get(&mut self, session: &mut Session, row: u8, quietly: bool) -> Checked<Option<Error>> {
        let rows = self.oracle.tables.rows.iter().map(|(&mark, row)| (mark, row.kind));
        let deleted = self.oracle.objects.iter().filter(|(_, it)| it.stage.is_deleted());
        let deleted = deleted.map(|(&mark, object)| (mark, object.now.kind));
        let mut rows: Vec<(Mark, Kind)> = rows.chain(deleted).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|(mark, _)| self.oracle.keys.contains_key(mark));
        let Some((mark, kind)) = pick(&rows, row) else { return Ok(None) };
        let mark = self.oracle.now_under_key_of(mark);
        self.trace.push(format!("get {kind:?} #{mark}{}", how(quietly)));
        let mut next = self.oracle.clone();
        let (expected, there) = next.get(mark, !quietly);
        let key = self.oracle.keys[&mark];
        let found = reading(session, quietly, |session| kind.get(session, key));
        if let Ok(found) = &found {
            let found = found.map(|any| self.note(session, any)).transpose()?;
            same("what get finds", &found, &there.then_some(mark))?;
        }
        Ok(self.compare(&expected, found, session, next)?.err())
    }

    fn load(
        &mut self,
        session: &mut Session,
        object: u8,
        which: u8,
        quietly: bool,
    ) -> Checked<Option<Error>> {
        let kinds = self.oracle.shape.kinds.iter();
        let slots: Vec<(Kind, Slot)> = kinds
            .flat_map(|&kind| self.oracle.slots(kind).into_iter().map(move |slot| (kind, slot)))
            .collect();
        let Some((kind, slot)) = pick(&slots, which) else { return Ok(None) };
        let Some(owner) = pick(&self.alive(kind), object) else { return Ok(None) };
        // where two say that they are the one of an owner, the flush is to refuse
        let quietly = quietly && !self.is_one(slot);
        self.trace.push(format!("load {slot:?} of #{owner}{}", how(quietly)));
        let mut next = self.oracle.clone();
        let was_loaded = next.is_loaded(owner, slot);
        let expected = next.load(owner, slot, !quietly);
        let calls = self.collection(slot);
        let owner_handle = self.handle(owner)?;
        let found = reading(session, quietly, |session| (calls.load)(session, owner_handle));
        if let Ok(found) = &found {
            let marks: Checked<Vec<Mark>> =
                found.iter().map(|&any| self.note(session, any)).collect();
            let mut marks = marks?;
            if was_loaded || quietly {
                marks.sort_unstable();
            }
            let held = next.objects[&owner].held.get(&slot).into_iter().flatten().copied();
            let there = |mark: &Mark| next.stage(*mark).is_some_and(|stage| !stage.is_gone());
            same("what was loaded", &marks, &held.filter(there).collect())?;
            // others that were loaded with this one are loaded further with it
            for other in next.alive(kind) {
                let Some(&any) = self.handles.get(&other) else { continue };
                if !next.is_loaded(other, slot)
                    && let Some(held) = (calls.held)(session, any)
                {
                    for member in held {
                        self.note(session, member)?;
                    }
                    next.load_slot(other, slot);
                }
            }
        }
        Ok(self.compare(&expected, found, session, next)?.err())
    }
}

/// Reads, perhaps without a flush before it.
fn reading<T>(
    session: &mut Session,
    quietly: bool,
    read: impl FnOnce(&mut Session) -> orm::Result<T>,
) -> orm::Result<T> {
    if quietly { session.no_autoflush(read) } else { read(session) }
}

fn how(quietly: bool) -> &'static str {
    if quietly { " without autoflush" } else { "" }
}
