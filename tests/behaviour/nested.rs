//! Savepoints ended by guards, and sessions inside a connection's own transaction.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_guard_keeps_or_undoes_what_was_done_since,
    guards_nest_to_any_depth_and_the_books_go_to_the_parent,
    ending_an_outer_guard_ends_the_inner_ones,
    a_dropped_guard_is_undone_at_the_next_call,
    a_guard_is_the_way_on_after_an_error,
    commit_waits_for_guards_and_rollback_undoes_all,
    a_guard_is_of_its_session,
    a_guard_opened_inside_a_closure_ends_with_it,
    a_closure_inside_a_guard_can_t_end_it,
    a_session_on_a_connection_commits_into_its_transaction,
    a_session_on_a_connection_rolls_back_to_its_last_commit,
    a_session_on_a_connection_goes_on_after_errors_and_savepoints,
    a_session_on_a_connection_is_undone_when_dropped,
    into_connection_undoes_what_was_not_committed,
    a_commit_refused_by_a_deferred_constraint_is_told_and_undone,
);

type Done = orm::Result<()>;

fn names(session: &mut Session) -> orm::Result<Vec<String>> {
    session.query(Parent.name).order_by(Parent.name).all()
}

fn a_guard_keeps_or_undoes_what_was_done_since(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ada = session.add(Parent::new("Ada"));
    let log = engine.record();
    let guard = session.begin_nested()?;
    let bo = session.add(Parent::new("Bo"));
    session[ada].note = Some("inside".into());
    session.flush()?;
    guard.rollback(&mut session)?;
    assert_eq!((session[ada].note.as_deref(), session.state(ada)?), (None, State::Persistent));
    assert_eq!(session.take(bo)?.name, "Bo");
    let guard = session.begin_nested()?;
    session.add(Parent::new("Cy"));
    guard.commit(&mut session)?;
    session.commit()?;
    assert_eq!(names(&mut session)?, ["Ada", "Cy"]);
    let control: Vec<String> =
        log.take().into_iter().filter(|sql| sql.contains("SAVEPOINT")).collect();
    assert_eq!(
        control.iter().map(|sql| &sql[..sql.rfind(' ').unwrap_or(0)]).collect::<Vec<_>>(),
        [
            "SAVEPOINT",
            "ROLLBACK TO SAVEPOINT",
            "RELEASE SAVEPOINT",
            "SAVEPOINT",
            "RELEASE SAVEPOINT"
        ]
    );
    Ok(())
}

fn guards_nest_to_any_depth_and_the_books_go_to_the_parent(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ada = session.add(Parent { note: Some("0".into()), ..Parent::new("Ada") });
    session.commit()?;
    let mut guards = Vec::new();
    for depth in 1..=6 {
        guards.push(session.begin_nested()?);
        session[ada].note = Some(depth.to_string());
        session.add(Parent::new(format!("p{depth}")));
    }
    // the three innermost are kept, by the fourth, which is undone
    for _ in 0..3 {
        guards.pop().expect("one more").commit(&mut session)?;
    }
    guards.pop().expect("the third").rollback(&mut session)?;
    assert_eq!(session[ada].note.as_deref(), Some("2"));
    for guard in guards.into_iter().rev() {
        guard.commit(&mut session)?;
    }
    assert_eq!(names(&mut session)?, ["Ada", "p1", "p2"]);
    session.rollback()?;
    assert_eq!(session[ada].note.as_deref(), Some("0"), "the transaction has the books of all");
    assert_eq!(names(&mut session)?, ["Ada"]);
    Ok(())
}

fn ending_an_outer_guard_ends_the_inner_ones(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    for keep in [true, false] {
        let outer = session.begin_nested()?;
        session.add(Parent::new(format!("outer {keep}")));
        let inner = session.begin_nested()?;
        session.add(Parent::new(format!("inner {keep}")));
        if keep {
            outer.commit(&mut session)?;
        } else {
            outer.rollback(&mut session)?;
        }
        let error = inner.rollback(&mut session).expect_err("it ended with the outer one");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    }
    session.commit()?;
    assert_eq!(names(&mut session)?, ["inner true", "outer true"]);
    Ok(())
}

