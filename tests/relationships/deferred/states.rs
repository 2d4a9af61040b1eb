//! Deferred columns over the life of an object: read again, expired, rolled back, merged, copied out.

use super::*;
use crate::common::{committed, run, statements};
use orm_test_support::on_each_database;

on_each_database!(
    a_refresh_reads_what_was_loaded,
    an_expired_object_has_none,
    a_row_of_a_later_transaction_says_all_there_is,
    a_rollback_puts_it_back,
    a_savepoint_puts_it_back,
    a_merge_takes_over_what_is_loaded,
    members_are_merged_by_one_statement,
    a_copy_has_what_is_loaded,
    an_object_rolled_back_can_be_added_again,
);

type Done = orm::Result<()>;

fn a_refresh_reads_what_was_loaded(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let story =
        session.query(Story).include(Story.body).order_by(Story.id).first()?.expect("there");
    session.commit()?;
    run(&engine, &["UPDATE stories SET body = 'theirs', notes = 'theirs'"]);
    let log = engine.record();
    session.refresh(story)?;
    let log_of = statements(&log);
    assert_eq!(log_of.len(), 1);
    assert!(log_of[0].contains(r#", "stories"."words", "stories"."body" FROM"#), "{log_of:?}");
    assert_eq!(session[story].body.get()?, "theirs");
    assert!(session[story].notes.get().is_err());
    session.load(story, Story.notes)?;
    session.commit()?;
    // what was set and not flushed is given up
    let mut session = session.autoflush(false);
    session[story].body = "mine".into();
    session.refresh(story)?;
    assert_eq!(session[story].body.get()?, "theirs");
    assert!(session.dirty(Story).is_empty());
    Ok(())
}

fn an_expired_object_has_none(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories =
        session.query(Story).include((Story.body, Story.notes)).order_by(Story.id).all()?;
    session[stories[0]].body = "mine".into();
    session.commit()?;
    run(&engine, &["UPDATE stories SET notes = 'theirs', title = 'x'"]);
    let mut session = session.autoflush(false);
    session[stories[0]].body = "mine again".into();
    session.expire_all()?;
    assert_eq!(session[stories[0]].body.get()?, "mine again", "what was set is to be written");
    assert!(session[stories[0]].notes.get().is_err());
    let told = "`Story.notes` is not loaded; read it";
    assert!(session[stories[1]].notes.get().expect_err("expired").to_string().starts_with(told));
    assert_eq!(session[stories[1]].title, "b", "the last known value");
    assert_eq!(session.load(stories[1], Story.notes)?.as_deref(), Some("theirs"));
    assert_eq!(session.get(Story, 2)?, Some(stories[1]));
    assert_eq!(session[stories[1]].title, "x");
    session.commit()?;
    let bodies: Vec<(String,)> = committed(&engine, text("SELECT body FROM stories ORDER BY id"));
    assert_eq!(bodies[0].0, "mine again");
    Ok(())
}

fn a_row_of_a_later_transaction_says_all_there_is(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).include(Story.body).order_by(Story.id).all()?;
    session.query(Story).all()?;
    assert!(session[stories[0]].body.is_loaded(), "of this transaction");
    session.commit()?;
    assert!(session[stories[0]].body.is_loaded(), "nothing was read");
    run(&engine, &["UPDATE stories SET body = 'theirs'"]);
    session[stories[1]].body = "mine".into();
    let mut session = session.autoflush(false);
    session.query(Story).all()?;
    assert!(session[stories[0]].body.get().is_err(), "its row was read without it");
    assert_eq!(session[stories[1]].body.get()?, "mine", "changed objects are kept");
    session.query(Story).include(Story.body).all()?;
    assert_eq!(session[stories[0]].body.get()?, "theirs");
    session.query(Story).include(Story.body).populate_existing().all()?;
    assert_eq!(session[stories[1]].body.get()?, "theirs");
    session.query(Story).populate_existing().all()?;
    assert!(session[stories[1]].body.get().is_err());
    assert!(session.dirty(Story).is_empty());
    Ok(())
}

fn a_rollback_puts_it_back(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    session.load(stories[0], Story.notes)?;
    session.commit()?;
    session[stories[0]].body = "mine".into();
    session[stories[0]].notes = None.into();
    session[stories[1]].body = "mine".into();
    session.flush()?;
    session.execute(text("UPDATE stories SET body = 'of the transaction'"))?;
    session.load(stories[2], Story.body)?;
    session.rollback()?;
    assert!(session[stories[0]].body.get().is_err(), "not loaded, as before");
    assert_eq!(session[stories[0]].notes.get()?.as_deref(), Some("notes of a"), "as before");
    assert!(session[stories[1]].body.get().is_err());
    assert!(session[stories[2]].body.get().is_err(), "what was read is undone");
    session[stories[2]].body = "not flushed".into();
    session.rollback()?;
    assert!(session[stories[2]].body.get().is_err());
    assert_eq!(session.load(stories[2], Story.body)?, "body of c");
    session.commit()
}

fn a_savepoint_puts_it_back(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    session[stories[0]].body = "outer".into();
    let new = session.add(Story::new("new", "new body", 1));
    let done: orm::Result<()> = session.savepoint(|s| {
        s[stories[0]].body = "inner".into();
        s[stories[1]].body = "inner".into();
        s.flush()?;
        s.load(stories[2], Story.body)?;
        s.expire(new)?;
        assert!(s[new].body.get().is_err());
        s.load(new, Story.body)?;
        Err(orm::Error::from(s[stories[0]].notes.get().expect_err("not loaded")))
    });
    assert!(done.is_err());
    assert_eq!(session[stories[0]].body.get()?, "outer");
    assert!(session[stories[1]].body.get().is_err());
    assert!(session[stories[2]].body.get().is_err());
    session.load(new, Story.body)?;
    session.commit()?;
    let bodies: Vec<(String,)> = committed(&engine, text("SELECT body FROM stories ORDER BY id"));
    let bodies: Vec<&str> = bodies.iter().map(|(body,)| body.as_str()).collect();
    assert_eq!(bodies, ["outer", "body of b", "body of c", "new body"]);
    Ok(())
}

fn a_merge_takes_over_what_is_loaded(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut values =
        select(Story).include(Story.body).order_by(Story.id).all(&mut engine.connect()?)?;
    values[0].title = "merged".into();
    values[1].body = "merged".into();
    let mut session = engine.session();
    let known = session.get(Story, 2)?.expect("there");
    let log = engine.record();
    let values: Vec<_> = values.into_iter().map(|value| session.merge(value)).collect();
    let stories = values.into_iter().collect::<orm::Result<Vec<_>>>()?;
    let updates = |log: Vec<String>| log.into_iter().filter(|sql| sql.starts_with("UPDATE"));
    let sent: Vec<String> = statements(&log);
    assert_eq!(sent.len(), 5, "two rows with their bodies, one body, two flushes: {sent:?}");
    assert_eq!(stories[1], known);
    assert!(session[stories[0]].notes.get().is_err(), "it says nothing of it");
    session.flush()?;
    let sent: Vec<String> = updates(sent).chain(statements(&log)).collect();
    assert!(
        sent[0].contains(r#"SET "title" = "#) && sent[1].contains(r#"SET "body" = "#),
        "{sent:?}"
    );
    assert_eq!(sent.len(), 2, "what does not differ is not written");
    // a value without it leaves the row's alone
    let value = Story { body: Deferred::default(), ..session.detached(stories[1])? };
    let value = Story { title: "again".into(), ..value };
    session.merge(value)?;
    session.commit()?;
    let rows: Vec<(String, String)> =
        committed(&engine, text("SELECT title, body FROM stories ORDER BY id"));
    assert_eq!(rows[0], ("merged".into(), "body of a".into()));
    assert_eq!(rows[1], ("again".into(), "merged".into()));
    assert_eq!(rows[2], ("c".into(), "body of c".into()));
    Ok(())
}

fn members_are_merged_by_one_statement(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let tree = select(Magazine).include((Magazine.cover, Magazine.stories.then(Story.body)));
    let mut tree = tree.order_by(Magazine.id).all(&mut engine.connect()?)?;
    let mut session = engine.session();
    session.query(Story).all()?;
    let log = engine.record();
    session.merge(tree.remove(0))?;
    let log_of = statements(&log);
    let of_bodies = log_of.iter().filter(|sql| sql.contains("\"body\"")).count();
    assert_eq!(of_bodies, 1, "{log_of:?}");
    session.commit()?;
    assert!(statements(&log).is_empty(), "nothing differs");
    Ok(())
}

fn a_copy_has_what_is_loaded(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let magazine = session.get(Magazine, 1)?.expect("there");
    let stories = session.load(magazine, Magazine.stories)?;
    session.load(stories[0], Story.body)?;
    session[stories[0]].notes = "set".into();
    let copy = session.detached(magazine)?;
    let story = &copy.stories.values()?[0];
    assert_eq!(story.body.get()?, "body of a");
    assert_eq!(story.notes.get()?.as_deref(), Some("set"));
    let told = "`Magazine.cover` is not loaded; read it with its row";
    assert!(copy.cover.get().expect_err("not loaded").to_string().starts_with(told));
    Ok(())
}

fn an_object_rolled_back_can_be_added_again(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let story = session.add(Story::new("new", "new body", 1));
    session.flush()?;
    session.expire(story)?;
    session.query(Story).all()?;
    session.rollback()?;
    let value = session.take(story)?;
    assert_eq!(value.body.get()?, "new body");
    session.add(value);
    session.commit()?;
    assert_eq!(session.query(Story).filter(Story.body.eq("new body")).count()?, 1);
    Ok(())
}
