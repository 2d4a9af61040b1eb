//! Connections that die: unnoticed while idle, told inside a transaction, and before a commit.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_postgres};

on_postgres!(
    a_connection_killed_while_idle_goes_unnoticed,
    a_connection_killed_inside_a_transaction_is_told,
    a_connection_killed_before_commit_is_told,
    a_connection_killed_while_a_stream_is_read_is_told,
);

type Done = orm::Result<()>;

/// Ends all connections to the database but its own, and waits until they are gone.
fn kill_all(db: &TestDatabase) {
    let killer = Engine::new(db.url()).expect("a second engine");
    let others = "FROM pg_stat_activity WHERE datname = current_database() \
                  AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let kill = format!("SELECT pg_terminate_backend(pid, 5000) {others}");
    let left = format!("SELECT count(*) {others}");
    let mut connection = killer.connect().expect("a connection to kill from");
    connection.execute(text(orm::engine::AssertSafe(kill))).expect("killing");
    connection.rollback().expect("always succeeds");
    let left: i64 = connection
        .execute(text(orm::engine::AssertSafe(left)))
        .and_then(orm::engine::Rows::scalar)
        .expect("counting");
    assert_eq!(left, 0);
}

fn a_connection_killed_while_idle_goes_unnoticed(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    for round in 0..3 {
        kill_all(db);
        session[parent].note = Some(format!("round {round}"));
        session.commit()?;
        kill_all(db);
        assert_eq!(engine.session().query(Parent).count()?, 1);
    }
    Ok(())
}

fn a_connection_killed_inside_a_transaction_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    session[parent].note = Some("flushed".into());
    session.flush()?;
    let added = session.add(Parent::new("Bo"));
    kill_all(db);
    let error = session.flush().expect_err("the connection is gone");
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
    let error = session.query(Parent).all().expect_err("until rollback");
    assert_eq!(error.kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    assert_eq!(session[parent].note, None);
    let value = session.take(added)?;
    session.add(value);
    session[parent].note = Some("again".into());
    session.commit()?;
    assert_eq!(session.query(Parent).count()?, 2);
    Ok(())
}

fn a_connection_killed_before_commit_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.flush()?;
    kill_all(db);
    let error = session.commit().expect_err("the connection is gone");
    // whether it was lost before COMMIT was sent is known only sometimes
    let kinds = [ErrorKind::ConnectionLost, ErrorKind::CommitOutcomeUnknown];
    assert!(kinds.contains(&error.kind()), "{error:?}");
    session.rollback()?;
    assert_eq!(session.query(Parent).count()?, 0);
    assert_eq!(session.take(parent)?.name, "Ada");
    Ok(())
}

fn a_connection_killed_while_a_stream_is_read_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add_all((0..2_500).map(|n| Parent::new(n.to_string())));
    session.commit()?;
    let mut rows = select(Parent).stream(&mut session)?;
    rows.next(&mut session)?;
    kill_all(db);
    let error = loop {
        match rows.next(&mut session) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended as if it were complete"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
    session.rollback()?;
    assert_eq!(session.query(Parent).count()?, 2_500);
    Ok(())
}
