//! What a flush refuses: contradictions of objects before any SQL, rows that are gone behind it.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    an_update_of_a_row_that_is_gone_is_stale,
    a_deletion_of_a_row_that_is_gone_is_stale,
    a_deletion_in_a_savepoint_names_the_row_that_is_gone,
    a_deletion_among_rows_of_the_same_transaction_is_not_told_exactly,
    an_object_under_the_key_of_another_is_told_before_sql,
    two_new_objects_under_one_key_are_told_before_sql,
    a_reference_to_a_gone_object_is_told_before_sql,
);

type Done = orm::Result<()>;

fn three_of_which_the_second_is_gone(
    engine: &Engine,
) -> orm::Result<(Session, Vec<orm::Handle<Parent>>)> {
    let mut session = engine.session();
    let parents = session.add_all(["a", "b", "c"].map(Parent::new));
    session.commit()?;
    run(engine, &["DELETE FROM parents WHERE name = 'b'"]);
    Ok((session, parents))
}

fn an_update_of_a_row_that_is_gone_is_stale(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parents) = three_of_which_the_second_is_gone(&engine)?;
    for &parent in &parents {
        session[parent].note = Some("changed".into());
    }
    let gone = session[parents[1]].id;
    let error = session.commit().expect_err("one row is gone");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let named = format!(" for Parent({gone}):");
    assert!(error.to_string().contains(&named), "{error}");
    let error = session.flush().expect_err("until rollback");
    assert_eq!(error.kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    assert_eq!(session[parents[0]].note, None);
    let notes: Vec<(Option<String>,)> = committed(&engine, text("SELECT note FROM parents"));
    assert_eq!(notes, [(None,), (None,)]);
    Ok(())
}

fn a_deletion_of_a_row_that_is_gone_is_stale(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parents) = three_of_which_the_second_is_gone(&engine)?;
    let gone = session[parents[1]].id;
    for &parent in &parents {
        session.delete(parent)?;
    }
    let error = session.commit().expect_err("one row is gone");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let message = error.to_string();
    assert!(message.contains(&format!(" for Parent({gone}):")), "that one alone: {message}");
    session.rollback()?;
    assert_eq!(session.query(Parent).count()?, 2);
    Ok(())
}

fn a_deletion_in_a_savepoint_names_the_row_that_is_gone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parents) = three_of_which_the_second_is_gone(&engine)?;
    let gone = session[parents[1]].id;
    let fresh = session.add(Parent::new("new"));
    let error = session
        .savepoint(|session| {
            for &parent in parents.iter().chain([&fresh]) {
                session.delete(parent)?;
            }
            session.flush()
        })
        .expect_err("one row is gone");
    let message = error.to_string();
    assert!(message.contains(&format!(" for Parent({gone}):")), "that one alone: {message}");
    assert_eq!(session.state(fresh)?, State::Stale, "the savepoint alone was undone");
    session.commit()?;
    assert_eq!(session.query(Parent).count()?, 3);
    Ok(())
}

fn a_deletion_among_rows_of_the_same_transaction_is_not_told_exactly(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, parents) = three_of_which_the_second_is_gone(&engine)?;
    let gone = session[parents[1]].id;
    let fresh = session.add(Parent::new("new"));
    session.flush()?;
    for &parent in parents.iter().chain([&fresh]) {
        session.delete(parent)?;
    }
    let error = session.commit().expect_err("one row is gone");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let message = error.to_string();
    assert!(message.contains(&format!("Parent({gone})")), "{message}");
    if engine.dialect().features.unnest {
        // with the transaction the new row is gone as well, and which one was missed can't be told
        assert!(message.contains("not all of"), "{message}");
    }
    session.rollback()?;
    assert_eq!(session.query(Parent).count()?, 2);
    Ok(())
}

fn an_object_under_the_key_of_another_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent { id: 7.into(), ..Parent::new("Ada") });
    session.commit()?;
    let log = engine.record();
    let second = session.add(Parent { id: 7.into(), ..Parent::new("Bo") });
    let error = session.query(Parent).all().expect_err("two objects of one key");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let message = error.to_string();
    assert!(message.contains("Parent(new #1)") && message.contains("Parent(7)"), "{message}");
    assert!(log.is_empty());
    session.delete(second)?;
    session.commit()?;
    assert_eq!(session.query(Parent).count()?, 1);
    Ok(())
}

fn two_new_objects_under_one_key_are_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let first = session.add(Natural::new("de", "Germany"));
    let second = session.add(Natural::new("de", "Deutschland"));
    let log = engine.record();
    let error = session.flush().expect_err("two objects of one key");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let message = error.to_string();
    assert!(message.contains("new #0") && message.contains("new #1"), "{message}");
    assert!(log.is_empty());
    session[second].code = "at".into();
    session.commit()?;
    assert_ne!(session.get(Natural, "de")?, session.get(Natural, "at")?);
    assert_eq!(session.get(Natural, "de")?, Some(first));
    Ok(())
}

fn a_reference_to_a_gone_object_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    session.delete(parent)?;
    session.commit()?;
    let child = session.add(Child::new("Cy", 3, parent));
    let log = engine.record();
    let error = session.flush().expect_err("its parent is gone");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("`Child.parent` of Child(new #0)"), "{error}");
    assert!(log.is_empty());
    session[child].parent = Parent::new("Bo").into();
    session.commit()
}
