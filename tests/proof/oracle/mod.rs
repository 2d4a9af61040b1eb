//! The oracle: what a session promises, over plain maps. Nothing here is the library's.
//!
//! `tables` is the database, this file the objects in memory and what a transaction is to them,
//! `edits` what calls and fields say of relationships, `flush` what becomes of it all.

mod again;
mod edits;
mod flush;
mod tables;

pub use tables::{Mark, Row, Tables, Why};

use crate::kinds::Kind;
use crate::shapes::Shape;
use std::collections::{BTreeMap, BTreeSet};

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Pending,
    Persistent,
    Stale,
    ToBeDeleted,
    Deleted,
    GoneDeleted,
    GoneRolledBack,
    GoneDiscarded,
}

/// A collection of an object: the other side of a foreign key, or a side of the link table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Edge(usize),
    Side(usize),
}

/// An object in memory.
#[derive(Clone, Debug)]
pub struct Object {
    pub stage: Stage,
    /// Its values.
    pub now: Row,
    /// Its row as it was read or written last.
    known: Row,
    /// Its row as it was read first.
    first: Row,
    /// Whether it was added, or read.
    added: bool,
    /// The owner that both sides were told of.
    settled: Option<Mark>,
    /// Whether it was lent to be changed since the last flush.
    lent: bool,
    /// The transaction it was read or written in last.
    read_in: u32,
    /// The owner whose collection it was taken out of.
    orphan_of: Option<Mark>,
    /// Its collections that are loaded.
    pub held: BTreeMap<Slot, BTreeSet<Mark>>,
}

/// What was said of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Linked,
    Unlinked,
    UnlinkedIfThere,
}

/// What a transaction or savepoint goes back to.
#[derive(Clone, Default)]
struct Scope {
    tables: Tables,
    objects: BTreeMap<Mark, Object>,
    /// Collections that were loaded and read again inside.
    read: Vec<(Mark, Slot)>,
}

/// How a step ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Fine,
    /// For one of these reasons.
    Refused(BTreeSet<Why>),
    /// Done, or refused for one of these reasons.
    Either(BTreeSet<Why>),
}

/// A session and its database.
#[derive(Clone)]
pub struct Oracle {
    pub shape: &'static Shape,
    pub committed: Tables,
    /// As the open transaction sees them.
    pub tables: Tables,
    pub objects: BTreeMap<Mark, Object>,
    said: BTreeMap<(Mark, Mark), Said>,
    /// Collections replaced without having been loaded.
    replaced: BTreeSet<(Mark, Slot)>,
    unsettled: Vec<Mark>,
    pub open: bool,
    transaction: u32,
    scopes: Vec<Scope>,
}

impl Expected {
    pub fn invalid() -> Expected {
        Expected::Refused(BTreeSet::from([Why::Invalid]))
    }

    /// Whether what happened was expected.
    pub fn allows(&self, happened: Result<(), Why>) -> bool {
        match (self, happened) {
            (Expected::Fine | Expected::Either(_), Ok(())) => true,
            (Expected::Refused(whys) | Expected::Either(whys), Err(why)) => whys.contains(&why),
            (Expected::Fine, Err(_)) | (Expected::Refused(_), Ok(())) => false,
        }
    }
}

impl Stage {
    pub fn is_alive(self) -> bool {
        matches!(self, Stage::Pending | Stage::Persistent | Stage::Stale)
    }

    pub fn is_gone(self) -> bool {
        matches!(self, Stage::GoneDeleted | Stage::GoneRolledBack | Stage::GoneDiscarded)
    }

    /// Whether it can be had without SQL.
    pub fn is_here(self) -> bool {
        matches!(self, Stage::Pending | Stage::Persistent)
    }

    /// Deleted, in the transaction that is open.
    pub fn is_deleted(self) -> bool {
        matches!(self, Stage::ToBeDeleted | Stage::Deleted)
    }

    fn has_row(self) -> bool {
        matches!(self, Stage::Persistent | Stage::Stale)
    }
}

impl Object {
    fn new(stage: Stage, row: Row) -> Object {
        Object {
            stage,
            known: row.clone(),
            first: row.clone(),
            added: stage == Stage::Pending,
            settled: None,
            lent: false,
            read_in: 0,
            orphan_of: None,
            held: BTreeMap::new(),
            now: row,
        }
    }
}

impl Oracle {
    pub fn new(shape: &'static Shape) -> Oracle {
        Oracle {
            shape,
            committed: Tables::default(),
            tables: Tables::default(),
            objects: BTreeMap::new(),
            said: BTreeMap::new(),
            replaced: BTreeSet::new(),
            unsettled: Vec::new(),
            open: false,
            transaction: 0,
            scopes: vec![Scope::default()],
        }
    }

