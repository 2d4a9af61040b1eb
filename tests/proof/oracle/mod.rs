//! The oracle: what a session promises, over plain maps. Nothing here is the library's.
//!
//! `tables` is the database, this file the objects in memory; `reading` and `again` what is read into
//! them, `edits` and `merging` what is said of them, `flush` and `keys` what becomes of it all,
//! `statements` what is written past them, `scopes` what transactions and savepoints are to them.

mod again;
mod edits;
mod flush;
mod keys;
mod merging;
mod reading;
mod scopes;
mod statements;
mod tables;

pub use merging::{Parent, Value};
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
    /// The key it was given when it was added.
    pub given: Option<i64>,
    /// Its row as it was written first.
    written: Option<Row>,
    /// The note it had when that was set to an expression, which waits for the flush.
    raised: Option<Option<i64>>,
    /// The owner that both sides were told of.
    settled: Option<Mark>,
    /// Whether it was lent to be changed since the last flush.
    lent: bool,
    /// The transaction it was read or written in last.
    read_in: u32,
    /// The owner whose collection it was taken out of.
    orphan_of: Option<Mark>,
    /// Its collections as they were when it was lent, since the last flush.
    kept: BTreeMap<Slot, BTreeSet<Mark>>,
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
    /// The keys of rows, as far as they were seen.
    pub keys: BTreeMap<Mark, i64>,
    /// Objects that are gone and whose values can be taken.
    pub left_over: BTreeSet<Mark>,
    /// Rows that were not as their objects knew them, in the flush that was refused last.
    pub outdated: BTreeSet<Mark>,
}

impl Expected {
    pub fn invalid() -> Expected {
        Expected::Refused(BTreeSet::from([Why::Invalid]))
    }

    /// How two things end that are done one after the other.
    pub fn then(self, next: Expected) -> Expected {
        match (self, next) {
            (Expected::Refused(whys), _) => Expected::Refused(whys),
            (Expected::Fine, next) => next,
            (Expected::Either(whys), Expected::Fine) => Expected::Either(whys),
            (Expected::Either(whys), Expected::Either(more)) => {
                Expected::Either(whys.into_iter().chain(more).collect())
            }
            (Expected::Either(whys), Expected::Refused(more)) => {
                Expected::Refused(whys.into_iter().chain(more).collect())
            }
        }
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
            given: None,
            written: None,
            raised: None,
            settled: None,
            lent: false,
            read_in: 0,
            orphan_of: None,
            kept: BTreeMap::new(),
            held: BTreeMap::new(),
            now: row,
        }
    }

    /// Whether an expression waits for the flush: the field was not changed by hand since.
    fn raises(&self) -> bool {
        self.stage.is_alive() && self.raised == Some(self.now.note)
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
            keys: BTreeMap::new(),
            left_over: BTreeSet::new(),
            outdated: BTreeSet::new(),
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

    /// Sets the note to what the row has when it is flushed, and one more: until then it is what is
    /// known.
    pub fn raise(&mut self, mark: Mark) {
        self.touch(mark);
        let object = self.object(mark);
        if object.stage.has_row() {
            object.now.note = object.known.note;
        }
        object.raised = Some(object.now.note);
    }

    fn lend(&mut self, mark: Mark) {
        self.touch(mark);
        if !self.unsettled.contains(&mark) {
            self.unsettled.push(mark);
        }
    }

    fn touch(&mut self, mark: Mark) {
        let object = self.object(mark);
        if object.stage.has_row() && !object.lent {
            object.lent = true;
            object.kept = object.held.clone();
        }
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
