//! Hooks: what they see, add, change and refuse; in which rounds; and that they meet no session twice.

use crate::setup::{committed, statements};
use orm::prelude::*;
use orm::{Error, ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

on_each_database!(
    what_a_hook_adds_is_written_by_the_same_flush,
    a_flush_of_nothing_calls_no_hook,
    a_value_is_normalised_before_it_is_inserted,
    a_hook_before_an_update_sees_changed_objects_only,
    a_reference_that_a_hook_sets_is_followed,
    a_refused_flush_sends_nothing_and_can_be_mended,
    an_error_after_a_flush_ends_the_transaction,
    what_is_added_after_a_flush_is_another_round,
    an_endless_hook_is_named,
    an_endless_hook_of_objects_is_named,
    what_a_cascade_deletes_has_its_hook,
    a_row_taken_over_has_the_hooks_of_both,
    loaded_objects_have_their_hook_by_every_way,
    what_a_hook_changes_in_a_loaded_object_is_written,
    a_refused_object_is_read_again,
    hooks_inside_savepoints_are_undone_with_them,
    a_flush_inside_a_hook_is_refused,
    a_hook_that_panics_leaves_the_session_usable,
    hooks_of_ends_may_use_the_session,
    hooks_belong_to_sessions_on_connections_too,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "shelves")]
struct Shelf {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = shelf, cascade(all, delete_orphan), order_by = title)]
    books: Many<Book>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    shelf: Ref<Shelf>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "entries")]
struct Entry {
    #[orm(primary_key)]
    id: Auto<i64>,
    what: String,
    after: Option<Ref<Entry>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "labels")]
struct Label {
    #[orm(primary_key, length = 20)]
    code: String,
    text: String,
}

/// An engine with hooks, on tables that are there.
fn with(
    db: &TestDatabase,
    hooks: impl FnOnce(orm::engine::EngineBuilder) -> orm::engine::EngineBuilder,
) -> Engine {
    let builder = Engine::builder(db.url()).models(Schema::of((Shelf, Book, Entry, Label)));
    let engine = hooks(builder).build().expect("the models fit together");
    engine.create_all().expect("the tables of the case");
    engine
}

fn entries(engine: &Engine) -> Vec<String> {
    let rows: Vec<(String,)> = committed(engine, text("SELECT what FROM entries ORDER BY id"));
    rows.into_iter().map(|(what,)| what).collect()
}

/// A counter for a closure to keep.
fn counter() -> (Arc<AtomicU32>, Arc<AtomicU32>) {
    let counter = Arc::new(AtomicU32::new(0));
    (Arc::clone(&counter), counter)
}

fn what_a_hook_adds_is_written_by_the_same_flush(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_flush(|session: &mut Session| {
            for shelf in session.added(Shelf) {
                let what = format!("added {}", session[shelf].name);
                session.add(Entry::new(what));
            }
            for shelf in session.dirty(Shelf) {
                let before = session.history(shelf, Shelf.name)?.before;
                session.add(Entry::new(format!("changed {}", before.unwrap_or_default())));
            }
            for shelf in session.deleted(Shelf) {
                let what = format!("deleted {}", session[shelf].name);
                session.add(Entry::new(what));
            }
            Ok(())
        })
    });
    let mut session = engine.session();
    let shelf = session.add(Shelf::new("one"));
    session.commit()?;
    session[shelf].name = "two".into();
    session.commit()?;
    session.delete(shelf)?;
    session.commit()?;
    assert_eq!(entries(&engine), ["added one", "changed one", "deleted two"]);
    Ok(())
}

