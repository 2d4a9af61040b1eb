//! The session between its objects and the database: identity, autoflush, transactions, threads.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_session_opens_nothing_until_its_first_statement,
    queries_see_what_is_pending,
    without_autoflush_queries_see_the_database,
    an_error_of_an_autoflush_names_object_and_query,
    one_row_has_one_handle_however_it_is_found,
    an_unmodified_object_of_an_earlier_transaction_is_overwritten,
    an_object_read_in_this_transaction_is_kept,
    a_modified_object_is_kept,
    expire_on_commit_makes_objects_stale,
    dropping_a_session_rolls_back,
    a_failed_session_says_so_until_rollback,
    sessions_move_between_threads,
    sessions_of_many_threads_share_an_engine,
    a_commit_gives_the_connection_back,
    a_handle_is_a_small_copy,
    two_sessions_have_two_objects_of_one_row,
    a_session_works_again_after_commit_and_rollback,
    a_plain_copy_is_not_tracked,
);

type Done = orm::Result<()>;

fn a_session_opens_nothing_until_its_first_statement(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let before = engine.statistics();
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session[parent].note = Some("n".into());
    session.rollback()?;
    session.commit()?;
    assert!(!session.in_transaction());
    assert_eq!(engine.statistics(), before);
    session.query(Parent).all()?;
    assert!(session.in_transaction());
    Ok(())
}

fn queries_see_what_is_pending(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    assert_eq!(session.query(Parent).all()?, [parent]);
    session[parent].name = "Eve".into();
    assert_eq!(session.query(Parent).filter(Parent.name.eq("Eve")).count()?, 1);
    session.delete(parent)?;
    assert!(!session.query(Parent).exists()?);
    let again = session.add(Parent::new("Ada"));
    let mut rows = select(Parent.name).stream(&mut session)?;
    assert_eq!(rows.next(&mut session)?.as_deref(), Some("Ada"));
    assert_eq!(session.state(again)?, State::Persistent);
    Ok(())
}

fn without_autoflush_queries_see_the_database(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session().autoflush(false);
    let parent = session.add(Parent::new("Ada"));
    assert_eq!(session.query(Parent).count()?, 0);
    session.flush()?;
    session[parent].name = "Eve".into();
    assert_eq!(session.query(Parent.name).all()?, ["Ada"]);
    assert_eq!(session.query(Parent).all()?, [parent]);
    assert_eq!(session[parent].name, "Eve", "the modified object is kept");
    session.commit()?;
    assert_eq!(session.query(Parent.name).all()?, ["Eve"]);
    Ok(())
}

fn an_error_of_an_autoflush_names_object_and_query(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    session.commit()?;
    session.add(Parent::new("Ada"));
    let error = session.query(Child).all().expect_err("the pending row is refused");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    let message = error.to_string();
    assert!(message.contains("before the query of Child"), "{message}");
    assert!(message.contains("Parent(new #1)"), "{message}");
    session.rollback()?;
    session.add(Parent::new("Ada"));
    let error = session.get(Child, 1).expect_err("the pending row is refused");
    assert!(error.to_string().contains("Child"), "{error}");
    Ok(())
}

fn one_row_has_one_handle_however_it_is_found(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(
        &engine,
        &[
            "INSERT INTO parents (id, name) VALUES (1, 'Ada')",
            "INSERT INTO children (id, name, age, parent_id) VALUES (5, 'Cy', 3, 1), (6, 'Di', 4, 1)",
        ],
    );
    let mut session = engine.session();
    let by_key = session.get(Parent, 1)?.expect("there");
    assert_eq!(session.query(Parent).all()?, [by_key]);
    assert_eq!(session.query(Parent.alias("p")).first()?, Some(by_key));
    let pairs = session.query((Child, Parent)).filter(Child.parent.eq(Parent.id)).all()?;
    assert!(pairs.iter().all(|&(_, parent)| parent == by_key));
    for (child, _) in pairs {
        assert!(session[child].parent == by_key);
    }
    session.commit()?;
    assert_eq!(session.query(Parent).one()?, by_key, "also in the next transaction");
    session.rollback()?;
    assert_eq!(session.get(Parent, 1)?, Some(by_key), "and after a rollback");
    Ok(())
}

fn ada(engine: &Engine) -> orm::Result<(Session, Handle<Parent>)> {
    run(engine, &["INSERT INTO parents (id, name, note) VALUES (1, 'Ada', 'old')"]);
    let mut session = engine.session();
    let parent = session.get(Parent, 1)?.expect("just inserted");
    session.commit()?;
    Ok((session, parent))
}

fn an_unmodified_object_of_an_earlier_transaction_is_overwritten(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = ada(&engine)?;
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    let log = engine.record();
    assert_eq!(session.get(Parent, 1)?, Some(parent));
    assert!(log.is_empty(), "known: no SQL");
    assert_eq!(session[parent].note.as_deref(), Some("old"));
    session.query(Parent).all()?;
    assert_eq!(session[parent].note.as_deref(), Some("new"));
    session.flush()?;
    assert!(statements(&log).iter().all(|sql| sql.starts_with("SELECT")), "nothing to write");
    Ok(())
}

fn an_object_read_in_this_transaction_is_kept(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = ada(&engine)?;
    session.query(Parent).one()?;
    // the row changes in the same transaction, past the object
    session[parent].note = Some("flushed".into());
    session.flush()?;
    assert_eq!(session.query(Parent).one()?, parent);
    assert_eq!(session[parent].note.as_deref(), Some("flushed"));
    Ok(())
}

