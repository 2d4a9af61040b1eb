//! What criteria do to objects that a session has: which are found again, and which are asked for.

use super::*;
use crate::common::{committed, statements};
use orm::{ErrorKind, State};
use orm_test_support::on_each_database;

on_each_database!(
    what_was_read_under_criteria_costs_nothing_again,
    what_was_read_round_criteria_is_not_found_under_them,
    what_was_written_is_asked_for_again,
    what_was_added_is_asked_for,
    a_hidden_row_is_not_taken_for_one_that_is_gone,
    an_object_is_refreshed_whatever_criteria_say,
    a_criterion_of_a_session_knows_its_objects,
    a_session_without_criteria_asks_nothing_again,
    a_copy_of_an_object_holds_nothing_that_is_hidden,
    a_criterion_that_is_added_later_asks_for_what_is_there,
);

type Done = orm::Result<()>;

fn what_was_read_under_criteria_costs_nothing_again(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let ann = session.get(Writer, 1)?.expect("shown");
    let paper = session.get(Paper, 1)?.expect("shown");
    let log = engine.record();
    assert_eq!(session.get(Writer, 1)?, Some(ann));
    assert_eq!(session.get_many(Writer, [1])?, [Some(ann)]);
    assert_eq!(session.load(paper, Paper.writer)?, ann);
    assert!(statements(&log).is_empty());
    Ok(())
}

fn what_was_read_round_criteria_is_not_found_under_them(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let bo = session.without_criteria(|session| session.get(Writer, 2))?.expect("there");
    assert_eq!(session.get(Writer, 2)?, None);
    assert_eq!(session.get_many(Writer, [2])?, [None]);
    assert_eq!(session.get_for_update(Writer, 2)?, None);
    let paper = session.get(Paper, 3)?.expect("shown");
    assert_eq!(session.load(paper, Paper.writer).expect_err("hidden").kind(), ErrorKind::NotFound);
    let paper = session.get(Paper, 4)?.expect("shown");
    assert_eq!(session.load(paper, Paper.editor)?, None);
    // who has its handle has it
    assert_eq!(session.state(bo)?, State::Persistent);
    assert_eq!(session[bo].name, "HIDDEN Bo");
    assert_eq!(session.without_criteria(|session| session.get(Writer, 2))?, Some(bo));
    assert_eq!(
        session.without_criterion(SHOWN, |session| session.load(paper, Paper.editor))?,
        Some(bo)
    );
    Ok(())
}

fn what_was_written_is_asked_for_again(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let ann = session.get(Writer, 1)?.expect("shown");
    let cy = session.get(Writer, 3)?.expect("shown");
    let paper = session.get(Paper, 1)?.expect("shown");
    session[ann].hidden = true;
    session.commit()?;
    assert_eq!(session.get(Writer, 1)?, None);
    assert!(session.load(paper, Paper.writer).is_err());
    select(Writer).update(&mut session, Writer.hidden.set(true))?;
    assert_eq!(session.get(Writer, 3)?, None);
    assert!(session[cy].hidden);
    session.rollback()?;
    assert_eq!(session.get(Writer, 3)?, Some(cy));
    session[ann].hidden = false;
    session.commit()?;
    assert_eq!(session.get(Writer, 1)?, Some(ann));
    assert_eq!(session.load(paper, Paper.writer)?, ann);
    Ok(())
}

fn what_was_added_is_asked_for(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let shown = session.add(Topic::new("new"));
    let hidden = session.add(Topic { hidden: true, ..Topic::new("HIDDEN new") });
    session.commit()?;
    let keys = [shown, hidden].map(|topic| *session[topic].id.get().expect("flushed"));
    assert_eq!(session.get_many(Topic, keys)?, [Some(shown), None]);
    assert_eq!(session.get(Topic, keys[0])?, Some(shown));
    assert_eq!(session.get(Topic, keys[1])?, None);
    Ok(())
}

