//! What is written of deferred columns: what was set, and nothing else.

use super::*;
use crate::common::{committed, run, statements};
use orm::ErrorKind;
use orm_test_support::on_each_database;

on_each_database!(
    a_value_is_set_without_loading,
    what_is_not_loaded_is_not_written,
    a_new_object_is_inserted_with_it,
    a_new_object_without_it,
    one_that_lost_its_value_is_told_before_sql,
    it_is_set_by_a_session_to_a_value_and_to_an_expression,
    a_row_taken_over_keeps_what_is_not_said,
    set_based_updates_set_it,
    versions_go_on_over_it,
    what_is_known_of_it_is_shown,
);

type Done = orm::Result<()>;

fn stored(engine: &Engine) -> Vec<(String, String, Option<String>)> {
    committed(engine, text("SELECT title, body, notes FROM stories ORDER BY id"))
}

fn a_value_is_set_without_loading(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    let log = engine.record();
    session[stories[0]].body = "new a".into();
    session[stories[1]].body.set("new b");
    session[stories[1]].notes = None.into();
    session[stories[2]].notes.set(Some("new notes".to_owned()));
    assert_eq!(session[stories[0]].body.get()?, "new a");
    assert_eq!(session.dirty(Story).len(), 3);
    session.commit()?;
    let log_of = statements(&log);
    assert!(log_of.iter().all(|sql| sql.starts_with("UPDATE")), "{log_of:?}");
    assert!(log_of[0].contains(r#"SET "body" = "#), "{log_of:?}");
    assert!(log_of.iter().all(|sql| !sql.contains("RETURNING")), "{log_of:?}");
    let rows = stored(&engine);
    assert_eq!(rows[0], ("a".into(), "new a".into(), Some("notes of a".into())));
    assert_eq!(rows[1], ("b".into(), "new b".into(), None));
    assert_eq!(rows[2], ("c".into(), "body of c".into(), Some("new notes".into())));
    // what was written is what the row has
    statements(&log);
    assert_eq!(session.load(stories[0], Story.body)?, "new a");
    session[stories[0]].body.get_mut()?.push('!');
    session[stories[0]].body.get_mut()?.pop();
    session.commit()?;
    assert!(log.is_empty());
    Ok(())
}

fn what_is_not_loaded_is_not_written(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let story = session.query(Story).order_by(Story.id).first()?.expect("there");
    session[story].title = "t".into();
    let changed = session.history(story, Story.body)?;
    assert_eq!((changed.before, changed.now), (None, None));
    let changed = session.history(story, Story.notes)?;
    assert_eq!((changed.before, changed.now), (None, None), "not loaded is not NULL");
    let log = engine.record();
    session.commit()?;
    let log = statements(&log);
    assert_eq!(log.len(), 1);
    assert!(log[0].starts_with(r#"UPDATE "stories" SET "title" = "#), "{log:?}");
    assert!(!log[0].contains("body"), "{log:?}");
    assert!(session[story].body.get().is_err());
    // lent and left alone, or loaded and left alone
    session.try_get_mut(story)?;
    session.load(story, Story.body)?;
    assert!(session.dirty(Story).is_empty());
    session[story].body.get_mut()?.push('?');
    session.commit()?;
    assert_eq!(stored(&engine)[0].1, "body of a?");
    Ok(())
}

fn a_new_object_is_inserted_with_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let magazine = session.add(Magazine::new("m"));
    let story = session.add(Story::new("t", "b", magazine));
    assert_eq!(session[story].body.get()?, "b");
    assert_eq!(session[story].notes.get()?, &None, "`new` knows its value");
    session.flush()?;
    let log = statements(&log);
    let columns = r#"INSERT INTO "stories" ("title", "body", "magazine_id", "notes", "words")"#;
    assert!(log[1].starts_with(columns), "{log:?}");
    assert!(!log[1].contains("RETURNING") || log[1].ends_with(r#"RETURNING "id""#), "{log:?}");
    assert_eq!(session[story].body.get()?, "b");
    assert!(session[story].notes.is_loaded() && session[magazine].cover.is_loaded());
    session.commit()?;
    assert_eq!(stored(&engine), [("t".to_owned(), "b".to_owned(), None)]);
    let long = "x".repeat(1001);
    session[story].body = long.into();
    let error = session.flush().expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
    Ok(())
}

fn a_new_object_without_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let magazine = session.add(Magazine { cover: Deferred::default(), ..Magazine::new("m") });
    let story = session.add(Story { body: Deferred::default(), ..Story::new("t", "", magazine) });
    let told = "a deferred column has no value here: none was read, and none was set; read it with \
                its row by `.include(Model.field)`, or later by `session.load(handle, Model.field)`";
    assert_eq!(session[story].body.get().expect_err("not set").to_string(), told);
    let log = engine.record();
    let error = session.flush().expect_err("it can't be NULL");
    assert!(log.is_empty(), "before any SQL");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let told = "`Story.body` of Story(new #0) has no value, can't be NULL, and the database has no \
                default for it; set it";
    assert_eq!(error.to_string(), told);
    session[story].body = "b".into();
    // what may be NULL, and what has a default, is left to the database
    let draft = session.add(Draft { text: Deferred::default(), ..Draft::new("") });
    let given = session.add(Draft { data: Some(serde_json::json!([1])).into(), ..Draft::new("x") });
    session.flush()?;
    let log_of = statements(&log);
    assert!(log_of.iter().any(|sql| sql.starts_with(r#"INSERT INTO "magazines" ("name")"#)));
    assert!(session[magazine].cover.get().is_err() && session[draft].text.get().is_err());
    assert!(session[given].text.is_loaded());
    assert_eq!(session.load(magazine, Magazine.cover)?, &None);
    assert_eq!(session.load(draft, Draft.text)?, "empty");
    assert_eq!(session.load(draft, Draft.size)?, &3);
    assert_eq!(session.load(given, Draft.data)?, &Some(serde_json::json!([1])));
    session.commit()?;
    // without a row there is nothing to load
    let mut session = engine.session().autoflush(false);
    let draft = session.add(Draft { text: Deferred::default(), ..Draft::new("") });
    let error = session.load(draft, Draft.text).expect_err("no row");
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    let told =
        "`Draft.text` of Draft(new #0) has no value and can't be loaded: the object is pending";
    assert!(error.to_string().starts_with(told), "{error}");
    Ok(())
}

fn one_that_lost_its_value_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let story =
        session.query(Story).include(Story.body).order_by(Story.id).first()?.expect("there");
    session[story].body = Deferred::default();
    let log = engine.record();
    let error = session.flush().expect_err("no value");
    assert!(log.is_empty());
    let told = "`Story.body` of Story(1) was loaded, and has no value any more; give it one, or \
                leave it as it is";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidState, told));
    session[story].body = "again".into();
    session.commit()?;
    assert_eq!(stored(&engine)[0].1, "again");
    Ok(())
}

fn it_is_set_by_a_session_to_a_value_and_to_an_expression(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    session.set(stories[0], Story.body, "a value")?;
    assert_eq!(session[stories[0]].body.get()?, "a value");
    session.set(stories[1], Story.body, Story.title)?;
    assert!(session[stories[1]].body.get().is_err());
    session.set(stories[2], Story.notes, None)?;
    let log = engine.record();
    session.flush()?;
    assert!(statements(&log).iter().all(|sql| !sql.contains(r#""body","#)), "not brought back");
    assert!(session[stories[1]].body.get().is_err());
    assert_eq!(session.load(stories[1], Story.body)?, "b", "what the database made of it");
    assert_eq!(session[stories[2]].notes.get()?, &None);
    session.commit()?;
    let rows = stored(&engine);
    assert_eq!((rows[0].1.as_str(), rows[1].1.as_str()), ("a value", "b"));
    assert_eq!(rows[2].2, None);
    Ok(())
}

fn a_row_taken_over_keeps_what_is_not_said(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    session.add(Sheet::new("scan", "b", 1, "t"));
    session.add(Sheet::new("scan", "b", 2, "t"));
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let sheets = session.query(Sheet).order_by(Sheet.number).all()?;
    session.delete(sheets[0])?;
    session.delete(sheets[1])?;
    let new = Sheet { scan: Deferred::default(), ..Sheet::new("", "b", 1, "new") };
    let kept = session.add(new);
    let other = session.add(Sheet::new("other", "b", 2, "t"));
    let log = engine.record();
    session.commit()?;
    let log = statements(&log);
    assert!(log.iter().all(|sql| sql.starts_with("UPDATE")), "{log:?}");
    assert!(session[kept].scan.get().is_err());
    assert_eq!(session.load(kept, Sheet.scan)?, "scan");
    assert_eq!(session[other].scan.get()?, "other");
    let rows: Vec<(String, String)> =
        committed(&engine, text("SELECT scan, title FROM sheets ORDER BY number"));
    assert_eq!(rows, [("scan".into(), "new".into()), ("other".into(), "t".into())]);
    Ok(())
}

fn set_based_updates_set_it(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).include(Story.body).order_by(Story.id).all()?;
    session.commit()?;
    let log = engine.record();
    let rows = session
        .query(Story)
        .filter(Story.body.ne("body of c"))
        .update((Story.body.set("all"), Story.words.set(9)))?;
    assert_eq!(rows, 2);
    let log_of = statements(&log);
    assert!(log_of[0].ends_with(r#"RETURNING "stories"."id", "stories"."words""#), "{log_of:?}");
    assert!(session[stories[0]].body.get().is_err(), "not read back");
    assert_eq!(session[stories[0]].words, 9);
    assert_eq!(session[stories[2]].body.get()?, "body of c");
    assert_eq!(session.load(stories[1], Story.body)?, "all");
    session.query(Story).update(Story.body.set(Story.title))?;
    session.rollback()?;
    assert_eq!(session.load(stories[0], Story.body)?, "body of a", "as it was before");
    session.query(Story).filter(Story.id.eq(1)).update(Story.notes.set(None))?;
    session.commit()?;
    assert_eq!(stored(&engine)[0], ("a".into(), "body of a".into(), None));
    // what was changed here and is not flushed stays
    let mut session = engine.session().autoflush(false);
    let story = session.get(Story, 1)?.expect("there");
    session[story].body = "mine".into();
    session.query(Story).update(Story.body.set("theirs"))?;
    assert_eq!(session[story].body.get()?, "mine");
    session.commit()?;
    assert_eq!(stored(&engine)[0].1, "mine");
    Ok(())
}

fn versions_go_on_over_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    session.add(Sheet::new("scan", "b", 1, "t"));
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let sheet = session.get(Sheet, ("b", 1))?.expect("there");
    session[sheet].scan = "new".into();
    session.commit()?;
    assert_eq!(session[sheet].version, 2);
    run(&engine, &["UPDATE sheets SET version = 3, scan = 'theirs'"]);
    session[sheet].scan = "mine".into();
    let error = session.flush().expect_err("stale");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    assert_eq!(session.load(sheet, Sheet.scan)?, "new");
    session.refresh(sheet)?;
    assert_eq!((session[sheet].scan.get()?.as_str(), session[sheet].version), ("theirs", 3));
    Ok(())
}

fn what_is_known_of_it_is_shown(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let story = session.query(Story).order_by(Story.id).first()?.expect("there");
    session[story].body = "mine".into();
    let view = format!("{:#}", session.debug_view());
    assert!(view.contains("body: <not loaded> → \"mine\""), "{view}");
    let view = session.debug_view().to_string();
    assert!(view.contains("body changed") && !view.contains("mine"), "{view}");
    let history = session.history(story, Story.body)?;
    assert_eq!((history.before.as_deref(), history.now.as_deref()), (None, Some("mine")));
    assert!(history.is_changed());
    let shown = format!("{:?}", session[story]);
    assert!(shown.contains("body: \"mine\", ") && shown.contains("notes: <not loaded>"), "{shown}");
    Ok(())
}