fn a_flush_of_nothing_calls_no_hook(db: &TestDatabase) -> Done {
    let (calls, inside) = counter();
    let (ends, ended) = counter();
    let engine = with(db, |engine| {
        let inside_too = Arc::clone(&inside);
        engine
            .before_flush(move |_: &mut Session| {
                inside.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
            .after_flush(move |_: &mut Session| {
                inside_too.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
            .after_commit(move |_: &mut Session| {
                ended.fetch_add(1, Ordering::Relaxed);
            })
    });
    let mut session = engine.session();
    session.flush()?;
    session.commit()?;
    let shelf = session.add(Shelf::new("one"));
    session.commit()?;
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    session[shelf].name = "one".into(); // lent, and as it was
    session.commit()?;
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert_eq!(ends.load(Ordering::Relaxed), 1);
    Ok(())
}

fn a_value_is_normalised_before_it_is_inserted(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_insert(|shelf: &mut Shelf| {
            shelf.name = shelf.name.trim().to_lowercase();
            Ok(())
        })
    });
    let mut session = engine.session();
    let shelves = session.add_all(["  One", "TWO "].map(Shelf::new));
    session.commit()?;
    assert_eq!(session[shelves[0]].name, "one");
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM shelves ORDER BY id"));
    assert_eq!(names, [("one".into(),), ("two".into(),)]);
    session[shelves[0]].name = " ONE ".into();
    session.commit()?;
    assert_eq!(session[shelves[0]].name, " ONE ", "an update is no insert");
    Ok(())
}

fn a_hook_before_an_update_sees_changed_objects_only(db: &TestDatabase) -> Done {
    let (calls, inside) = counter();
    let engine = with(db, |engine| {
        engine.before_update(move |shelf: &mut Shelf| {
            inside.fetch_add(1, Ordering::Relaxed);
            shelf.name.push('!');
            Ok(())
        })
    });
    let mut session = engine.session();
    let one = session.add(Shelf::new("one"));
    let two = session.add(Shelf::new("two"));
    session.commit()?;
    session[one].name = "changed".into();
    session[two].name = "two".into();
    session.commit()?;
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(session[one].name, "changed!");
    assert_eq!(session[two].name, "two");
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM shelves ORDER BY id"));
    assert_eq!(names, [("changed!".into(),), ("two".into(),)]);
    Ok(())
}

fn a_reference_that_a_hook_sets_is_followed(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_insert(|entry: &mut Entry| {
            if entry.what != "first" && entry.after.is_none() {
                entry.after = Some(Ref::from(Entry::new("first")));
            }
            Ok(())
        })
    });
    let mut session = engine.session();
    let entry = session.add(Entry::new("second"));
    session.commit()?;
    assert_eq!(entries(&engine), ["first", "second"]);
    let after = session.load(entry, Entry.after)?.expect("what the hook added");
    assert_eq!(session[after].what, "first");
    Ok(())
}

fn a_refused_flush_sends_nothing_and_can_be_mended(db: &TestDatabase) -> Done {
    #[derive(Debug)]
    struct Empty;
    impl std::fmt::Display for Empty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a shelf without a name")
        }
    }
    impl std::error::Error for Empty {}
    let engine = with(db, |engine| {
        engine.before_insert(|shelf: &mut Shelf| match &shelf.name[..] {
            "" => Err(Error::custom(Empty)),
            _ => Ok(()),
        })
    });
    let mut session = engine.session();
    let kept = session.add(Shelf::new("kept"));
    session.commit()?;
    let shelf = session.add(Shelf::new(""));
    session[kept].name = "changed".into();
    let log = engine.record();
    let error = session.commit().expect_err("the hook refuses");
    assert!(error.downcast::<Empty>().is_ok());
    assert!(log.is_empty(), "{:?}", log.take());
    assert_eq!(session.state(shelf)?, State::Pending);
    // mended, without a rollback
    session[shelf].name = "named".into();
    session.commit()?;
    assert_eq!(session.state(shelf)?, State::Persistent);
    // undone
    let other = session.add(Shelf::new(""));
    let error = session.query(Shelf).count().expect_err("a query flushes");
    assert!(error.to_string().contains("before the query of Shelf"), "{error}");
    session.rollback()?;
    assert!(matches!(session.state(other)?, State::Gone(_)));
    assert_eq!(session.query(Shelf).count()?, 2);
    assert_eq!(session[kept].name, "changed");
    Ok(())
}

fn an_error_after_a_flush_ends_the_transaction(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.after_flush(|session: &mut Session| match session.query(Shelf).count()? {
            0 | 1 => Ok(()),
            _ => Err(Error::custom("one shelf is enough")),
        })
    });
    let mut session = engine.session();
    session.add(Shelf::new("one"));
    session.commit()?;
    let two = session.add(Shelf::new("two"));
    let error = session.flush().expect_err("the hook refuses");
    assert_eq!(error.kind(), ErrorKind::Custom);
    let error = session.flush().expect_err("until rollback");
    assert_eq!(error.kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    assert_eq!(session.query(Shelf).count()?, 1);
    assert_eq!(session.take(two)?.name, "two");
    Ok(())
}

fn what_is_added_after_a_flush_is_another_round(db: &TestDatabase) -> Done {
    let (rounds, inside) = counter();
    let engine = with(db, |engine| {
        engine
            .before_flush(move |_: &mut Session| {
                inside.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
            .after_flush(|session: &mut Session| {
                let count = session.query(Entry).count()?;
                if count < 3 {
                    session.add(Entry::new(format!("entry {count}")));
                }
                Ok(())
            })
    });
    let mut session = engine.session();
    session.add(Shelf::new("one"));
    session.commit()?;
    assert_eq!(entries(&engine), ["entry 0", "entry 1", "entry 2"]);
    assert_eq!(rounds.load(Ordering::Relaxed), 4);
    Ok(())
}

fn an_endless_hook_is_named(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.after_flush(|session: &mut Session| {
            session.add(Entry::new("one more"));
            Ok(())
        })
    });
    let mut session = engine.session();
    session.add(Shelf::new("one"));
    let error = session.commit().expect_err("it has no end");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    for told in ["`after_flush`", "an_endless_hook_is_named", "100 rounds"] {
        assert!(error.to_string().contains(told), "{error}");
    }
    session.rollback()?;
    assert_eq!(session.query(Shelf).count()?, 0);
    assert_eq!(entries(&engine), [""; 0]);
    Ok(())
}