fn a_modified_object_is_kept(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (session, parent) = ada(&engine)?;
    let mut session = session.autoflush(false);
    session[parent].name = "mine".into();
    run(&engine, &["UPDATE parents SET note = 'new', name = 'theirs'"]);
    assert_eq!(session.query(Parent).one()?, parent);
    assert_eq!(session[parent].name, "mine");
    session.commit()?;
    let rows: Vec<(String, String)> = committed(&engine, text("SELECT name, note FROM parents"));
    assert_eq!(rows, [("mine".to_owned(), "new".to_owned())], "only the changed column");
    Ok(())
}

fn expire_on_commit_makes_objects_stale(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session().expire_on_commit(true);
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    assert_eq!(session.state(parent)?, State::Stale);
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    let id = session[parent].id;
    assert_eq!(session[parent].note, None, "the last known values");
    assert_eq!(session.get(Parent, id)?, Some(parent));
    assert_eq!(session[parent].note.as_deref(), Some("new"));
    Ok(())
}

fn dropping_a_session_rolls_back(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("flushed"));
    session.flush()?;
    session.add(Parent::new("pending"));
    let log = engine.record();
    drop(session);
    assert_eq!(log.take(), ["ROLLBACK"]);
    assert_eq!(engine.session().query(Parent).count()?, 0);
    assert_eq!(engine.pool_status().in_use, 0);
    Ok(())
}

fn a_failed_session_says_so_until_rollback(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    session.add(Parent::new("Ada"));
    session.flush().expect_err("refused");
    let log = engine.record();
    let errors = [
        session.flush().err(),
        session.commit().err(),
        session.query(Parent).all().err(),
        session.query(Parent).count().err(),
        session.get(Parent, 1).err(),
        select(Parent).stream(&mut session).err(),
    ];
    for error in errors {
        let error = error.expect("the session has failed");
        assert_eq!(error.kind(), ErrorKind::SessionFailed);
        assert!(error.to_string().contains("rollback()"), "{error}");
        let cause = std::error::Error::source(&error).expect("the cause");
        let cause = cause.downcast_ref::<orm::Error>().expect("an error of ours");
        assert_eq!(cause.kind(), ErrorKind::UniqueViolation);
    }
    assert!(log.is_empty());
    assert_eq!(session[parent].name, "Ada", "reading goes on");
    session.rollback()?;
    session[parent].note = Some("works".into());
    session.commit()?;
    assert_eq!(session.query(Parent).filter(Parent.note.eq("works")).count()?, 1);
    Ok(())
}

fn sessions_move_between_threads(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.flush()?;
    let session = std::thread::spawn(move || {
        session[parent].name = "Eve".into();
        session.commit().map(|()| session)
    });
    let session = session.join().expect("no panic")?;
    assert_eq!(session[parent].name, "Eve");
    Ok(())
}

fn sessions_of_many_threads_share_an_engine(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let inserted: orm::Result<Vec<()>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let engine = engine.clone();
                scope.spawn(move || -> orm::Result<()> {
                    for number in 0..10 {
                        let mut session = engine.session();
                        session.add(Parent::new(format!("{thread} {number}")));
                        session.commit()?;
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    inserted?;
    assert_eq!(engine.session().query(Parent).count()?, 40);
    Ok(())
}

fn a_commit_gives_the_connection_back(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.query(Parent).all()?;
    assert_eq!(engine.pool_status().in_use, 1);
    session.commit()?;
    assert_eq!(engine.pool_status().in_use, 0);
    session.query(Parent).all()?;
    session.rollback()?;
    assert_eq!(engine.pool_status().in_use, 0);
    Ok(())
}

fn a_handle_is_a_small_copy(db: &TestDatabase) -> Done {
    fn small<T: Copy + Eq + std::hash::Hash + Ord + Send + Sync + std::fmt::Debug>(_: T) {}
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    small(parent);
    assert_eq!(format!("{parent:?}"), "Parent#0");
    assert!(size_of_val(&parent) <= 16);
    Ok(())
}

fn two_sessions_have_two_objects_of_one_row(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut one, in_one) = ada(&engine)?;
    let mut other = engine.session();
    let in_other = other.get(Parent, 1)?.expect("there");
    assert_ne!(in_one, in_other);
    other.rollback()?;
    one[in_one].note = Some("of one".into());
    one.commit()?;
    assert_eq!(other[in_other].note.as_deref(), Some("old"));
    Ok(())
}

fn a_session_works_again_after_commit_and_rollback(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    for round in 0..6 {
        let name = format!("round {round}");
        let parent = session.add(Parent::new(name.clone()));
        session.flush()?;
        assert_eq!(session.query(Parent).filter(Parent.name.eq(&name)).all()?, [parent]);
        if round % 2 == 0 { session.commit()? } else { session.rollback()? }
    }
    assert_eq!(session.query(Parent).count()?, 3);
    Ok(())
}

fn a_plain_copy_is_not_tracked(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = ada(&engine)?;
    let mut copy = session[parent].clone();
    copy.name = "of the copy".into();
    let log = engine.record();
    session.commit()?;
    assert!(log.is_empty());
    assert_eq!(session[parent].name, "Ada");
    Ok(())
}
