//! Every move between the states of an object: the table of the documentation is what happens.
//!
//! Each call is made on an object in each state, and the state is looked at afterwards. The lines that
//! come out are those of `docs/sessions.md`, on both databases.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::session::Gone;
use orm::{Error, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(each_move_is_that_of_the_table);

/// The states that an object is brought into, in the order of the columns.
const COLUMNS: [From; 6] =
    [From::Pending, From::Persistent, From::Stale, From::ToBeDeleted, From::Deleted, From::Gone];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Pending,
    Persistent,
    Stale,
    ToBeDeleted,
    Deleted,
    /// By a rollback: what was added is gone.
    Gone,
}

/// What is called, and how what is around it is.
struct Move {
    told: &'static str,
    around: Around,
    /// Whether the row was deleted by somebody else before.
    row_gone: bool,
    call: fn(&mut Session, Handle<Parent>) -> orm::Result<Option<Handle<Parent>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// The object was there before the transaction, and came into its state in it.
    Known,
    /// It was read first in the transaction.
    ReadFirst,
    /// It came into its state in a savepoint, which the call leaves.
    Savepoint,
}

const fn plain(
    told: &'static str,
    call: fn(&mut Session, Handle<Parent>) -> orm::Result<Option<Handle<Parent>>>,
) -> Move {
    Move { told, around: Around::Known, row_gone: false, call }
}

const MOVES: &[Move] = &[
    plain("`try_get_mut`, a change", |session, object| {
        session.try_get_mut(object)?.note = Some("changed".into());
        Ok(None)
    }),
    plain("`flush`", |session, _| session.flush().map(|()| None)),
    plain("`commit`", |session, _| session.commit().map(|()| None)),
    plain("`rollback`", |session, _| session.rollback().map(|()| None)),
    Move {
        told: "`rollback`, read first in the transaction",
        around: Around::ReadFirst,
        row_gone: false,
        call: |session, _| session.rollback().map(|()| None),
    },
    Move {
        told: "the savepoint it came so in is released",
        around: Around::Savepoint,
        row_gone: false,
        call: |_, _| Ok(None),
    },
    Move {
        told: "the savepoint it came so in is undone",
        around: Around::Savepoint,
        row_gone: false,
        call: |_, _| Err(Error::custom("undone")),
    },
    plain("`delete`", |session, object| session.delete(object).map(|()| None)),
    plain("`expire`", |session, object| session.expire(object).map(|()| None)),
    plain("`refresh`", |session, object| session.refresh(object).map(|()| None)),
    Move {
        told: "`refresh`, its row is gone",
        row_gone: true,
        ..plain("", |session, object| session.refresh(object).map(|()| None))
    },
    plain("`get` of its key", |session, _| session.get(Parent, 1)),
    Move {
        told: "`get` of its key, its row is gone",
        row_gone: true,
        ..plain("", |session, _| session.get(Parent, 1))
    },
    plain("a query that finds its row", |session, _| session.query(Parent).first()),
    plain("`merge` of a value with its key", |session, _| session.merge(value()).map(Some)),
    plain("the same without autoflush", |session, _| {
        session.no_autoflush(|session| session.merge(value())).map(Some)
    }),
    plain("`add` of another one with its key, `flush`", |session, _| {
        let new = session.add(value());
        session.flush()?;
        Ok(Some(new))
    }),
    plain("`query(…).update(…)` of its row", |session, _| {
        session.query(Parent).update(Parent.note.set("set")).map(|_| None)
    }),
    plain("`query(…).delete()` of its row", |session, _| {
        session.query(Parent).delete().map(|_| None)
    }),
    Move {
        told: "a change, `flush`, its row is gone, `rollback`",
        row_gone: true,
        ..plain("", |session, object| {
            session.try_get_mut(object)?.note = Some("changed".into());
            let stale = session.flush();
            session.rollback()?;
            stale.map(|()| None)
        })
    },
    plain("`expunge`", |session, object| session.expunge(object).map(|()| None)),
    plain("`clear`", |session, _| {
        session.clear();
        Ok(None)
    }),
    plain("`take`", |session, object| {
        let taken = session.take(object)?;
        assert_eq!(taken.name, "Ada");
        Ok(None)
    }),
];

