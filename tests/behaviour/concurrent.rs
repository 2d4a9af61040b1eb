//! Several sessions at once: what is run again, what is cancelled, what ends a deadlock.

use crate::models::*;
use crate::setup::*;
use orm::engine::IsolationLevel;
use orm::prelude::*;
use orm::{ErrorKind, Handle};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

on_each_database!(
    two_that_read_and_write_one_row_are_run_again_and_lose_nothing,
    what_is_not_a_conflict_is_not_run_again,
    conflicts_are_told_after_the_last_run,
    a_long_query_is_cancelled_from_another_thread,
    a_token_reaches_its_own_session_only,
    two_that_change_one_row_of_each_other_lose_nothing_silently,
);

on_postgres!(
    a_conflict_that_commit_tells_is_run_again,
    a_deadlock_is_told_as_such_and_run_again,
    two_that_flush_the_same_rows_in_opposite_order_never_deadlock,
    a_sleeping_statement_of_a_connection_is_cancelled,
);

type Done = orm::Result<()>;

fn serializable(db: &TestDatabase) -> Engine {
    ready(db);
    Engine::builder(db.url())
        .isolation_level(IsolationLevel::Serializable)
        .build()
        .expect("the options fit together")
}

fn counted(session: &Session, parent: Handle<Parent>) -> usize {
    session[parent].note.as_deref().and_then(|note| note.parse().ok()).unwrap_or(0)
}

fn two_that_read_and_write_one_row_are_run_again_and_lose_nothing(db: &TestDatabase) -> Done {
    const ROUNDS: usize = 10;
    let engine = serializable(db);
    engine.transaction(|session| {
        session.add(Parent::new("Ada"));
        Ok(())
    })?;
    let (runs, both_read) = (AtomicUsize::new(0), Barrier::new(2));
    let count = || -> Done {
        for round in 0..ROUNDS {
            let mut first = true;
            engine.retry(100).transaction(|session| {
                runs.fetch_add(1, Ordering::Relaxed);
                let parent = session.get(Parent, 1)?.expect("there");
                if round == 0 && std::mem::take(&mut first) {
                    both_read.wait();
                }
                session[parent].note = Some((counted(session, parent) + 1).to_string());
                Ok(())
            })?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(count), scope.spawn(count)];
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    let mut session = engine.session();
    let parent = session.query(Parent).one()?;
    assert_eq!(counted(&session, parent), 2 * ROUNDS);
    assert!(runs.into_inner() > 2 * ROUNDS, "the first two collide");
    Ok(())
}

fn what_is_not_a_conflict_is_not_run_again(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut runs = 0;
    let error = engine
        .retry(5)
        .transaction(|session| {
            runs += 1;
            session.add(Parent::new("Ada"));
            session.add(Parent::new("Ada"));
            Ok(())
        })
        .expect_err("taken");
    assert_eq!((error.kind(), runs), (ErrorKind::UniqueViolation, 1));
    let error = engine.retry(5).transaction(|_| Err::<(), _>(orm::Error::custom("mine")));
    assert_eq!(error.expect_err("as it says").kind(), ErrorKind::Custom);
    assert_eq!(engine.retry(0).transaction(|session| session.query(Parent).count())?, 0);
    Ok(())
}

fn conflicts_are_told_after_the_last_run(db: &TestDatabase) -> Done {
    let engine = serializable(db);
    engine.transaction(|session| {
        session.add(Parent::new("Ada"));
        Ok(())
    })?;
    let mut runs = 0;
    let error = engine
        .retry(2)
        .transaction(|session| {
            runs += 1;
            let parent = session.get(Parent, 1)?.expect("there");
            engine.transaction(|other| {
                let parent = other.get(Parent, 1)?.expect("there");
                other[parent].note = Some(format!("other {runs}"));
                Ok(())
            })?;
            session[parent].note = Some("mine".into());
            // the failure is passed over: the next call tells it as its cause
            let _ = session.flush();
            session.query(Parent).count()
        })
        .expect_err("each time somebody was faster");
    assert_eq!(runs, 3);
    assert_eq!(error.kind(), ErrorKind::SessionFailed, "{error}");
    Ok(())
}

fn a_conflict_that_commit_tells_is_run_again(db: &TestDatabase) -> Done {
    let engine = serializable(db);
    let mut runs = 0;
    let mut told = Vec::new();
    engine.retry(3).transaction(|session| {
        runs += 1;
        session.query(Parent).count()?;
        session.add(Node::new("mine"));
        session.flush()?;
        if runs == 1 {
            let mut other = engine.session();
            other.query(Node).count()?;
            other.add(Parent::new("other"));
            other.flush()?;
            // each has read what the other one writes; the first to commit wins
            other.commit()?;
        }
        told.push(session.in_transaction());
        Ok(())
    })?;
    assert_eq!(runs, 2);
    assert_eq!(told, [true, true], "nothing was told before COMMIT");
    assert_eq!(engine.session().query(Node).count()?, 1);
    Ok(())
}

fn a_deadlock_is_told_as_such_and_run_again(db: &TestDatabase) -> Done {
    let engine = ready(db);
    engine.transaction(|session| {
        session.add_all(["a", "b"].map(Parent::new));
        Ok(())
    })?;
    let (deadlocks, runs, both_hold) = (AtomicUsize::new(0), AtomicUsize::new(0), Barrier::new(2));
    let change = |first: i64, second: i64| -> Done {
        let mut again = false;
        engine.retry(5).transaction(|session| {
            runs.fetch_add(1, Ordering::Relaxed);
            for id in [first, second] {
                let parent = session.get(Parent, id)?.expect("there");
                session[parent].note = Some(format!("{}{first}", counted(session, parent)));
                session.flush().inspect_err(|error| {
                    assert_eq!(error.kind(), ErrorKind::Deadlock, "{error}");
                    deadlocks.fetch_add(1, Ordering::Relaxed);
                })?;
                if id == first && !std::mem::replace(&mut again, true) {
                    both_hold.wait();
                }
            }
            Ok(())
        })
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(|| change(1, 2)), scope.spawn(|| change(2, 1))];
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    assert_eq!((deadlocks.into_inner(), runs.into_inner()), (1, 3));
    Ok(())
}

/// UPDATEs go in the order of keys, whatever the order of changes.
fn two_that_flush_the_same_rows_in_opposite_order_never_deadlock(db: &TestDatabase) -> Done {
    const ROWS: usize = 1000;
    let rounds = std::env::var("ORM_TEST_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let engine = ready(db);
    engine.transaction(|session| {
        session.add_all((0..ROWS).map(|n| Parent::new(n.to_string())));
        Ok(())
    })?;
    let start = Barrier::new(2);
    let change = |falling: bool| -> Done {
        let mut session = engine.session();
        let mut parents = session.query(Parent).order_by(Parent.id).all()?;
        session.commit()?;
        if falling {
            parents.reverse();
        }
        for round in 0..rounds {
            for &parent in &parents {
                session[parent].note = Some(format!("{falling} {round}"));
            }
            start.wait();
            session.flush()?;
            session.commit()?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(|| change(true)), scope.spawn(|| change(false))];
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    let notes: Vec<Option<String>> = engine.session().query(Parent.note).distinct().all()?;
    assert_eq!(notes.len(), 1, "the last one wrote all rows: {notes:?}");
    Ok(())
}

/// Without a version column a row changed by both holds what was written last; one deleted by the
/// other is told.
fn two_that_change_one_row_of_each_other_lose_nothing_silently(db: &TestDatabase) -> Done {
    let engine = ready(db);
    engine.transaction(|session| {
        session.add_all((0..20).map(|n| Parent::new(n.to_string())));
        Ok(())
    })?;
    let (loaded, deleted) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let deleting = scope.spawn(|| -> Done {
            let mut session = engine.session();
            let parents = session.query(Parent).order_by(Parent.id).all()?;
            session.commit()?;
            loaded.wait();
            for &parent in &parents[..5] {
                session.delete(parent)?;
            }
            session.commit()?;
            deleted.wait();
            Ok(())
        });
        let mut session = engine.session();
        let parents = session.query(Parent).order_by(Parent.id).all()?;
        session.commit()?;
        loaded.wait();
        deleted.wait();
        deleting.join().expect("no panic")?;
        for &parent in &parents {
            session[parent].note = Some("changed".into());
        }
        let error = session.commit().expect_err("five rows are gone");
        assert_eq!(error.kind(), ErrorKind::Stale, "{error}");
        session.rollback()?;
        session.expire_all()?;
        let left = session.query(Parent).all()?;
        assert_eq!(left.len(), 15);
        assert!(left.iter().all(|&parent| session[parent].note.is_none()), "nothing half-written");
        Ok(())
    })
}

/// Cancels by a token until what runs has ended.
fn while_cancelling<T>(token: orm::engine::CancelToken, work: impl FnOnce() -> T) -> T {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                token.cancel().expect("the request arrives");
                thread::sleep(std::time::Duration::from_millis(5));
            }
        });
        let done = work();
        ended.store(true, Ordering::Relaxed);
        done
    })
}