    /// The objects of a kind that can be changed.
    pub fn alive(&self, kind: Kind) -> Vec<Mark> {
        let of_kind = |object: &Object| object.now.kind == kind && object.stage.is_alive();
        self.objects.iter().filter(|(_, it)| of_kind(it)).map(|(&mark, _)| mark).collect()
    }

    pub fn stage(&self, mark: Mark) -> Option<Stage> {
        self.objects.get(&mark).map(|object| object.stage)
    }

    fn is_alive(&self, mark: Mark) -> bool {
        self.stage(mark).is_some_and(Stage::is_alive)
    }

    fn object(&mut self, mark: Mark) -> &mut Object {
        self.objects.get_mut(&mark).expect("the object is in memory")
    }

    /// The collections that objects of a kind have.
    pub fn slots(&self, kind: Kind) -> Vec<Slot> {
        let edges = self.shape.edges.iter().enumerate();
        let edges = edges.filter(|(_, edge)| edge.owner == kind && edge.collection.is_some());
        let mut slots: Vec<Slot> = edges.map(|(index, _)| Slot::Edge(index)).collect();
        if let Some(link) = self.shape.link {
            let sides = [link.left, link.right].into_iter().enumerate();
            slots.extend(sides.filter(|&(_, it)| it == kind).map(|(side, _)| Slot::Side(side)));
        }
        slots
    }

    /// Whether a collection is loaded.
    pub fn is_loaded(&self, owner: Mark, slot: Slot) -> bool {
        self.objects.get(&owner).is_some_and(|object| object.held.contains_key(&slot))
    }

    fn begin(&mut self) {
        if !self.open {
            self.open = true;
            self.transaction += 1;
        }
    }

    /// Adds an object. Its collections are known: there is nothing to load.
    pub fn add(&mut self, mark: Mark, row: Row) {
        let mut object = Object::new(Stage::Pending, row);
        for slot in self.slots(object.now.kind) {
            object.held.insert(slot, BTreeSet::new());
        }
        self.objects.insert(mark, object);
        self.unsettled.push(mark);
    }

    /// Changes label and note of an object.
    pub fn change(&mut self, mark: Mark, label: Option<&str>, note: Option<Option<i64>>) {
        self.lend(mark);
        let now = &mut self.object(mark).now;
        if let Some(label) = label {
            label.clone_into(&mut now.label);
        }
        if let Some(note) = note {
            now.note = note;
        }
    }

    fn lend(&mut self, mark: Mark) {
        self.touch(mark);
        if !self.unsettled.contains(&mark) {
            self.unsettled.push(mark);
        }
    }

    fn touch(&mut self, mark: Mark) {
        let object = self.object(mark);
        object.lent |= object.stage.has_row();
    }

    /// Puts a row that was read into memory.
    ///
    /// One that was changed, or was read in this transaction already, keeps its values; one that
    /// was read in an earlier transaction, or is stale, takes those of the row.
    fn read_row(&mut self, mark: Mark) {
        let row = self.tables.rows[&mark].clone();
        let transaction = self.transaction;
        let object = self.objects.entry(mark).or_insert_with(|| {
            let mut object = Object::new(Stage::Persistent, row.clone());
            object.read_in = transaction;
            object.settled = row.parent;
            object
        });
        let fresh = object.stage == Stage::Persistent && object.read_in == transaction;
        if object.stage.has_row() && !fresh && !object.lent {
            object.stage = Stage::Persistent;
            object.read_in = transaction;
            object.settled = row.parent;
            object.known = row.clone();
            object.now = row;
        }
    }

    /// `get` of a row's key: the object, or none.
    pub fn get(&mut self, mark: Mark) -> (Expected, bool) {
        match self.stage(mark) {
            Some(Stage::Persistent) => return (Expected::Fine, true),
            Some(Stage::ToBeDeleted | Stage::Deleted) => return (Expected::Fine, false),
            _ => {}
        }
        let expected = self.flush();
        self.begin();
        if self.tables.rows.contains_key(&mark) {
            self.read_row(mark);
            return (expected, true);
        }
        if self.stage(mark) == Some(Stage::Stale) {
            self.object(mark).stage = Stage::Deleted;
            self.leave_collections(&[mark]);
        }
        (expected, false)
    }

