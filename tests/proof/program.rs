//! Programs: lists of steps, drawn at random and shrunk by `proptest`.
//!
//! A step says which object it is about by a number, which is taken modulo the objects there are
//! when it runs: steps stay meaningful whatever is taken out before them.

use proptest::prelude::*;

/// What is done to a session, or beside it.
#[derive(Clone, Debug)]
pub enum Step {
    /// Adds an object; its reference is set at once where `parent` says so.
    Add {
        kind: u8,
        label: u8,
        parent: Option<u8>,
    },
    /// Adds an object with new ones in its collection.
    Graph {
        edge: u8,
        label: u8,
        children: Vec<u8>,
    },
    /// Changes label or note.
    Change {
        object: u8,
        label: Option<u8>,
        note: Option<Option<i8>>,
    },
    /// Points a child to an owner, or to nothing.
    Move {
        child: u8,
        edge: u8,
        owner: Option<u8>,
        way: Way,
    },
    /// Takes a child out of its owner's collection.
    Leave {
        child: u8,
        edge: u8,
        way: Way,
    },
    /// Links a pair of a many-to-many, from one of its sides.
    Link {
        pair: (u8, u8),
        from: bool,
        way: Way,
    },
    /// Unlinks one.
    Unlink {
        pair: (u8, u8),
        from: bool,
        way: Way,
    },
    Delete {
        object: u8,
    },
    /// Adds an object under a key that it is given.
    AddUnder {
        kind: u8,
        label: u8,
        key: u8,
        parent: Option<u8>,
    },
    /// Deletes an object, and adds another one under its key.
    Replace {
        object: u8,
        label: u8,
    },
    /// Another session changes the row of an object that is changed here next.
    Conflict {
        object: u8,
        label: u8,
    },
    /// Merges a value.
    Merge(Merged),
    /// Takes the value of an object that is gone, and perhaps adds it again.
    Take {
        object: u8,
        again: bool,
    },
    /// Sets a column to an expression.
    Raise {
        object: u8,
    },
    /// Changes all rows with a label by one statement.
    UpdateAll {
        kind: u8,
        label: u8,
        note: i8,
    },
    /// Deletes them.
    DeleteAll {
        kind: u8,
        label: u8,
    },
    /// Gets an object by the key of a row; quietly is without autoflush.
    Get {
        row: u8,
        quietly: bool,
    },
    /// Loads a collection.
    Load {
        object: u8,
        which: u8,
        quietly: bool,
    },
    /// Loads what a child points to.
    Owner {
        child: u8,
        edge: u8,
    },
    /// Reads a table.
    Query {
        kind: u8,
        quietly: bool,
    },
    /// Exchanges the labels of two objects of a kind.
    Swap {
        kind: u8,
        objects: (u8, u8),
    },
    /// Makes an object stale, with those that go along.
    Expire {
        object: u8,
    },
    /// Reads an object again, with those that go along, outside of savepoints.
    Refresh {
        object: u8,
    },
    /// Takes an object out of the session, with those that go along, between transactions.
    Expunge {
        object: u8,
    },
    /// Takes everything out of the session.
    Clear,
    /// Drops the session and goes on with a new one.
    Anew,
    Flush,
    Commit,
    Rollback,
    Savepoint,
    /// Ends the innermost savepoint.
    Release,
    /// Undoes it.
    RollbackTo,
    /// Another session writes and commits.
    Elsewhere(Elsewhere),
}

/// A value that is merged: its columns, and what is loaded in it.
#[derive(Clone, Debug)]
pub struct Merged {
    pub kind: u8,
    /// The row whose key it has, or none.
    pub row: Option<u8>,
    pub label: u8,
    pub note: Option<i8>,
    pub parent: Option<u8>,
    pub which: u8,
    /// What is in a collection, where it is loaded: rows or new ones, and their labels.
    pub members: Option<Vec<(Option<u8>, u8)>>,
}

/// By which of the ways that mean the same.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// By a field.
    Field,
    /// By a call on the side of the reference, or the first side.
    Call,
    /// By a call on the side of the collection.
    Other,
}

/// What another session does.
#[derive(Clone, Debug)]
pub enum Elsewhere {
    Label { row: u8, label: u8 },
    Note { row: u8, note: i8 },
    Insert { kind: u8, label: u8, parent: Option<u8> },
    Delete { row: u8 },
    Link { pair: (u8, u8), linked: bool },
}

/// A program, and the shape it plays with.
#[derive(Clone, Debug)]
pub struct Program {
    pub shape: usize,
    /// Whether its session is on a connection.
    pub joined: bool,
    pub steps: Vec<Step>,
}

/// The most steps of a program: some that add, a commit, often a new session, and what follows.
const STEPS: usize = 40;
const FIRST: usize = 6;
const BETWEEN: usize = 5;