fn an_endless_hook_of_objects_is_named(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_insert(|entry: &mut Entry| {
            entry.after.get_or_insert_with(|| Ref::from(Entry::new("one more")));
            Ok(())
        })
    });
    let mut session = engine.session();
    session.add(Entry::new("first"));
    let log = engine.record();
    let error = session.commit().expect_err("it has no end");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("`before_insert`"), "{error}");
    assert!(log.is_empty(), "{:?}", log.take());
    session.rollback()?;
    assert_eq!(session.query(Entry).count()?, 0);
    Ok(())
}

fn what_a_cascade_deletes_has_its_hook(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_delete(|book: &Book| match &book.title[..] {
            "kept" => Err(Error::custom("this book stays")),
            _ => Ok(()),
        })
    });
    let mut session = engine.session();
    let shelf = session.add(Shelf::new("one"));
    let book = session.add(Book::new("kept", shelf));
    session.commit()?;
    session.delete(shelf)?;
    assert_eq!(session.commit().expect_err("by the cascade").kind(), ErrorKind::Custom);
    session.rollback()?;
    assert_eq!(session.state(shelf)?, State::Persistent);
    session[book].title = "not kept".into();
    session.delete(shelf)?;
    session.commit()?;
    assert_eq!(session.query(Book).count()?, 0);
    Ok(())
}

fn a_row_taken_over_has_the_hooks_of_both(db: &TestDatabase) -> Done {
    let (deleted, inside) = counter();
    let engine = with(db, |engine| {
        engine
            .before_insert(|label: &mut Label| {
                label.text.push('+');
                Ok(())
            })
            .before_delete(move |_: &Label| {
                inside.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
    });
    let mut session = engine.session();
    let old = session.add(Label::new("a", "old"));
    session.commit()?;
    session.delete(old)?;
    session.add(Label::new("a", "new"));
    session.commit()?;
    let rows: Vec<(String,)> = committed(&engine, text("SELECT text FROM labels"));
    assert_eq!(rows, [("new+".into(),)]);
    assert_eq!(deleted.load(Ordering::Relaxed), 1);
    Ok(())
}

fn loaded_objects_have_their_hook_by_every_way(db: &TestDatabase) -> Done {
    let (calls, inside) = counter();
    let engine = with(db, |engine| {
        engine.after_load(move |_: &mut Book| {
            inside.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    });
    let called = || calls.swap(0, Ordering::Relaxed);
    let mut session = engine.session();
    let shelf = session.add(Shelf::new("one"));
    session.add_all(["a", "b", "c"].map(|title| Book::new(title, shelf)));
    session.commit()?;
    assert_eq!(called(), 0, "what was added is not loaded");

    let mut session = engine.session();
    let first = session.get(Book, 1)?.expect("it was committed");
    assert_eq!(called(), 1);
    session.get(Book, 1)?;
    assert_eq!(called(), 0, "no row was read");
    assert_eq!(session.query(Book).all()?.len(), 3);
    assert_eq!(called(), 2, "one was read before in this transaction");
    session.refresh(first)?;
    assert_eq!(called(), 1);

    let mut session = engine.session();
    let shelf = session.get(Shelf, 1)?.expect("it was committed");
    assert_eq!(session.load(shelf, Shelf.books)?.len(), 3);
    assert_eq!(called(), 3, "by a lazy load");
    let mut session = engine.session();
    session.query(Shelf).include(Shelf.books).all()?;
    assert_eq!(called(), 3, "by include");
    let mut session = engine.session();
    session.get_many(Book, [1, 3])?;
    assert_eq!(called(), 2);
    let mut session = engine.session();
    session.get_for_update(Book, 2)?;
    assert_eq!(called(), 1);

    // nothing was changed by it
    let log = engine.record();
    session.flush()?;
    assert!(log.is_empty() && session.dirty(Book).is_empty());
    Ok(())
}

fn what_a_hook_changes_in_a_loaded_object_is_written(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.after_load(|shelf: &mut Shelf| {
            if shelf.name == "old" {
                shelf.name = "new".into();
            }
            Ok(())
        })
    });
    let mut session = engine.session();
    session.add_all(["old", "other"].map(Shelf::new));
    session.commit()?;
    let mut session = engine.session();
    let found = session.query(Shelf).order_by(Shelf.id).all()?;
    assert_eq!(session[found[0]].name, "new");
    assert_eq!(session.dirty(Shelf), [found[0]]);
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1);
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM shelves ORDER BY id"));
    assert_eq!(names, [("new".into(),), ("other".into(),)]);
    Ok(())
}

fn a_refused_object_is_read_again(db: &TestDatabase) -> Done {
    let (calls, inside) = counter();
    let engine = with(db, |engine| {
        engine.after_load(move |shelf: &mut Shelf| match inside.fetch_add(1, Ordering::Relaxed) {
            0 => {
                shelf.name = "not to be seen".into();
                Err(Error::custom("not now"))
            }
            _ => Ok(()),
        })
    });
    let mut session = engine.session();
    session.add(Shelf::new("one"));
    session.commit()?;
    let mut session = engine.session();
    assert_eq!(session.get(Shelf, 1).expect_err("refused").kind(), ErrorKind::Custom);
    let shelf = session.get(Shelf, 1)?.expect("read again");
    assert_eq!(session[shelf].name, "one");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    Ok(())
}

fn hooks_inside_savepoints_are_undone_with_them(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_flush(|session: &mut Session| {
            for shelf in session.added(Shelf) {
                let what = format!("added {}", session[shelf].name);
                session.add(Entry::new(what));
            }
            Ok(())
        })
    });
    let mut session = engine.session();
    session.add(Shelf::new("one"));
    let undone = session.savepoint(|session| {
        session.add(Shelf::new("two"));
        session.flush()?;
        Err::<(), _>(Error::custom("undone"))
    });
    assert_eq!(undone.expect_err("by itself").kind(), ErrorKind::Custom);
    session.savepoint(|session| {
        session.add(Shelf::new("three"));
        Ok(())
    })?;
    session.commit()?;
    assert_eq!(entries(&engine), ["added one", "added three"]);
    Ok(())
}

