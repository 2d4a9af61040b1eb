//! Hooks around a flush: what they see and add, in which rounds, and what an error of one leaves.

use super::*;
use orm_test_support::on_each_database;

on_each_database!(
    what_a_hook_adds_is_written_by_the_same_flush,
    a_flush_of_nothing_calls_no_hook,
    an_error_after_a_flush_ends_the_transaction,
    what_is_added_after_a_flush_is_another_round,
    an_endless_hook_is_named,
    hooks_inside_savepoints_are_undone_with_them,
    a_flush_inside_a_hook_is_refused,
);

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