pub fn programs(shapes: usize) -> impl Strategy<Value = Program> {
    let first = prop::collection::vec(adding(), 0..=FIRST);
    let then = prop::collection::vec(step(), 0..=STEPS - FIRST - BETWEEN);
    let joined = prop::bool::weighted(0.1);
    let drawn = (0..shapes, joined, first, prop::bool::ANY, then);
    drawn.prop_map(|(shape, joined, first, anew, then)| {
        let mut steps = first;
        steps.push(Step::Commit);
        if anew {
            steps.push(Step::Anew);
            steps.extend((0..3).map(|kind| Step::Query { kind, quietly: false }));
        }
        steps.extend(then);
        Program { shape, joined, steps }
    })
}

/// Which one, of those there are.
fn any() -> std::ops::Range<u8> {
    0..16
}

/// Few, so that they meet.
fn label() -> std::ops::Range<u8> {
    0..8
}

fn pair() -> impl Strategy<Value = (u8, u8)> {
    (any(), any())
}

fn maybe(often: f64) -> impl Strategy<Value = Option<u8>> {
    prop::option::weighted(often, any())
}

fn adding() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any(), label(), maybe(0.9))
            .prop_map(|(kind, label, parent)| Step::Add { kind, label, parent }),
        2 => (any(), label(), prop::collection::vec(label(), 0..4))
            .prop_map(|(edge, label, children)| Step::Graph { edge, label, children }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let flag = || prop::bool::ANY;
    prop_oneof![
        12 => adding(),
        8 => (any(), prop::option::of(label()), prop::option::of(prop::option::of(0..4i8)))
            .prop_map(|(object, label, note)| Step::Change { object, label, note }),
        10 => (any(), any(), maybe(0.8), way())
            .prop_map(|(child, edge, owner, way)| Step::Move { child, edge, owner, way }),
        4 => (any(), any(), way()).prop_map(|(child, edge, way)| Step::Leave { child, edge, way }),
        9 => (pair(), flag(), way()).prop_map(|(pair, from, way)| Step::Link { pair, from, way }),
        9 => (pair(), flag(), way())
            .prop_map(|(pair, from, way)| Step::Unlink { pair, from, way }),
        10 => any().prop_map(|object| Step::Delete { object }),
        4 => (any(), quietly()).prop_map(|(row, quietly)| Step::Get { row, quietly }),
        6 => (any(), any(), quietly())
            .prop_map(|(object, which, quietly)| Step::Load { object, which, quietly }),
        2 => (any(), any()).prop_map(|(child, edge)| Step::Owner { child, edge }),
        4 => (any(), quietly()).prop_map(|(kind, quietly)| Step::Query { kind, quietly }),
        5 => (any(), label(), any(), maybe(0.8))
            .prop_map(|(kind, label, key, parent)| Step::AddUnder { kind, label, key, parent }),
        8 => (any(), label()).prop_map(|(object, label)| Step::Replace { object, label }),
        5 => (any(), label()).prop_map(|(object, label)| Step::Conflict { object, label }),
        6 => merged().prop_map(Step::Merge),
        3 => (any(), flag()).prop_map(|(object, again)| Step::Take { object, again }),
        7 => any().prop_map(|object| Step::Raise { object }),
        2 => (any(), label(), 0..4i8)
            .prop_map(|(kind, label, note)| Step::UpdateAll { kind, label, note }),
        1 => (any(), label()).prop_map(|(kind, label)| Step::DeleteAll { kind, label }),
        4 => (any(), pair()).prop_map(|(kind, objects)| Step::Swap { kind, objects }),
        5 => any().prop_map(|object| Step::Expire { object }),
        3 => any().prop_map(|object| Step::Refresh { object }),
        2 => any().prop_map(|object| Step::Expunge { object }),
        1 => Just(Step::Clear),
        1 => Just(Step::Anew),
        5 => Just(Step::Flush),
        7 => Just(Step::Commit),
        3 => Just(Step::Rollback),
        5 => Just(Step::Savepoint),
        4 => Just(Step::Release),
        4 => Just(Step::RollbackTo),
        8 => elsewhere().prop_map(Step::Elsewhere),
    ]
}

fn quietly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.25)
}

fn merged() -> impl Strategy<Value = Merged> {
    let members = prop::collection::vec((maybe(0.8), label()), 0..4);
    let members = prop::option::weighted(0.6, members);
    let columns = (label(), prop::option::of(0..4i8), maybe(0.8));
    (any(), maybe(0.85), columns, any(), members).prop_map(
        |(kind, row, (label, note, parent), which, members)| Merged {
            kind,
            row,
            label,
            note,
            parent,
            which,
            members,
        },
    )
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::Call), Just(Way::Other), Just(Way::Field)]
}

fn elsewhere() -> impl Strategy<Value = Elsewhere> {
    prop_oneof![
        (any(), label()).prop_map(|(row, label)| Elsewhere::Label { row, label }),
        (any(), 0..4i8).prop_map(|(row, note)| Elsewhere::Note { row, note }),
        (any(), label(), maybe(0.8)).prop_map(|(kind, label, parent)| Elsewhere::Insert {
            kind,
            label,
            parent
        }),
        any().prop_map(|row| Elsewhere::Delete { row }),
        (pair(), prop::bool::ANY).prop_map(|(pair, linked)| Elsewhere::Link { pair, linked }),
    ]
}