fn a_flush_inside_a_hook_is_refused(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_flush(|session: &mut Session| {
            for error in [
                session.flush().expect_err("a flush in a flush"),
                session.commit().expect_err("a commit in a flush"),
                session.rollback().expect_err("a rollback in a flush"),
                session.savepoint(|_| Ok(())).expect_err("a savepoint flushes"),
            ] {
                assert_eq!(error.kind(), ErrorKind::InvalidState);
                assert!(error.to_string().contains("inside the hook `before_flush`"), "{error}");
            }
            assert_eq!(session.query(Shelf).count()?, 0, "a query sees what is there");
            Ok(())
        })
    });
    let mut session = engine.session();
    session.add(Shelf::new("one"));
    session.commit()?;
    session.rollback()?;
    assert_eq!(session.query(Shelf).count()?, 1);
    Ok(())
}

fn a_hook_that_panics_leaves_the_session_usable(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_insert(|shelf: &mut Shelf| {
            assert_ne!(shelf.name, "", "a shelf has a name");
            Ok(())
        })
    });
    let mut session = engine.session();
    let shelf = session.add(Shelf::new(""));
    let told = crate::setup::panic_of(|| session.flush());
    assert!(told.contains("a shelf has a name"), "{told}");
    session[shelf].name = "one".into();
    session.commit()?;
    assert_eq!(session.query(Shelf).count()?, 1);
    Ok(())
}

fn hooks_of_ends_may_use_the_session(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        let note = |what: &'static str| {
            move |session: &mut Session| {
                session.add(Entry::new(what));
                session.commit().expect("in a transaction of its own");
            }
        };
        engine.after_commit(note("committed")).after_rollback(note("rolled back"))
    });
    let mut session = engine.session();
    let shelf = session.add(Shelf::new("one"));
    session.commit()?;
    assert_eq!(entries(&engine), ["committed"]);
    session[shelf].name = "two".into();
    session.flush()?;
    session.rollback()?;
    assert_eq!(session[shelf].name, "one");
    assert_eq!(entries(&engine), ["committed", "rolled back"]);
    session.commit()?;
    assert_eq!(entries(&engine).len(), 2, "nothing was open");
    drop(engine.session());
    assert_eq!(entries(&engine).len(), 2, "a session that is dropped calls nothing");
    Ok(())
}

fn hooks_belong_to_sessions_on_connections_too(db: &TestDatabase) -> Done {
    let engine = with(db, |engine| {
        engine.before_insert(|shelf: &mut Shelf| {
            shelf.name.push('!');
            Ok(())
        })
    });
    let mut session = Session::on(engine.connect()?);
    let shelf = session.add(Shelf::new("one"));
    session.commit()?;
    assert_eq!(session[shelf].name, "one!");
    session.into_connection()?.rollback()
}
