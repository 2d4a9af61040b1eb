//! The states of an object: what `session[h]`, `&mut session[h]`, `get`, their twins and `state`
//! do in each.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::session::Gone;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_pending_object_reads_and_changes_and_is_not_found_by_key,
    a_persistent_object_is_found_by_key_without_sql,
    a_changed_object_is_tracked_from_its_first_change_on,
    a_stale_object_keeps_its_last_known_values,
    a_stale_object_is_read_again_by_key_under_its_handle,
    a_stale_object_whose_row_is_gone_is_not_found,
    an_expired_object_stays_stale_through_rollbacks,
    only_changed_columns_of_a_stale_object_are_written,
    an_object_to_be_deleted_reads_and_does_not_change,
    an_object_deleted_and_flushed_reads_until_the_transaction_ends,
    an_object_whose_deletion_was_committed_is_gone,
    an_object_whose_transaction_was_rolled_back_is_gone,
    a_pending_object_that_is_deleted_is_gone_at_once,
    deleting_twice_is_deleting_once,
    a_handle_of_another_session_is_refused_everywhere,
    get_by_an_unset_key_is_an_error,
    an_object_known_by_its_key_only_says_so,
    several_objects_are_lent_together,
);

type Done = orm::Result<()>;

fn with_parent(db: &TestDatabase) -> orm::Result<(Engine, Session, orm::Handle<Parent>)> {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    Ok((engine, session, parent))
}

fn a_pending_object_reads_and_changes_and_is_not_found_by_key(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session().autoflush(false);
    let log = engine.record();
    let parent = session.add(Parent { id: 7.into(), ..Parent::new("Ada") });
    assert_eq!(session.state(parent)?, State::Pending);
    assert_eq!(session[parent].name, "Ada");
    session[parent].name.push('!');
    session.try_get_mut(parent)?.note = Some("n".into());
    assert_eq!(session.try_get(parent)?.name, "Ada!");
    assert!(log.is_empty());
    assert_eq!(session.get(Parent, 7)?, None);
    session.flush()?;
    assert_eq!(session.get(Parent, 7)?, Some(parent));
    session.commit()?;
    let rows: Vec<(i64, String, String)> =
        committed(&engine, text("SELECT id, name, note FROM parents"));
    assert_eq!(rows, [(7, "Ada!".into(), "n".into())]);
    Ok(())
}

fn a_persistent_object_is_found_by_key_without_sql(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let id = session[parent].id;
    let log = engine.record();
    assert_eq!(session.state(parent)?, State::Persistent);
    assert_eq!(session.get(Parent, id)?, Some(parent));
    assert_eq!(session.get(Parent, *id.get().expect("flushed"))?, Some(parent));
    assert_eq!(session[parent].name, "Ada");
    assert_eq!(session.try_get(parent)?.name, "Ada");
    assert!(log.is_empty());
    assert!(!session.in_transaction());
    Ok(())
}

fn a_changed_object_is_tracked_from_its_first_change_on(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let other = session.add(Parent::new("Bo"));
    session.commit()?;
    // lent and not changed, while another object is: the next change is still noticed
    let _ = &mut session[parent];
    session[other].note = Some("changed".into());
    session.flush()?;
    session[parent].note = Some("after".into());
    session.commit()?;
    let notes: Vec<(Option<String>,)> =
        committed(&engine, text("SELECT note FROM parents ORDER BY id"));
    assert_eq!(notes, [(Some("after".into()),), (Some("changed".into()),)]);
    Ok(())
}

/// An object that is stale: first loaded in a transaction that was rolled back.
fn stale(engine: &Engine) -> orm::Result<(Session, orm::Handle<Parent>)> {
    run(engine, &["INSERT INTO parents (id, name, note) VALUES (1, 'Ada', 'old')"]);
    let mut session = engine.session();
    let parent = session.get(Parent, 1)?.expect("just inserted");
    session.rollback()?;
    assert_eq!(session.state(parent)?, State::Stale);
    Ok((session, parent))
}

fn a_stale_object_keeps_its_last_known_values(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = stale(&engine)?;
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    let log = engine.record();
    assert_eq!(session[parent].note.as_deref(), Some("old"));
    assert_eq!(session.try_get(parent)?.note.as_deref(), Some("old"));
    assert!(session.try_get_mut(parent).is_ok());
    assert!(log.is_empty());
    Ok(())
}

fn a_stale_object_is_read_again_by_key_under_its_handle(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = stale(&engine)?;
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    let log = engine.record();
    assert_eq!(session.get(Parent, 1)?, Some(parent));
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(session[parent].note.as_deref(), Some("new"));
    assert_eq!(session.state(parent)?, State::Persistent);
    Ok(())
}

