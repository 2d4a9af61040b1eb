//! Each step: which object it is about, what the oracle says, what the session does.

use crate::kinds::Kind;
use crate::oracle::{Expected, Mark, Oracle, Row, Slot, Stage};
use crate::program::{Step, Way};
use crate::run::{Checked, Run, label_of, pick, same};
use crate::shapes::{CollectionCalls, Edge};
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
                let label = label.map(label_of);
                let note = note.map(|note| note.map(i64::from));
                self.trace.push(format!("change #{mark}: {label:?} {note:?}"));
                self.oracle.change(mark, label.as_deref(), note);
                let changed = self.handle(mark)?.change(session, label.as_deref(), note);
                changed.map_err(|error| error.to_string())?;
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
            Step::Get { row } => self.get(session, *row),
            Step::Load { object, which } => self.load(session, *object, *which),
            Step::Owner { child, edge } => self.owner(session, *child, self.edge(*edge)),
            Step::Query { kind } => {
                let kind = pick(shape.kinds, *kind).expect("a shape has kinds");
                self.trace.push(format!("query {kind:?}"));
                let mut next = self.oracle.clone();
                let (expected, rows) = next.query(kind);
                let found = kind.query(session);
                if let Ok(found) = &found {
                    let marks: Checked<Vec<Mark>> =
                        found.iter().map(|&any| self.note(session, any)).collect();
                    same(&format!("the rows of {kind:?}"), &marks?, &rows)?;
                }
                Ok(self.compare(&expected, found, session, next)?.err())
            }
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
                if self.oracle.open {
                    return Ok(None);
                }
                self.trace.push(format!("expire #{mark}"));
                let mut next = self.oracle.clone();
                let expected = next.expire(mark);
                let done = self.handle(mark)?.expire(session);
                Ok(self.compare(&expected, done, session, next)?.err())
            }
            Step::Refresh { object } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                if self.oracle.is_in_savepoint() {
                    return Ok(None);
                }
                self.trace.push(format!("refresh #{mark}"));
                let mut next = self.oracle.clone();
                let expected = next.refresh(mark);
                let done = self.handle(mark)?.refresh(session);
                Ok(self.compare(&expected, done, session, next)?.err())
            }
            Step::Expunge { object } => {
                let Some(mark) = pick(&self.all_alive(), *object) else { return Ok(None) };
                let mut next = self.oracle.clone();
                if self.oracle.open || !next.settle() || !next.can_expunge(mark) {
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
                if !self.oracle.open {
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
        let row = Row { kind, label: label.clone(), note: None, parent: None };
        self.oracle.add(mark, row);
        let any = kind.add(session, mark, &label);
        self.handles.insert(mark, any);
        match (edge, parent) {
            (Some(edge), Some(parent)) => self.point(session, edge, mark, Some(parent)),
            _ => Ok(None),
        }
    }

    /// Points by the field. Where an owner has one child only, the other sides are told at once:
    /// what several say in between has no order.
    fn point(
        &mut self,
        session: &mut Session,
        edge: &Edge,
        child: Mark,
        owner: Option<Mark>,
    ) -> Checked<Option<Error>> {
        let at = owner.map(|owner| self.handle(owner)).transpose()?;
        let any = self.handle(child)?;
        let mut next = self.oracle.clone();
        if edge.one {
            let expected = next.set(child, self.oracle.objects[&child].now.parent);
            if expected != Expected::Fine {
                return Ok(None);
            }
        }
        next.point(child, owner);
        (edge.calls.point)(session, any, at).map_err(|error| format!("by its field: {error}"))?;
        if !edge.one {
            self.oracle = next;
            return Ok(None);
        }
        let expected = next.set(child, owner);
        let done = (edge.calls.set)(session, any, at);
        Ok(self.compare(&expected, done, session, next)?.err())
    }

    fn graph(
        &mut self,
        session: &mut Session,
        edge: u8,
        label: u8,
        children: &[u8],
    ) -> Checked<Option<Error>> {
        let shape = self.oracle.shape;
        let edges = shape.edges.iter().enumerate();
        let mut ways: Vec<(Kind, Kind, Slot, bool)> = edges
            .filter(|(_, edge)| edge.collection.is_some())
            .map(|(index, edge)| (edge.owner, edge.child, Slot::Edge(index), edge.one))
            .collect();
        ways.extend(shape.link.map(|link| (link.left, link.right, Slot::Side(0), false)));
        let Some((kind, child, slot, one)) = pick(&ways, edge) else { return Ok(None) };
        let mark = self.mark();
        let most = if one { 1 } else { children.len() };
        let children: Vec<(Mark, String)> =
            children.iter().take(most).map(|&label| (self.mark(), label_of(label))).collect();
        let label = label_of(label);
        self.trace.push(format!("add {kind:?} #{mark} {label:?} with {child:?} {children:?}"));
        let mut next = self.oracle.clone();
        let row =
            |kind, label: &str| Row { kind, label: label.to_owned(), note: None, parent: None };
        next.add(mark, row(kind, &label));
        for (child_mark, label) in &children {
            next.add(*child_mark, row(child, label));
        }
        let mut expected = if next.settle() { Expected::Fine } else { Expected::invalid() };
        for &(child, _) in &children {
            let told = match slot {
                Slot::Edge(_) => next.link_child(mark, child),
                Slot::Side(side) => next.pair((mark, child), side, true),
            };
            if told != Expected::Fine {
                expected = told;
            }
        }
        let calls = self.collection(slot);
        let owner = (calls.graph)(session, (mark, &label), &children);
        let inside = (calls.held)(session, owner).unwrap_or_default();
        for any in inside.into_iter().chain([owner]) {
            self.note(session, any)?;
        }
        let settled = (calls.load)(session, owner);
        Ok(self.compare(&expected, settled, session, next)?.err())
    }

    pub fn collection(&self, slot: Slot) -> &'static CollectionCalls {
        let shape = self.oracle.shape;
        match slot {
            Slot::Edge(edge) => shape.edges[edge].collection.as_ref().expect("it has a collection"),
            Slot::Side(side) => &shape.link.expect("it has links").sides[side],
        }
    }

    fn move_child(
        &mut self,
        session: &mut Session,
        child: u8,
        edge: &'static Edge,
        owner: Option<u8>,
        way: Way,
    ) -> Checked<Option<Error>> {
        let Some(child) = pick(&self.alive(edge.child), child) else { return Ok(None) };
        let owner = owner.and_then(|owner| pick(&self.alive(edge.owner), owner));
        let any = self.handle(child)?;
        let at = owner.map(|owner| self.handle(owner)).transpose()?;
        self.trace.push(format!("move #{child} to {owner:?} by {way:?}"));
        let mut next = self.oracle.clone();
        let (expected, done) = match (way, &edge.collection, owner.zip(at)) {
            (Way::Field, ..) if owner.is_some() || !edge.required => {
                return self.point(session, edge, child, owner);
            }
            (Way::Other, Some(calls), Some((owner, at))) => {
                (next.link_child(owner, child), (calls.link)(session, at, any))
            }
            _ => (next.set(child, owner), (edge.calls.set)(session, any, at)),
        };
        Ok(self.compare(&expected, done, session, next)?.err())
    }

    fn leave(
        &mut self,
        session: &mut Session,
        child: u8,
        edge: &'static Edge,
        way: Way,
    ) -> Checked<Option<Error>> {
        let Some(calls) = &edge.collection else { return Ok(None) };
        let owned: Vec<(Mark, Mark)> = self
            .alive(edge.child)
            .into_iter()
            .filter_map(|child| Some((child, self.oracle.objects[&child].now.parent?)))
            .filter(|(_, owner)| self.alive(edge.owner).contains(owner))
            .collect();
        let Some((child, owner)) = pick(&owned, child) else { return Ok(None) };
        let (any, at) = (self.handle(child)?, self.handle(owner)?);
        let slot = Slot::Edge(self.oracle.shape.edge_of(edge.child).expect("it has one").0);
        let mut next = self.oracle.clone();
        let held = |next: &Oracle| {
            next.objects[&owner].held.get(&slot).is_some_and(|held| held.contains(&child))
        };
        if matches!(way, Way::Field) && next.settle() && held(&next) {
            self.trace.push(format!("take #{child} out of the collection of #{owner}"));
            let expected = next.unlink_child(owner, child);
            let done = (calls.load)(session, at)
                .and_then(|_| (calls.take)(session, at, any))
                .and_then(|()| (calls.load)(session, at));
            next.touched_by_field(owner);
            return Ok(self.compare(&expected, done, session, next)?.err());
        }
        self.trace.push(format!("unlink #{child} from #{owner}"));
        let mut next = self.oracle.clone();
        let expected = next.unlink_child(owner, child);
        let done = (calls.unlink)(session, at, any);
        Ok(self.compare(&expected, done, session, next)?.err())
    }

    fn pair(
        &mut self,
        session: &mut Session,
        pair: (u8, u8),
        from: bool,
        way: Way,
        linked: bool,
    ) -> Checked<Option<Error>> {
        let Some(link) = self.oracle.shape.link else { return Ok(None) };
        let left = pick(&self.alive(link.left), pair.0);
        let right = pick(&self.alive(link.right), pair.1);
        let (Some(mut left), Some(mut right)) = (left, right) else { return Ok(None) };
        if !linked && let Some(pair) = pick(&self.linked(), pair.0.wrapping_add(pair.1)) {
            (left, right) = pair;
        }
        let side = usize::from(!from);
        let (owner, other) = [(left, right), (right, left)][side];
        let (own, any) = (self.handle(owner)?, self.handle(other)?);
        let calls = &link.sides[side];
        let what = if linked { "link" } else { "unlink" };
        let mut next = self.oracle.clone();
        let settled = next.settle();
        let by_field =
            matches!(way, Way::Field) && settled && next.is_loaded(owner, Slot::Side(side));
        let expected = next.pair((left, right), side, linked);
        let done = if by_field {
            self.trace.push(format!("{what} #{owner} – #{other} by the field of side {side}"));
            next.touched_by_field(owner);
            let edit = if linked { calls.put } else { calls.take };
            (calls.load)(session, own)
                .and_then(|_| edit(session, own, any))
                .and_then(|()| (calls.load)(session, own))
                .map(drop)
        } else {
            self.trace.push(format!("{what} #{owner} – #{other} from side {side}"));
            let call = if linked { calls.link } else { calls.unlink };
            call(session, own, any)
        };
        Ok(self.compare(&expected, done, session, next)?.err())
    }

    /// The pairs that are linked in the tables, both objects in memory.
    fn linked(&self) -> Vec<(Mark, Mark)> {
        let here =
            |mark: &Mark| self.oracle.objects.get(mark).is_some_and(|it| it.stage.is_alive());
        let links = self.oracle.tables.links.iter().copied();
        links.filter(|(left, right)| here(left) && here(right)).collect()
    }

    fn get(&mut self, session: &mut Session, row: u8) -> Checked<Option<Error>> {
        let rows = self.oracle.tables.rows.iter().map(|(&mark, row)| (mark, row.kind));
        let deleted = self.oracle.objects.iter().filter(|(_, it)| it.stage.is_deleted());
        let deleted = deleted.map(|(&mark, object)| (mark, object.now.kind));
        let mut rows: Vec<(Mark, Kind)> = rows.chain(deleted).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|(mark, _)| self.ids.contains_key(mark));
        let Some((mark, kind)) = pick(&rows, row) else { return Ok(None) };
        self.trace.push(format!("get {kind:?} #{mark}"));
        let mut next = self.oracle.clone();
        let (expected, there) = next.get(mark);
        let found = kind.get(session, self.ids[&mark]);
        if let Ok(found) = &found {
            let found = found.map(|any| self.note(session, any)).transpose()?;
            same("what get finds", &found, &there.then_some(mark))?;
        }
        Ok(self.compare(&expected, found, session, next)?.err())
    }

    fn load(&mut self, session: &mut Session, object: u8, which: u8) -> Checked<Option<Error>> {
        let kinds = self.oracle.shape.kinds.iter();
        let slots: Vec<(Kind, Slot)> = kinds
            .flat_map(|&kind| self.oracle.slots(kind).into_iter().map(move |slot| (kind, slot)))
            .collect();
        let Some((kind, slot)) = pick(&slots, which) else { return Ok(None) };
        let Some(owner) = pick(&self.alive(kind), object) else { return Ok(None) };
        self.trace.push(format!("load {slot:?} of #{owner}"));
        let mut next = self.oracle.clone();
        let was_loaded = next.is_loaded(owner, slot);
        let expected = next.load(owner, slot);
        let calls = self.collection(slot);
        let found = (calls.load)(session, self.handle(owner)?);
        if let Ok(found) = &found {
            let marks: Checked<Vec<Mark>> =
                found.iter().map(|&any| self.note(session, any)).collect();
            let mut marks = marks?;
            if was_loaded {
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

    /// The owner of a child, where that is here: no SQL.
    fn owner(
        &mut self,
        session: &mut Session,
        child: u8,
        edge: &'static Edge,
    ) -> Checked<Option<Error>> {
        let here = |owner: &Mark| self.oracle.stage(*owner).is_some_and(Stage::is_here);
        let owned: Vec<(Mark, Mark)> = self
            .alive(edge.child)
            .into_iter()
            .filter_map(|child| self.oracle.objects[&child].now.parent.map(|it| (child, it)))
            .filter(|(_, owner)| here(owner))
            .collect();
        let Some((child, owner)) = pick(&owned, child) else { return Ok(None) };
        self.trace.push(format!("load what #{child} points to"));
        let mut next = self.oracle.clone();
        let expected = if next.settle() { Expected::Fine } else { Expected::invalid() };
        let found = (edge.calls.load)(session, self.handle(child)?);
        if let Ok(found) = &found {
            same("what it points to", found, &vec![self.handle(owner)?])?;
        }
        Ok(self.compare(&expected, found, session, next)?.err())
    }
}
