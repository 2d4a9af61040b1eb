//! Hooks of objects that a flush writes: what they change, and what they refuse.

use super::*;
use orm_test_support::on_each_database;

on_each_database!(
    a_value_is_normalised_before_it_is_inserted,
    a_hook_before_an_update_sees_changed_objects_only,
    a_reference_that_a_hook_sets_is_followed,
    an_endless_hook_of_objects_is_named,
    what_a_cascade_deletes_has_its_hook,
    a_row_taken_over_has_the_hooks_of_both,
    a_refused_flush_sends_nothing_and_can_be_mended,
    a_hook_that_panics_leaves_the_session_usable,
    hooks_belong_to_sessions_on_connections_too,
);

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
    let error = session.commit().expect_err("by the cascade");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert_eq!(error.to_string(), "this book stays; told by a `before_delete` hook of Book(1)");
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