fn a_stale_object_whose_row_is_gone_is_not_found(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = stale(&engine)?;
    run(&engine, &["DELETE FROM parents"]);
    assert_eq!(session.get(Parent, 1)?, None);
    assert_eq!(session.get(Parent, 1)?, None);
    assert_eq!(session[parent].name, "Ada");
    session.rollback()?;
    assert_eq!(session.state(parent)?, State::Stale);
    assert_eq!(session.get(Parent, 1)?, None);
    session.commit()?;
    assert_eq!(session.state(parent)?, State::Gone(Gone::Deleted));
    Ok(())
}

/// What was known before a rollback's transaction is older than what `expire` was said of.
fn an_expired_object_stays_stale_through_rollbacks(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let id = session[parent].id;
    for changed in [false, true] {
        for refreshed in [false, true] {
            if changed {
                session[parent].note = Some("flushed".into());
                session.flush()?;
            }
            session.expire(parent)?;
            if refreshed {
                session.refresh(parent)?;
            }
            session.rollback()?;
            let told = format!("changed: {changed}, refreshed: {refreshed}");
            assert_eq!(session.state(parent)?, State::Stale, "{told}");
            assert_eq!(session[parent].note, None, "{told}");
            session.get(Parent, id)?;
            session.commit()?;
            assert_eq!(session.state(parent)?, State::Persistent, "{told}");
        }
    }
    let undone: orm::Result<()> = session.savepoint(|session| {
        session[parent].note = Some("flushed".into());
        session.flush()?;
        session.expire(parent)?;
        Err(orm::Error::custom("undone"))
    });
    undone.expect_err("undone");
    assert_eq!(session.state(parent)?, State::Stale);
    let log = engine.record();
    session.get(Parent, id)?;
    assert_eq!(statements(&log).len(), 1, "read again");
    Ok(())
}

fn only_changed_columns_of_a_stale_object_are_written(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parent) = stale(&engine)?;
    run(&engine, &["UPDATE parents SET note = 'new'"]);
    session[parent].name = "Eve".into();
    session.commit()?;
    let rows: Vec<(String, String)> = committed(&engine, text("SELECT name, note FROM parents"));
    assert_eq!(rows, [("Eve".into(), "new".into())]);
    Ok(())
}

fn an_object_to_be_deleted_reads_and_does_not_change(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let id = session[parent].id;
    let log = engine.record();
    session.delete(parent)?;
    assert_eq!(session.state(parent)?, State::ToBeDeleted);
    assert_eq!(session[parent].name, "Ada");
    assert_eq!(session.try_get(parent)?.name, "Ada");
    let error = session.try_get_mut(parent).map(drop).expect_err("it is to be deleted");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let message = panic_of(|| session[parent].name.push('!'));
    assert_eq!(message, "Parent#0 is to be deleted and can't be changed any more");
    assert_eq!(session.get(Parent, id)?, None);
    assert!(log.is_empty());
    Ok(())
}

fn an_object_deleted_and_flushed_reads_until_the_transaction_ends(db: &TestDatabase) -> Done {
    let (_engine, mut session, parent) = with_parent(db)?;
    let id = session[parent].id;
    session.delete(parent)?;
    session.flush()?;
    assert_eq!(session.state(parent)?, State::Deleted);
    assert_eq!(session[parent].name, "Ada");
    let error = session.try_get_mut(parent).map(drop).expect_err("it is deleted");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let message = panic_of(|| session[parent].name.push('!'));
    assert_eq!(message, "Parent#0 is deleted and can't be changed any more");
    assert_eq!(session.get(Parent, id)?, None);
    Ok(())
}

fn assert_gone(session: &mut Session, parent: orm::Handle<Parent>, why: Gone, told: &str) {
    assert_eq!(session.state(parent).ok(), Some(State::Gone(why)));
    let error = session.try_get(parent).map(drop).expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(error.to_string(), format!("Parent#0 is {told}"));
    let error = session.try_get_mut(parent).map(drop).expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(panic_of(|| session[parent].name.len()), format!("Parent#0 is {told}"));
    assert_eq!(panic_of(|| session[parent].name.clear()), format!("Parent#0 is {told}"));
    assert_eq!(session.delete(parent).expect_err("it is gone").kind(), ErrorKind::Closed);
}

