//! Looks at everything: rows inside and outside of the transaction, objects, collections, handles.
//!
//! Rows and objects are found by their marks; that the handle of an object stands for its row is
//! seen by its key, that a reference leads to its object by the marks at both ends.

use crate::kinds::{Kind, Seen};
use crate::oracle::{Mark, Row, Stage, Tables};
use crate::run::{Checked, Run, same};
use orm::session::Gone;
use orm::{Session, State};
use std::collections::{BTreeMap, BTreeSet};

impl Run<'_> {
    /// Objects, collections and the transaction; rows too, where both sides are told of everything.
    pub fn check(&mut self, session: &mut Session) -> Checked {
        same("in a transaction", &session.in_transaction(), &self.oracle.open)?;
        self.check_objects(session)?;
        if self.oracle.is_settled() {
            self.check_collections(session)?;
        }
        Ok(())
    }

    /// States and values of all objects.
    pub fn check_objects(&mut self, session: &Session) -> Checked {
        let mut keys = Vec::new();
        for (&mark, object) in &self.oracle.objects {
            let Some(&any) = self.handles.get(&mark) else { continue };
            let error = |error: orm::Error| format!("#{mark}: {error}");
            let state = any.state(session).map_err(error)?;
            // a flush that is refused may have discarded before it was
            let never = [State::Gone(Gone::Discarded), State::Gone(Gone::RolledBack)];
            let expected = state_of(object.stage);
            if !(never.contains(&state) && never.contains(&expected)) {
                same(&format!("the state of #{mark}"), &state, &expected)?;
            }
            if object.stage.is_gone() {
                if any.seen(session).is_ok() {
                    return Err(format!("#{mark} is gone and can be read"));
                }
                continue;
            }
            if !matches!(object.stage, Stage::Pending | Stage::Persistent) {
                continue;
            }
            let seen = any.seen(session).map_err(error)?;
            let now = &object.now;
            same(&format!("the mark of #{mark}"), &seen.mark, &mark)?;
            same(&format!("the label of #{mark}"), &seen.label, &now.label)?;
            same(&format!("the note of #{mark}"), &seen.note, &now.note)?;
            same(&format!("the version of #{mark}"), &seen.version, &now.version)?;
            if object.stage == Stage::Pending {
                same(&format!("the key of #{mark}"), &seen.id, &object.given)?;
                continue;
            }
            match self.oracle.keys.get(&mark) {
                Some(&key) => same(&format!("the key of #{mark}"), &seen.id, &Some(key))?,
                None => keys.extend(seen.id.map(|key| (mark, key))),
            }
            self.check_reference(session, mark, now, &seen)?;
        }
        self.oracle.keys.extend(keys);
        Ok(())
    }

    fn check_reference(&self, session: &Session, mark: Mark, now: &Row, seen: &Seen) -> Checked {
        let Some((_, edge)) = self.oracle.shape.edge_of(now.kind) else { return Ok(()) };
        let Some(owner) = now.parent else {
            return same(&format!("the reference of #{mark}"), &seen.parent, &None);
        };
        let handles = (self.handles.get(&mark), self.handles.get(&owner));
        if let (Some(&own), Some(&other)) = handles
            && !self.oracle.stage(owner).is_some_and(Stage::is_gone)
            && !(edge.calls.at)(session, own, other)
        {
            return Err(format!("#{mark} does not point to #{owner}"));
        }
        Ok(())
    }

    /// Collections, of objects that are alive.
    fn check_collections(&mut self, session: &Session) -> Checked {
        for mark in self.all_alive() {
            let any = self.handle(mark)?;
            for slot in self.oracle.slots(self.oracle.objects[&mark].now.kind) {
                let held = (self.collection(slot).held)(session, any);
                let held: Option<Checked<BTreeSet<Mark>>> =
                    held.map(|held| held.into_iter().map(|it| self.note(session, it)).collect());
                let expected = self.oracle.objects[&mark].held.get(&slot).cloned();
                same(&format!("{slot:?} of #{mark}"), &held.transpose()?, &expected)?;
            }
        }
        Ok(())
    }

    /// The rows as the session's own transaction sees them.
    pub fn check_rows(&mut self, session: &mut Session) -> Checked {
        let told = |error: orm::Error| format!("reading what was flushed: {error}");
        let mut rows = BTreeMap::new();
        for &kind in self.oracle.shape.kinds {
            rows.insert(kind, kind.rows_inside(session).map_err(told)?);
        }
        let links = match self.oracle.shape.link {
            Some(link) => (link.inside)(session).map_err(told)?,
            None => Vec::new(),
        };
        let tables = self.tables(&rows, links)?;
        same("the rows inside the transaction", &tables, &self.oracle.tables)?;
        self.check_objects(session)
    }

    /// The rows that another connection sees.
    pub fn check_committed(&mut self) -> Checked {
        if self.joined {
            return Ok(()); // until the connection commits nobody else sees anything
        }
        self.check_outside()
    }

    /// What is committed, by another connection.
    pub fn check_outside(&mut self) -> Checked {
        let told = |error: orm::Error| format!("reading what was committed: {error}");
        let mut connection = self.engine.connect().map_err(told)?;
        let mut rows = BTreeMap::new();
        for &kind in self.oracle.shape.kinds {
            rows.insert(kind, kind.rows_outside(&mut connection).map_err(told)?);
        }
        let links = match self.oracle.shape.link {
            Some(link) => connection
                .execute(orm::text(link.outside))
                .and_then(orm::engine::Rows::all)
                .map_err(told)?,
            None => Vec::new(),
        };
        let tables = self.tables(&rows, links)?;
        same("the rows that are committed", &tables, &self.oracle.committed)
    }

    /// Rows as the oracle has them, keys replaced by marks; the keys are noted.
    fn tables(
        &mut self,
        rows: &BTreeMap<Kind, Vec<Seen>>,
        links: Vec<(Mark, Mark)>,
    ) -> Checked<Tables> {
        let mut tables = Tables::default();
        for (&kind, rows_of_kind) in rows {
            let owner = self.oracle.shape.edge_of(kind).map(|(_, edge)| edge.owner);
            let owners = owner.and_then(|owner| rows.get(&owner));
            for seen in rows_of_kind {
                let parent = match seen.parent {
                    Some(key) => Some(
                        owners
                            .and_then(|rows| rows.iter().find(|row| row.id == Some(key)))
                            .map(|row| row.mark)
                            .ok_or_else(|| format!("#{} points to no row", seen.mark))?,
                    ),
                    None => None,
                };
                self.oracle.keys.extend(seen.id.map(|id| (seen.mark, id)));
                let (label, version) = (seen.label.clone(), seen.version);
                let row = Row { kind, label, note: seen.note, parent, version };
                if tables.rows.insert(seen.mark, row).is_some() {
                    return Err(format!("#{} is there twice", seen.mark));
                }
            }
        }
        tables.links.extend(links);
        Ok(tables)
    }
}

fn state_of(stage: Stage) -> State {
    match stage {
        Stage::Pending => State::Pending,
        Stage::Persistent => State::Persistent,
        Stage::Stale => State::Stale,
        Stage::ToBeDeleted => State::ToBeDeleted,
        Stage::Deleted => State::Deleted,
        Stage::GoneDeleted => State::Gone(Gone::Deleted),
        Stage::GoneRolledBack => State::Gone(Gone::RolledBack),
        Stage::GoneDiscarded => State::Gone(Gone::Discarded),
    }
}
