//! Rollback puts every state back: for each transition, without SQL; `take` gives values back.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_change_that_was_not_flushed_is_undone,
    changes_that_were_flushed_are_undone,
    a_change_before_a_deletion_is_undone,
    a_deletion_is_undone,
    an_object_first_loaded_inside_is_stale,
    an_object_changed_after_it_was_loaded_inside_is_stale_with_its_row,
    a_changed_key_is_undone,
    a_row_overwritten_by_a_query_is_undone,
    a_replaced_row_is_found_again,
    a_failed_flush_restores_all_objects,
    after_a_rollback_objects_are_tracked_as_before,
    take_gives_values_back_as_they_were_added,
    take_gives_the_graph_back,
    what_was_taken_can_be_added_again,
    take_works_once,
    a_rollback_sends_no_more_than_rollback,
    a_commit_makes_what_was_done_the_state_to_go_back_to,
);

type Done = orm::Result<()>;

fn with_parent(db: &TestDatabase) -> orm::Result<(Engine, Session, orm::Handle<Parent>)> {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent { note: Some("before".into()), ..Parent::new("Ada") });
    session.commit()?;
    Ok((engine, session, parent))
}

/// The object is what its row is, and changes of it are written.
fn assert_as_before(engine: &Engine, session: &mut Session, parent: orm::Handle<Parent>) -> Done {
    assert_eq!(session.state(parent)?, State::Persistent);
    assert_eq!(session[parent].name, "Ada");
    assert_eq!(session[parent].note.as_deref(), Some("before"));
    let id = session[parent].id;
    assert_eq!(session.get(Parent, id)?, Some(parent));
    let log = engine.record();
    session.flush()?;
    assert!(log.is_empty(), "nothing is left to write: {:?}", log.take());
    session[parent].note = Some("written".into());
    session.commit()?;
    let notes: Vec<(String,)> = committed(engine, text("SELECT note FROM parents"));
    assert_eq!(notes, [("written".into(),)]);
    Ok(())
}

fn a_change_that_was_not_flushed_is_undone(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    session[parent].note = Some("changed".into());
    session[parent].name = "Eve".into();
    session.rollback()?;
    assert_as_before(&engine, &mut session, parent)
}

fn changes_that_were_flushed_are_undone(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    for round in 0..3 {
        session[parent].note = Some(format!("round {round}"));
        session.flush()?;
    }
    session[parent].name = "and one not flushed".into();
    session.rollback()?;
    assert_as_before(&engine, &mut session, parent)
}

fn a_change_before_a_deletion_is_undone(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    session[parent].note = Some("changed".into());
    session.delete(parent)?;
    session.flush()?;
    session.rollback()?;
    assert_as_before(&engine, &mut session, parent)
}

fn a_deletion_is_undone(db: &TestDatabase) -> Done {
    for flushed in [false, true] {
        let (engine, mut session, parent) = with_parent(db)?;
        session.delete(parent)?;
        if flushed {
            session.flush()?;
            assert_eq!(session.state(parent)?, State::Deleted);
        }
        session.rollback()?;
        assert_as_before(&engine, &mut session, parent)?;
        engine.drop_all()?;
    }
    Ok(())
}

fn an_object_first_loaded_inside_is_stale(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let mut other = engine.session();
    let loaded = other.query(Parent).one()?;
    assert_eq!(other.state(loaded)?, State::Persistent);
    other.rollback()?;
    assert_eq!(other.state(loaded)?, State::Stale);
    assert_eq!(other[loaded].name, "Ada");
    session.rollback()?;
    assert_eq!(session.state(parent)?, State::Persistent, "loaded before it began");
    Ok(())
}

fn an_object_changed_after_it_was_loaded_inside_is_stale_with_its_row(db: &TestDatabase) -> Done {
    let (engine, _, _) = with_parent(db)?;
    let mut session = engine.session();
    let parent = session.query(Parent).one()?;
    session[parent].note = Some("flushed".into());
    session.flush()?;
    session[parent].name = "not flushed".into();
    session.rollback()?;
    assert_eq!(session.state(parent)?, State::Stale);
    assert_eq!(session[parent].name, "Ada");
    assert_eq!(session[parent].note.as_deref(), Some("before"));
    let mut session = engine.session();
    let parent = session.query(Parent).one()?;
    session.delete(parent)?;
    session.flush()?;
    session.rollback()?;
    assert_eq!(session.state(parent)?, State::Stale);
    assert_eq!(session[parent].name, "Ada");
    Ok(())
}

fn a_changed_key_is_undone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let country = session.add(Natural::new("de", "Germany"));
    session.commit()?;
    session[country].code = "at".into();
    session.flush()?;
    assert_eq!(session.get(Natural, "at")?, Some(country));
    assert_eq!(session.get(Natural, "de")?, None);
    session.rollback()?;
    assert_eq!(session[country].code, "de");
    let log = engine.record();
    assert_eq!(session.get(Natural, "de")?, Some(country));
    assert!(log.is_empty());
    assert_eq!(session.get(Natural, "at")?, None);
    Ok(())
}