    /// A query of a whole table: its rows.
    pub fn query(&mut self, kind: Kind) -> (Expected, Vec<Mark>) {
        let expected = self.flush();
        self.begin();
        let found = self.tables.of(kind);
        for &mark in &found {
            self.read_row(mark);
        }
        (expected, found)
    }

    /// `load` of a collection.
    pub fn load(&mut self, owner: Mark, slot: Slot) -> Expected {
        if !self.settle() {
            return Expected::invalid();
        }
        if self.is_loaded(owner, slot) {
            return Expected::Fine;
        }
        let expected = self.flush();
        // what is deleted keeps what it was last known to hold
        if self.is_alive(owner) || !self.is_loaded(owner, slot) {
            self.load_slot(owner, slot);
        }
        expected
    }

    /// Reads a collection; what was changed in memory and not flushed is kept.
    pub fn load_slot(&mut self, owner: Mark, slot: Slot) {
        self.begin();
        let rows = self.members_in_tables(owner, slot);
        for &row in &rows {
            self.read_row(row);
        }
        let mut held: BTreeSet<Mark> =
            rows.into_iter().filter(|&member| self.still_related(owner, slot, member)).collect();
        held.extend(self.related_in_memory(owner, slot));
        self.object(owner).held.insert(slot, held);
    }

    fn members_in_tables(&self, owner: Mark, slot: Slot) -> Vec<Mark> {
        match slot {
            Slot::Edge(edge) => self.tables.children(&self.shape.edges[edge], owner),
            Slot::Side(side) => {
                let pairs = self.tables.links.iter();
                let ends = pairs.map(|&(left, right)| [(left, right), (right, left)][side]);
                ends.filter(|&(own, _)| own == owner).map(|(_, other)| other).collect()
            }
        }
    }

    fn still_related(&self, owner: Mark, slot: Slot, member: Mark) -> bool {
        let object = &self.objects[&member];
        object.stage.is_alive()
            && match slot {
                Slot::Edge(_) => {
                    object.now.parent == Some(owner) && object.orphan_of != Some(owner)
                }
                Slot::Side(side) => {
                    let said = self.said.get(&[(owner, member), (member, owner)][side]);
                    said.is_none_or(|&said| said == Said::Linked)
                }
            }
    }

    fn related_in_memory(&self, owner: Mark, slot: Slot) -> Vec<Mark> {
        match slot {
            Slot::Edge(edge) => {
                let child = self.shape.edges[edge].child;
                let changed = |it: &Object| it.lent || it.stage == Stage::Pending;
                let related = |(mark, it): &(&Mark, &Object)| {
                    it.now.kind == child && changed(it) && self.still_related(owner, slot, **mark)
                };
                self.objects.iter().filter(related).map(|(&mark, _)| mark).collect()
            }
            Slot::Side(side) => {
                let linked = self.said.iter().filter(|&(_, &said)| said == Said::Linked);
                let ends = linked.map(|(&(left, right), _)| [(left, right), (right, left)][side]);
                ends.filter(|&(own, _)| own == owner).map(|(_, other)| other).collect()
            }
        }
    }

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
        self.scopes.pop();
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

    fn open_scope(&mut self) {
        let (tables, objects) = (self.tables.clone(), self.objects.clone());
        self.scopes.push(Scope { tables, objects, read: Vec::new() });
    }

    /// Objects that were there are as they were, those added since are gone, those first read since
    /// are stale.
    fn restore(&mut self, before: BTreeMap<Mark, Object>, read: &[(Mark, Slot)]) {
        for (mark, object) in &mut self.objects {
            match before.get(mark) {
                Some(before) => *object = before.clone(),
                None if object.stage.is_gone() => {}
                None if object.added => object.stage = Stage::GoneRolledBack,
                None => *object = Object::new(Stage::Stale, object.first.clone()),
            }
            object.settled = object.now.parent;
        }
        for (owner, slot) in read {
            if let Some(object) = self.objects.get_mut(owner) {
                object.held.remove(slot);
            }
        }
        self.forget_edits();
    }

    fn forget_edits(&mut self) {
        self.said.clear();
        self.replaced.clear();
        self.unsettled.clear();
        for object in self.objects.values_mut() {
            object.lent = false;
            object.orphan_of = None;
        }
    }

    pub fn is_in_savepoint(&self) -> bool {
        self.scopes.len() > 1
    }

    /// Whether both sides of relationships were told of everything.
    pub fn is_settled(&self) -> bool {
        self.unsettled.is_empty()
    }

    /// What another session has committed, while no transaction is open.
    pub fn written_elsewhere(&mut self, tables: Tables) {
        self.committed = tables.clone();
        self.tables = tables;
    }
}
