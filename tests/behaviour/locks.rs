//! Rows locked by SELECT, and a database locked where rows can't be.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database, on_postgres, on_sqlite};

on_each_database!(
    a_locked_row_is_not_written_by_others_meanwhile,
    locking_brings_objects_up_to_date,
    get_for_update_finds_what_get_finds,
    nothing_is_lost_between_two_that_lock_count_and_write,
    a_connection_locks_rows_too,
);

on_postgres!(
    row_locks_are_written_as_said,
    nowait_fails_at_once_on_a_locked_row,
    skip_locked_leaves_out_what_others_work_on,
    a_lock_of_what_is_not_in_the_statement_is_refused,
);

on_sqlite!(
    nowait_is_told_before_sql_without_row_locks,
    a_writer_that_waited_in_vain_is_told_of_the_lock
);

type Done = orm::Result<()>;

fn with_parent(db: &TestDatabase) -> orm::Result<(Engine, Session, orm::Handle<Parent>)> {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent { note: Some("0".into()), ..Parent::new("Ada") });
    session.commit()?;
    Ok((engine, session, parent))
}

fn a_locked_row_is_not_written_by_others_meanwhile(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let locked = select(Parent).for_update().one(&mut session)?;
    assert_eq!(locked, parent);
    let (sent, told) = std::sync::mpsc::channel();
    let other = engine.clone();
    let thread = std::thread::spawn(move || {
        let mut session = other.session();
        sent.send(()).expect("heard");
        session.query(Parent).filter(Parent.name.eq("Ada")).update(Parent.note.set("other"))?;
        session.commit()
    });
    told.recv().expect("the other one began");
    session[parent].note = Some("first".into());
    session.commit()?;
    thread.join().expect("no panic")?;
    session.refresh(parent)?;
    assert_eq!(session[parent].note.as_deref(), Some("other"), "it waited");
    Ok(())
}

fn locking_brings_objects_up_to_date(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    session.query(Parent).for_update().one()?;
    assert_eq!(session[parent].note.as_deref(), Some("new"));
    session.no_autoflush(|session| -> Done {
        session[parent].note = Some("mine".into());
        session.query(Parent).for_update().one()?;
        assert_eq!(session[parent].note.as_deref(), Some("mine"), "what was changed is kept");
        Ok(())
    })
}

fn get_for_update_finds_what_get_finds(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let id = session[parent].id;
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    assert_eq!(session.get_for_update(Parent, id)?, Some(parent));
    assert_eq!(session[parent].note.as_deref(), Some("new"));
    assert_eq!(session.get_for_update(Parent, 1000)?, None);
    session.commit()?;
    let pair = session.add(Pair::new(1, "a", "one"));
    assert_eq!(session.get_for_update(Pair, (1, "a"))?, Some(pair));
    session.delete(parent)?;
    assert_eq!(session.get_for_update(Parent, id)?, None);
    session.commit()?;
    run(&engine, &["DELETE FROM pairs"]);
    assert_eq!(session.get_for_update(Pair, (1, "a"))?, None);
    assert_eq!(session.state(pair)?, State::Deleted);
    Ok(())
}