fn a_long_query_is_cancelled_from_another_thread(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add_all((0..1000).map(|n| Parent::new(n.to_string())));
    session.commit()?;
    let all = ["a", "b", "c", "d"].map(|name| Parent.alias(name));
    let endless = select((all[0].id, all[1].id, all[2].id, all[3].id))
        .cross_join(all[1])
        .cross_join(all[2])
        .cross_join(all[3]);
    let token = session.cancel_token();
    token.cancel()?; // nothing runs: nothing is done
    for _ in 0..2 {
        let error = while_cancelling(token.clone(), || endless.count(&mut session));
        let error = error.expect_err("it would run for hours");
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        session.rollback()?;
        assert_eq!(session.query(Parent).count()?, 1000, "usable after rollback");
    }
    drop(session);
    token.cancel()
}

fn a_token_reaches_its_own_session_only(db: &TestDatabase) -> Done {
    ready(db);
    let engine = Engine::builder(db.url()).pool_size(1).build()?;
    let mut session = engine.session();
    let token = session.cancel_token();
    session.query(Parent).count()?;
    session.commit()?; // the only connection goes to somebody else
    while_cancelling(token, || -> Done {
        let mut other = engine.session();
        for n in 0..100 {
            other.add(Parent::new(n.to_string()));
            other.flush()?;
        }
        other.commit()
    })
}

fn a_sleeping_statement_of_a_connection_is_cancelled(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut connection = engine.connect()?;
    let token = connection.cancel_token();
    for _ in 0..2 {
        let sleep = || connection.execute(text("SELECT pg_sleep(60)")).map(drop);
        let error = while_cancelling(token.clone(), sleep).expect_err("cancelled");
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        connection.rollback()?;
    }
    assert_eq!(connection.query(Parent).count()?, 0);
    Ok(())
}