fn a_dropped_guard_is_undone_at_the_next_call(db: &TestDatabase) -> Done {
    fn failing(session: &mut Session) -> Done {
        let guard = session.begin_nested()?;
        session.add(Parent::new("inside"));
        session.flush()?;
        let _inner = session.begin_nested()?;
        session.add(Parent::new("inside too"));
        Err(orm::Error::custom("early"))?;
        guard.commit(session)
    }
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    failing(&mut session).expect_err("as it says");
    assert_eq!(names(&mut session)?, ["Ada"]);
    failing(&mut session).expect_err("as it says");
    session.commit()?;
    assert_eq!(names(&mut session)?, ["Ada"]);
    Ok(())
}

fn a_guard_is_the_way_on_after_an_error(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    let guard = session.begin_nested()?;
    session.add(Parent::new("Ada"));
    assert_eq!(session.flush().expect_err("taken").kind(), ErrorKind::UniqueViolation);
    assert_eq!(names(&mut session).expect_err("failed").kind(), ErrorKind::SessionFailed);
    guard.rollback(&mut session)?;
    session.add(Parent::new("Bo"));
    // also when the guard's own flush fails
    let guard = session.begin_nested()?;
    session.add(Parent::new("Bo"));
    assert_eq!(guard.commit(&mut session).expect_err("taken").kind(), ErrorKind::UniqueViolation);
    session.commit()?;
    assert_eq!(names(&mut session)?, ["Ada", "Bo"]);
    Ok(())
}

fn commit_waits_for_guards_and_rollback_undoes_all(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    let guard = session.begin_nested()?;
    assert_eq!(session.commit().expect_err("inside").kind(), ErrorKind::InvalidState);
    session.rollback()?;
    assert!(!session.in_transaction());
    assert_eq!(guard.commit(&mut session).expect_err("ended").kind(), ErrorKind::Closed);
    assert!(names(&mut session)?.is_empty());
    Ok(())
}

fn a_guard_is_of_its_session(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let guard = session.begin_nested()?;
    let mut other = engine.session();
    let error = guard.commit(&mut other).expect_err("of another session");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    session.commit()
}

fn a_guard_opened_inside_a_closure_ends_with_it(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let mut kept = None;
    session.savepoint(|session| {
        kept = Some(session.begin_nested()?);
        session.add(Parent::new("Ada"));
        Ok(())
    })?;
    let error = kept.expect("opened").rollback(&mut session).expect_err("ended");
    assert_eq!(error.kind(), ErrorKind::Closed);
    session
        .savepoint(|session| {
            let _guard = session.begin_nested()?;
            session.add(Parent::new("Bo"));
            Err::<(), _>(orm::Error::custom("undo"))
        })
        .expect_err("as it says");
    session.commit()?;
    assert_eq!(names(&mut session)?, ["Ada"]);
    Ok(())
}

fn a_closure_inside_a_guard_can_t_end_it(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let guard = session.begin_nested()?;
    session.savepoint(|session| {
        let error = guard.commit(session).expect_err("the closure is inside");
        assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
        session.add(Parent::new("Ada"));
        session.flush()
    })?;
    // the guard was dropped by then
    assert!(names(&mut session)?.is_empty());
    Ok(())
}

