//! Steps about relationships, by fields and by calls, from either side.

use crate::kinds::Kind;
use crate::oracle::{Expected, Mark, Oracle, Row, Slot, Stage};
use crate::program::Way;
use crate::run::{Checked, Run, label_of, pick, same};
use crate::shapes::{CollectionCalls, Edge};
use orm::Error;
use orm::prelude::*;

impl Run<'_> {
    /// Points by the field. Where an owner has one child only, the other sides are told at once:
    /// what several say in between has no order.
    pub(super) fn point(
        &mut self,
        session: &mut Session,
        edge: &Edge,
        child: Mark,
        owner: Option<Mark>,
    ) -> Checked<Option<Error>> {
        let at = owner.map(|owner| self.handle(owner)).transpose()?;
        let any = self.handle(child)?;
        let mut next = self.oracle.clone();
        if edge.one && !next.settle() {
            return Ok(None);
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

    pub(super) fn graph(
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
        next.add(mark, Row::new(shape, kind, &label));
        for (child_mark, label) in &children {
            next.add(*child_mark, Row::new(shape, child, label));
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

    pub(super) fn move_child(
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

    pub(super) fn leave(
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

    pub(super) fn pair(
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

    /// The owner of a child, where that is here: no SQL.
    pub(super) fn owner(
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