fn value() -> Parent {
    Parent { id: 1.into(), note: Some("of the value".into()), ..Parent::new("Ada") }
}

/// Brings an object into a state; one that was known before, where there is one.
fn bring(
    session: &mut Session,
    from: From,
    known: Option<Handle<Parent>>,
    inside: bool,
) -> orm::Result<Handle<Parent>> {
    if matches!(from, From::Pending | From::Gone) {
        let object = session.add(value());
        if from == From::Gone && inside {
            session.delete(object)?;
        } else if from == From::Gone {
            session.rollback()?;
        }
        return Ok(object);
    }
    let object = match known {
        Some(known) => known,
        None => session.get(Parent, 1)?.expect("its row is there"),
    };
    match from {
        From::Stale => session.expire(object)?,
        From::ToBeDeleted => session.delete(object)?,
        From::Deleted => {
            session.delete(object)?;
            session.flush()?;
        }
        From::Pending | From::Persistent | From::Gone => {}
    }
    Ok(object)
}

/// What becomes of an object: a cell of the table.
fn cell(engine: &Engine, moved: &Move, from: From) -> orm::Result<String> {
    let new = matches!(from, From::Pending | From::Gone);
    if moved.row_gone && (new || from == From::Deleted) {
        return Ok(String::new());
    }
    run(engine, &["DELETE FROM parents"]);
    if !new {
        run(engine, &["INSERT INTO parents (id, name) VALUES (1, 'Ada')"]);
    }
    let mut session = engine.session();
    let known = match moved.around {
        _ if new => None,
        Around::Known | Around::Savepoint => session.get(Parent, 1)?,
        Around::ReadFirst => None,
    };
    session.commit()?;
    if moved.row_gone {
        run(engine, &["DELETE FROM parents"]);
    }
    let (object, done) = if moved.around == Around::Savepoint {
        let mut brought = None;
        let done = session.savepoint(|session| {
            let object = bring(session, from, known, true)?;
            brought = Some(object);
            (moved.call)(session, object)
        });
        (brought.expect("the savepoint was begun"), done.or(Ok(None)))
    } else {
        let object = bring(&mut session, from, known, false)?;
        let done = (moved.call)(&mut session, object);
        (object, done)
    };
    let mut cell = told(session.state(object)?).to_owned();
    match done {
        Err(error) => cell.push_str(&format!(" (`{:?}`)", error.kind())),
        Ok(Some(other)) if other != object => {
            cell.push_str(&format!("; another one is {}", told(session.state(other)?)));
        }
        Ok(_) => {}
    }
    Ok(cell)
}

fn told(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Persistent => "persistent",
        State::Stale => "stale",
        State::ToBeDeleted => "to be deleted",
        State::Deleted => "deleted",
        State::Gone(Gone::Deleted) => "gone: deleted",
        State::Gone(Gone::RolledBack) => "gone: rolled back",
        State::Gone(Gone::Discarded) => "gone: discarded",
        State::Gone(Gone::Expunged) => "gone: expunged",
        State::Gone(Gone::Cleared) => "gone: cleared",
        other => panic!("the table knows nothing of {other:?}"),
    }
}

fn each_move_is_that_of_the_table(db: &TestDatabase) -> orm::Result<()> {
    let engine = ready(db);
    let mut lines = Vec::new();
    for moved in MOVES {
        let cells = COLUMNS.iter().map(|&from| cell(&engine, moved, from));
        let cells: orm::Result<Vec<String>> = cells.collect();
        lines.push(format!("| {} | {} |", moved.told, cells?.join(" | ").replace("|  |", "| |")));
    }
    let documented = include_str!("../../docs/sessions.md").lines();
    let documented: Vec<&str> = documented
        .skip_while(|line| !line.starts_with("# Every move"))
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let happened = lines.join("\n").replace("|  |", "| |");
    assert_eq!(
        documented.join("\n"),
        happened,
        "docs/sessions.md says something else:\n{happened}\n"
    );
    Ok(())
}