fn a_session_on_a_connection_commits_into_its_transaction(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut connection = engine.connect()?;
    connection.execute(text("INSERT INTO parents (name) VALUES ('before')"))?;
    let mut session = Session::on(connection);
    let ada = session.add(Parent::new("Ada"));
    session.commit()?;
    assert!(!session.in_transaction());
    session[ada].note = Some("again".into());
    session.commit()?;
    assert_eq!(names(&mut session)?, ["Ada", "before"]);
    session.commit()?;
    let mut connection = session.into_connection()?;
    assert_eq!(connection.query(Parent).count()?, 2);
    connection.rollback()?;
    assert_eq!(connection.query(Parent).count()?, 0, "as if nothing had been");
    connection.rollback()?;
    let mut session = Session::on(connection);
    session.add(Parent::new("Bo"));
    session.commit()?;
    let mut connection = session.into_connection()?;
    connection.commit()?;
    let kept: Vec<(String,)> = committed(&engine, text("SELECT name FROM parents"));
    assert_eq!(kept, [("Bo".to_owned(),)]);
    let error = engine.session().into_connection().expect_err("on none");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    Ok(())
}

fn a_session_on_a_connection_rolls_back_to_its_last_commit(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = Session::on(engine.connect()?);
    let ada = session.add(Parent::new("Ada"));
    session.commit()?;
    session[ada].note = Some("undone".into());
    session.flush()?;
    session.delete(ada)?;
    session.flush()?;
    session.rollback()?;
    assert_eq!((session[ada].note.as_deref(), session.state(ada)?), (None, State::Persistent));
    assert_eq!(names(&mut session)?, ["Ada"]);
    Ok(())
}

fn a_session_on_a_connection_goes_on_after_errors_and_savepoints(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = Session::on(engine.connect()?);
    session.add(Parent::new("Ada"));
    session.commit()?;
    session.add(Parent::new("Ada"));
    assert_eq!(session.commit().expect_err("taken").kind(), ErrorKind::UniqueViolation);
    assert_eq!(session.commit().expect_err("failed").kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    session.savepoint(|session| {
        session.add(Parent::new("Bo"));
        Ok(())
    })?;
    let guard = session.begin_nested()?;
    session.add(Parent::new("Cy"));
    guard.rollback(&mut session)?;
    session.commit()?;
    assert_eq!(names(&mut session)?, ["Ada", "Bo"]);
    Ok(())
}

fn a_session_on_a_connection_is_undone_when_dropped(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = Session::on(engine.connect()?);
    session.add(Parent::new("Ada"));
    session.commit()?;
    drop(session);
    assert_eq!(engine.session().query(Parent).count()?, 0);
    assert_eq!(engine.pool_status().in_use, 0);
    Ok(())
}

fn into_connection_undoes_what_was_not_committed(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = Session::on(engine.connect()?);
    session.add(Parent::new("Ada"));
    session.commit()?;
    session.add(Parent::new("Bo"));
    session.flush()?;
    let mut connection = session.into_connection()?;
    let found = connection.query(Parent.name).all()?;
    assert_eq!(found, ["Ada"]);
    Ok(())
}

fn a_commit_refused_by_a_deferred_constraint_is_told_and_undone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(
        &engine,
        &[
            "DROP TABLE children",
            "CREATE TABLE children (id BIGINT PRIMARY KEY, name TEXT NOT NULL, age INTEGER NOT NULL, \
             parent_id BIGINT NOT NULL REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
        ],
    );
    let mut session = engine.session();
    let ada = session.add(Parent::new("Ada"));
    session.commit()?;
    session[ada].note = Some("flushed".into());
    let child = session.add(Child { id: 1.into(), ..Child::new("c", 1, 1000) });
    session.flush()?;
    let error = session.commit().expect_err("the constraint is looked at by COMMIT");
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation, "{error}");
    assert_eq!(names(&mut session).expect_err("until rollback").kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    assert_eq!(session[ada].note, None);
    assert!(matches!(session.state(child)?, State::Gone(_)));
    let again = session.take(child)?;
    session.add(Child { parent: ada.into(), ..again });
    session.commit()?;
    assert_eq!(engine.session().query(Child).count()?, 1);
    Ok(())
}