fn a_hidden_row_is_not_taken_for_one_that_is_gone(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let bo = session.without_criteria(|session| session.get(Writer, 2))?.expect("there");
    let paper = session.get(Paper, 3)?.expect("shown");
    session.expire(bo)?;
    assert_eq!(session.get(Writer, 2)?, None);
    assert_eq!(session.get_many(Writer, [2])?, [None]);
    assert_eq!(session.get_for_update(Writer, 2)?, None);
    assert!(session.load(paper, Paper.writer).is_err());
    assert_eq!(session.state(bo)?, State::Stale);
    session[bo].name = "HIDDEN and changed".into();
    session.commit()?;
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM writers WHERE id = 2"));
    assert_eq!(names, [("HIDDEN and changed".to_owned(),)]);
    Ok(())
}

fn an_object_is_refreshed_whatever_criteria_say(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let ann = session.get(Writer, 1)?.expect("shown");
    session[ann].hidden = true;
    session.commit()?;
    crate::common::run(&engine, &["UPDATE writers SET name = 'Anna' WHERE id = 1"]);
    session.refresh(ann)?;
    assert_eq!(session[ann].name, "Anna");
    assert_eq!(session.get(Writer, 1)?, None);
    Ok(())
}

fn a_criterion_of_a_session_knows_its_objects(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let ann = session.without_criteria(|session| session.get(Writer, 1))?.expect("there");
    let mut session = session.criterion("own", Paper, move |paper| paper.writer.eq(ann));
    assert_eq!(session.query(Paper).count()?, 2);
    assert_eq!(session.without_criterion(SHOWN, |session| session.query(Paper).count())?, 3);
    assert_eq!(session.without_criterion("own", |session| session.query(Paper).count())?, 3);
    let both = select(Paper).without_criterion("own").without_criterion(SHOWN);
    assert_eq!(both.count(&mut session)?, 4);
    // a session of another one has no such object
    let mut other = engine.session().criterion("own", Paper, move |paper| paper.writer.eq(ann));
    let error = other.query(Paper).count().expect_err("a handle of another session");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    Ok(())
}

fn a_session_without_criteria_asks_nothing_again(db: &TestDatabase) -> Done {
    drop(hiding(db)?);
    let models = Schema::of((Writer, Paper, Topic, Card));
    let engine = Engine::builder(db.url()).models(models).build()?;
    let mut session = engine.session();
    let bo = session.get(Writer, 2)?.expect("there");
    session[bo].name = "changed".into();
    session.flush()?;
    let log = engine.record();
    assert_eq!(session.get(Writer, 2)?, Some(bo));
    assert_eq!(session.without_criteria(|session| session.get(Writer, 2))?, Some(bo));
    assert!(statements(&log).is_empty());
    let error = session.without_criterion(SHOWN, |_| Ok(())).expect_err("there are none");
    assert!(error.to_string().ends_with("there are none here"), "{error}");
    Ok(())
}

fn a_copy_of_an_object_holds_nothing_that_is_hidden(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    session.without_criteria(|session| session.get(Writer, 2))?.expect("there");
    let paper = session.get(Paper, 3)?.expect("shown");
    let copy = session.detached(paper)?;
    assert_eq!(copy.writer.key(), Some(2));
    assert!(copy.writer.value().is_err());
    assert_eq!(copy.editor.as_ref().and_then(Ref::key), Some(3));
    let copy = session.without_criteria(|session| session.detached(paper))?;
    assert_eq!(copy.writer.value().map(|writer| writer.name.as_str()).ok(), Some("HIDDEN Bo"));
    Ok(())
}

fn a_criterion_that_is_added_later_asks_for_what_is_there(db: &TestDatabase) -> Done {
    drop(hiding(db)?);
    let models = Schema::of((Writer, Paper, Topic, Card));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.transaction(|session| {
        let bo = session.get(Writer, 2)?.expect("there");
        let ann = session.get(Writer, 1)?.expect("there");
        let paper = session.get(Paper, 3)?.expect("there");
        session.add_criterion(SHOWN, Writer, |writer| !writer.hidden);
        assert_eq!(session.get(Writer, 2)?, None);
        assert_eq!(session.get(Writer, 1)?, Some(ann));
        assert!(session.load(paper, Paper.writer).is_err());
        assert_eq!(session.without_criteria(|session| session.get(Writer, 2))?, Some(bo));
        Ok(())
    })
}