/// What row locks are for: read, compute, write.
fn nothing_is_lost_between_two_that_lock_count_and_write(db: &TestDatabase) -> Done {
    const ROUNDS: usize = 20;
    let (engine, mut session, parent) = with_parent(db)?;
    let count = |engine: Engine| -> Done {
        let mut session = engine.session();
        for _ in 0..ROUNDS {
            let parent = session.get_for_update(Parent, 1)?.expect("there");
            let n: usize = session[parent].note.as_deref().unwrap_or("0").parse().unwrap_or(0);
            session[parent].note = Some((n + 1).to_string());
            session.commit()?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads = [engine.clone(), engine.clone()].map(|engine| scope.spawn(|| count(engine)));
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    session.refresh(parent)?;
    assert_eq!(session[parent].note, Some((2 * ROUNDS).to_string()));
    Ok(())
}

fn a_connection_locks_rows_too(db: &TestDatabase) -> Done {
    let (engine, session, _) = with_parent(db)?;
    drop(session);
    let log = engine.record();
    let mut connection = engine.connect()?;
    let found = select(Parent).for_update().one(&mut connection)?;
    assert_eq!(found.name, "Ada");
    let locks =
        |sql: &String| sql.ends_with("FOR UPDATE") || sql.contains("DELETE FROM \"parents\"");
    assert!(log.take().iter().any(locks));
    Ok(())
}

fn row_locks_are_written_as_said(db: &TestDatabase) -> Done {
    let (engine, mut session, _) = with_parent(db)?;
    let log = engine.record();
    let with = select((Child, Parent)).join(Child.parent);
    with.clone().for_update().lock_of(Child).all(&mut session)?;
    with.clone().for_share().skip_locked().all(&mut session)?;
    with.nowait().lock_of(Child).lock_of(Parent).all(&mut session)?;
    let locks: Vec<String> = statements(&log)
        .into_iter()
        .filter_map(|sql| sql.find(" FOR ").map(|at| sql[at..].to_owned()))
        .collect();
    assert_eq!(
        locks,
        [
            r#" FOR UPDATE OF "children""#,
            " FOR SHARE SKIP LOCKED",
            r#" FOR UPDATE OF "children", "parents" NOWAIT"#
        ]
    );
    Ok(())
}

fn nowait_fails_at_once_on_a_locked_row(db: &TestDatabase) -> Done {
    let (engine, mut session, _) = with_parent(db)?;
    session.query(Parent).for_update().one()?;
    let mut other = engine.session();
    let error = other.query(Parent).nowait().one().expect_err("locked");
    assert_eq!(error.kind(), ErrorKind::LockNotAvailable, "{error}");
    other.rollback()?;
    session.commit()?;
    other.query(Parent).nowait().one()?;
    Ok(())
}

fn skip_locked_leaves_out_what_others_work_on(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    session.add(Parent::new("Bo"));
    session.commit()?;
    let job = select(Parent).order_by(Parent.id).limit(1).skip_locked();
    assert_eq!(job.one(&mut session)?, parent);
    let mut other = engine.session();
    let second = job.one(&mut other)?;
    assert_eq!(other[second].name, "Bo");
    assert!(job.all(&mut engine.session())?.is_empty());
    Ok(())
}

fn a_lock_of_what_is_not_in_the_statement_is_refused(db: &TestDatabase) -> Done {
    let (engine, mut session, _) = with_parent(db)?;
    let log = engine.record();
    let error = select(Parent).lock_of(Child).all(&mut session).expect_err("not joined");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error}");
    let error = select(Parent).distinct().for_update().all(&mut session).expect_err("distinct");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error}");
    assert!(log.is_empty());
    Ok(())
}

fn nowait_is_told_before_sql_without_row_locks(db: &TestDatabase) -> Done {
    let (engine, mut session, _) = with_parent(db)?;
    let log = engine.record();
    let error = session.query(Parent).nowait().one().expect_err("no row locks");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("no `nowait`; leave it out"), "{error}");
    assert!(log.is_empty());
    session.query(Parent).skip_locked().one()?;
    Ok(())
}

fn a_writer_that_waited_in_vain_is_told_of_the_lock(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    session[parent].name.push('!');
    session.flush()?;
    let write = text("UPDATE parents SET note = 'other'");
    let mut other = engine.connect()?;
    let error = other.execute(&write).expect_err("the lock is held");
    assert_eq!(error.kind(), ErrorKind::LockNotAvailable, "{error:?}");
    assert!(error.to_string().contains("holds the database's lock"), "{error}");
    other.rollback()?;
    // one that has read can't wait: what it read will be old
    assert_eq!(other.query(Parent).count()?, 1);
    let error = other.execute(&write).expect_err("the lock is held");
    assert_eq!(error.kind(), ErrorKind::SerializationFailure, "{error:?}");
    other.rollback()?;
    session.commit()?;
    other.execute(&write)?;
    other.commit()
}
