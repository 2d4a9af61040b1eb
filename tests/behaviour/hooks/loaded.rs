//! Hooks of objects that were read, and those after the end of a transaction.

use super::*;
use orm_test_support::on_each_database;

on_each_database!(
    loaded_objects_have_their_hook_by_every_way,
    what_a_hook_changes_in_a_loaded_object_is_written,
    a_refused_object_is_read_again,
    hooks_of_ends_may_use_the_session,
);

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