fn a_row_overwritten_by_a_query_is_undone(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    run(&engine, &["UPDATE parents SET note = 'of others'"]);
    session.query(Parent).one()?;
    assert_eq!(session[parent].note.as_deref(), Some("of others"));
    session.rollback()?;
    // what was known when the transaction began
    assert_eq!(session[parent].note.as_deref(), Some("before"));
    assert_eq!(session.query(Parent).one()?, parent);
    assert_eq!(session[parent].note.as_deref(), Some("of others"));
    Ok(())
}

fn a_replaced_row_is_found_again(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let old = session.add(Natural::new("de", "old"));
    session.commit()?;
    session.delete(old)?;
    session.flush()?;
    let new = session.add(Natural::new("de", "new"));
    session.flush()?;
    assert_eq!(session.get(Natural, "de")?, Some(new));
    session.rollback()?;
    assert_eq!(session.get(Natural, "de")?, Some(old));
    assert_eq!(session[old].label, "old");
    assert_eq!(session.take(new)?.label, "new");
    Ok(())
}

fn a_failed_flush_restores_all_objects(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    session[parent].note = Some("changed".into());
    let good = session.add(Child::new("good", 1, parent));
    let bad = session.add(Parent::new("Ada"));
    let error = session.commit().expect_err("the name is there already");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    session.rollback()?;
    assert!(session.take(good)?.id.get().is_none());
    assert!(session.take(bad)?.id.get().is_none());
    assert_as_before(&engine, &mut session, parent)
}

fn after_a_rollback_objects_are_tracked_as_before(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    for _ in 0..3 {
        session[parent].note = Some("changed".into());
        session.flush()?;
        session.rollback()?;
    }
    assert_as_before(&engine, &mut session, parent)
}

fn take_gives_values_back_as_they_were_added(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let generated = session.add(Parent::new("Ada"));
    let by_hand = session.add(Parent { id: 77.into(), ..Parent::new("Bo") });
    session.flush()?;
    assert!(session[generated].id.get().is_some());
    session[generated].note = Some("changed since".into());
    session.flush()?;
    session.rollback()?;
    let value = session.take(generated)?;
    assert_eq!(value.id, Auto::Unset);
    assert_eq!((value.name.as_str(), value.note), ("Ada", None));
    assert_eq!(session.take(by_hand)?.id, 77);
    Ok(())
}

fn take_gives_the_graph_back(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let root = session.add(Node::new("root"));
    let middle = session.add(Node { parent: Some(root.into()), ..Node::new("middle") });
    let leaf = session.add(Node { parent: Some(middle.into()), ..Node::new("leaf") });
    session.flush()?;
    session.rollback()?;
    let value = session.take(leaf)?;
    assert_eq!(value.id, Auto::Unset);
    let mut session = engine.session();
    session.add(value);
    session.commit()?;
    let names: Vec<(String, Option<String>)> = committed(
        &engine,
        text(
            "SELECT n.name, p.name FROM nodes n LEFT JOIN nodes p ON p.id = n.parent_id ORDER BY 1",
        ),
    );
    let expected = [("leaf", Some("middle")), ("middle", Some("root")), ("root", None)];
    let expected = expected.map(|(name, of)| (name.to_owned(), of.map(str::to_owned)));
    assert_eq!(names, expected);
    Ok(())
}

fn what_was_taken_can_be_added_again(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    let child = session.add(Child::new("Cy", 3, parent));
    session.flush()?;
    session.rollback()?;
    let value = session.take(child)?;
    let again = session.add(value);
    session.commit()?;
    assert!(session[again].parent == parent);
    assert_eq!(committed::<(String,)>(&engine, text("SELECT name FROM children")).len(), 1);
    Ok(())
}

fn take_works_once(db: &TestDatabase) -> Done {
    let (_engine, mut session, parent) = with_parent(db)?;
    let pending = session.add(Parent::new("Bo"));
    assert_eq!(session.take(parent).map(drop).expect_err("it lives").kind(), ErrorKind::Closed);
    assert_eq!(session.take(pending).map(drop).expect_err("it lives").kind(), ErrorKind::Closed);
    session.delete(pending)?;
    assert_eq!(session.take(pending)?.name, "Bo");
    assert_eq!(session.take(pending).map(drop).expect_err("taken").kind(), ErrorKind::Closed);
    Ok(())
}

fn a_rollback_sends_no_more_than_rollback(db: &TestDatabase) -> Done {
    let (engine, mut session, parent) = with_parent(db)?;
    session[parent].note = Some("changed".into());
    let log = engine.record();
    session.rollback()?;
    assert!(log.is_empty(), "no transaction was open");
    session[parent].note = Some("changed".into());
    session.flush()?;
    log.take();
    session.rollback()?;
    assert_eq!(log.take(), ["ROLLBACK"]);
    session.rollback()?;
    assert!(log.is_empty());
    Ok(())
}

fn a_commit_makes_what_was_done_the_state_to_go_back_to(db: &TestDatabase) -> Done {
    let (_engine, mut session, parent) = with_parent(db)?;
    session[parent].note = Some("committed".into());
    session.commit()?;
    session[parent].note = Some("rolled back".into());
    session.flush()?;
    session.rollback()?;
    assert_eq!(session[parent].note.as_deref(), Some("committed"));
    assert_eq!(session.state(parent)?, State::Persistent);
    Ok(())
}