fn an_object_whose_deletion_was_committed_is_gone(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let id = *session[parent].id.get().expect("flushed");
    session.delete(parent)?;
    session.commit()?;
    assert_gone(&mut session, parent, Gone::Deleted, "gone: its row was deleted");
    assert_eq!(session.get(Parent, id)?, None);
    session.rollback()?;
    let mut connection = engine.connect()?;
    connection
        .execute(text("INSERT INTO parents (id, name) VALUES (:id, 'again')").bind("id", id))?;
    connection.commit()?;
    let again = session.get(Parent, id)?.expect("a row of that key is there again");
    assert_ne!(again, parent, "as if never seen");
    Ok(())
}

fn an_object_whose_transaction_was_rolled_back_is_gone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for flushed in [false, true] {
        let mut session = engine.session();
        let parent = session.add(Parent { id: 7.into(), ..Parent::new("Ada") });
        if flushed {
            session.flush()?;
        }
        session.rollback()?;
        let told = "gone: the transaction it was added in was rolled back";
        assert_gone(&mut session, parent, Gone::RolledBack, told);
        assert_eq!(session.get(Parent, 7)?, None);
    }
    Ok(())
}

fn a_pending_object_that_is_deleted_is_gone_at_once(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let parent = session.add(Parent::new("Ada"));
    session.delete(parent)?;
    let told = "gone: it was deleted before it was flushed";
    assert_gone(&mut session, parent, Gone::Discarded, told);
    session.commit()?;
    assert!(log.is_empty());
    Ok(())
}

fn deleting_twice_is_deleting_once(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let log = engine.record();
    session.delete(parent)?;
    session.delete(parent)?;
    session.flush()?;
    session.delete(parent)?;
    session.commit()?;
    assert_eq!(statements(&log).len(), 1);
    Ok(())
}

fn a_handle_of_another_session_is_refused_everywhere(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let mut other = engine.session();
    other.add(Parent::new("of the other session"));
    let told = "Parent#0 is a handle of another session; use it with its own";
    assert_eq!(other.try_get(parent).map(drop).expect_err("foreign").to_string(), told);
    assert_eq!(other.try_get_mut(parent).map(drop).expect_err("foreign").to_string(), told);
    assert_eq!(panic_of(|| other[parent].name.len()), told);
    assert_eq!(panic_of(|| other[parent].name.clear()), told);
    assert_eq!(other.state(parent).expect_err("foreign").kind(), ErrorKind::Closed);
    assert_eq!(other.delete(parent).expect_err("foreign").kind(), ErrorKind::Closed);
    assert_eq!(other.take(parent).map(drop).expect_err("foreign").kind(), ErrorKind::Closed);
    let mine = other.session_of_child(parent);
    let error = other.flush().expect_err("a child points to it");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("`Child.parent`"), "{error}");
    other.delete(mine)?;
    other.flush()?;
    let error = other.query(Child).filter(Child.parent.eq(parent)).all().map(drop);
    assert_eq!(error.expect_err("foreign").kind(), ErrorKind::InvalidStatement);
    assert_eq!(session[parent].name, "Ada");
    session.flush()
}

trait AddChild {
    fn session_of_child(&mut self, parent: orm::Handle<Parent>) -> orm::Handle<Child>;
}

impl AddChild for Session {
    fn session_of_child(&mut self, parent: orm::Handle<Parent>) -> orm::Handle<Child> {
        self.add(Child::new("Cy", 3, parent))
    }
}

fn get_by_an_unset_key_is_an_error(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let error = session.get(Parent, Auto::<i64>::Unset).expect_err("no key");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    Ok(())
}

fn an_object_known_by_its_key_only_says_so(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(
        &engine,
        &[
            "INSERT INTO parents (id, name) VALUES (1, 'Ada')",
            "INSERT INTO children (id, name, age, parent_id) VALUES (5, 'Cy', 3, 1)",
        ],
    );
    let mut session = engine.session();
    let child = session.get(Child, 5)?.expect("there");
    let loaded = session.get(Parent, 1)?.expect("there");
    assert!(session[child].parent == loaded, "the reference had its handle from the start");
    assert_eq!(session[child].parent.key(), Some(1));
    Ok(())
}

fn several_objects_are_lent_together(db: &TestDatabase) -> Done {
    let (engine, mut session, ada) = with_parent(db)?;
    let bo = session.add(Parent { note: Some("bo's".into()), ..Parent::new("Bo") });
    session.commit()?;
    let [one, other] = session.get_disjoint_mut([ada, bo])?;
    std::mem::swap(&mut one.note, &mut other.note);
    session.commit()?;
    let notes: Vec<(Option<String>,)> =
        committed(&engine, text("SELECT note FROM parents ORDER BY id"));
    assert_eq!(notes, [(Some("bo's".into()),), (None,)]);
    let error = session.get_disjoint_mut([ada, ada]).map(drop).expect_err("twice the same");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    Ok(())
}
