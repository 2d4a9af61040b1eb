//! What reads a deferred column, and by how many statements.

use super::*;
use crate::common::{run, statements};
use orm::ErrorKind;
use orm::Handle;
use orm::session::LoadMode;
use orm_test_support::on_each_database;

on_each_database!(
    a_select_leaves_it_out,
    an_include_reads_it_in_the_rows,
    an_include_reads_it_behind_relationships,
    a_joined_include_reads_it_in_the_rows,
    a_part_includes_it,
    streams_and_pages_include_it,
    a_load_is_one_statement_for_those_loaded_together,
    a_forbidden_load_says_what_to_include,
    objects_that_are_known_get_it_from_the_row,
    it_is_a_column_in_statements,
    keys_of_several_columns_behind_it,
    a_view_can_have_it,
    a_load_of_a_row_that_is_gone,
    a_watched_session_tells_of_its_loads,
    criteria_hold_for_rows_and_not_for_columns_of_known_objects,
);

type Done = orm::Result<()>;

const STORIES: &str =
    r#"SELECT "stories"."id", "stories"."title", "stories"."magazine_id", "stories"."words""#;

fn bodies(session: &Session, stories: &[Handle<Story>]) -> orm::Result<Vec<String>> {
    Ok(stories.iter().map(|&s| session[s].body.get().cloned()).collect::<Result<_, _>>()?)
}

fn a_select_leaves_it_out(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let story = session.query(Story).order_by(Story.id).first()?.expect("there");
    let log = statements(&log);
    let expected = format!(r#"{STORIES} FROM "stories" ORDER BY "stories"."id" LIMIT "#);
    assert!(log[0].starts_with(&expected), "{log:?}");
    let told = "`Story.body` is not loaded; read it with its row by `.include(Story.body)`, or later \
                by `session.load(handle, Story.body)`";
    let error = session[story].body.get().expect_err("not loaded");
    assert_eq!(error.to_string(), told);
    let error = orm::Error::from(error);
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotLoaded, told));
    assert!(!session[story].body.is_loaded());
    assert!(session[story].body.clone().into_value().is_err());
    let shown = format!("{:?}", session[story]);
    assert!(shown.contains("body: <not loaded>, "), "{shown}");
    let plain = select(Story).order_by(Story.id).all(&mut engine.connect()?)?;
    assert_eq!(plain[0].body.get().expect_err("not loaded").to_string(), told);
    assert_eq!((plain[0].title.as_str(), plain[0].words), ("a", 0));
    Ok(())
}

fn an_include_reads_it_in_the_rows(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let query = select(Story).include(Story.body).order_by(Story.id);
    let stories = query.all(&mut session)?;
    let expected = format!(r#"{STORIES}, "stories"."body" FROM "stories" ORDER BY "stories"."id""#);
    assert_eq!(statements(&log), [expected.as_str()]);
    assert_eq!(bodies(&session, &stories)?, ["body of a", "body of b", "body of c"]);
    assert!(session[stories[0]].notes.get().is_err(), "not asked for");
    let plain = query.all(&mut engine.connect()?)?;
    assert_eq!(statements(&log), [expected.as_str()]);
    assert_eq!(plain[2].body.get()?, "body of c");
    // in the order of the columns, whatever order they are asked for in
    let both = select(Story).include((Story.notes, Story.body)).include(Story.notes);
    let plain = both.order_by(Story.id).all(&mut engine.connect()?)?;
    let expected = format!(
        r#"{STORIES}, "stories"."body", "stories"."notes" FROM "stories" ORDER BY "stories"."id""#
    );
    assert_eq!(statements(&log), [expected]);
    assert_eq!(plain[1].body.get()?, "body of b");
    assert_eq!(plain[1].notes.get()?.as_deref(), Some("notes of b"));
    assert_eq!(plain[1].words, 0);
    let aliased = Story.alias("s");
    let one =
        select(aliased).filter(aliased.title.eq("a")).include(aliased.body).one(&mut session)?;
    assert_eq!(one, stories[0]);
    assert_eq!(session.query(Story).include(Story.body).count()?, 3);
    Ok(())
}

fn an_include_reads_it_behind_relationships(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let down = select(Magazine)
        .include((Magazine.cover, Magazine.stories.then((Story.body, Story.magazine))))
        .order_by(Magazine.id);
    let magazines = down.all(&mut session)?;
    let log_of = statements(&log);
    assert_eq!(log_of.len(), 2, "{log_of:?}");
    assert!(
        log_of[1].contains(r#", "stories"."words", "stories"."body" FROM "stories""#),
        "{log_of:?}"
    );
    let stories = session[magazines[0]].stories.get()?.to_vec();
    assert_eq!(bodies(&session, &stories)?, ["body of a", "body of b"]);
    assert_eq!(session[magazines[1]].cover.get()?.as_deref(), Some(&[1, 2][..]));
    let plain = down.all(&mut engine.connect()?)?;
    assert_eq!(statements(&log).len(), 3, "the magazines of the stories too");
    let story = &plain[0].stories.values()?[1];
    assert_eq!((story.body.get()?.as_str(), story.title.as_str()), ("body of b", "b"));
    assert_eq!(plain[0].cover.get()?.as_deref(), Some(&[1, 2][..]));
    let back = story.magazine.value()?;
    assert!(back.cover.get().is_err(), "the path through the stories does not name it");

    let up = select(Story).include(Story.magazine.then(Magazine.cover)).order_by(Story.id);
    let plain = up.all(&mut engine.connect()?)?;
    assert_eq!(statements(&log).len(), 2);
    let magazine = plain[2].magazine.value()?;
    assert_eq!(magazine.cover.get()?.as_deref(), Some(&[1, 2][..]));
    assert_eq!(magazine.name, "two");
    drop(session);
    let mut session = engine.session();
    let stories = up.all(&mut session)?;
    let log_of = statements(&log);
    assert_eq!(log_of.len(), 2, "{log_of:?}");
    assert!(log_of[1].contains(r#""magazines"."name", "magazines"."cover" FROM"#), "{log_of:?}");
    let magazine = session.load(stories[0], Story.magazine)?;
    assert!(session[magazine].cover.is_loaded());
    assert!(statements(&log).is_empty());
    Ok(())
}

fn a_joined_include_reads_it_in_the_rows(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let log = engine.record();
    let down = select(Magazine)
        .include((Magazine.cover, Magazine.stories.joined().then((Story.body, Story.notes))))
        .order_by(Magazine.id);
    let plain = down.all(&mut engine.connect()?)?;
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(plain.len(), 2);
    assert_eq!(plain[0].cover.get()?.as_deref(), Some(&[1, 2][..]));
    let story = &plain[0].stories.values()?[1];
    assert_eq!((story.title.as_str(), story.body.get()?.as_str()), ("b", "body of b"));
    assert_eq!(story.notes.get()?.as_deref(), Some("notes of b"));
    let mut session = engine.session();
    let magazines = down.all(&mut session)?;
    assert_eq!(statements(&log).len(), 1);
    let stories = session[magazines[0]].stories.get()?.to_vec();
    assert_eq!(bodies(&session, &stories)?, ["body of a", "body of b"]);
    assert!(session[magazines[1]].cover.is_loaded());

    let up = select(Story)
        .include((Story.body, Story.magazine.joined().then(Magazine.cover)))
        .order_by(Story.id);
    for story in up.all(&mut engine.connect()?)? {
        assert_eq!(story.body.get()?, &format!("body of {}", story.title));
        assert!(story.magazine.value()?.cover.is_loaded());
    }
    drop(session);
    let mut session = engine.session();
    let stories = up.all(&mut session)?;
    assert_eq!(statements(&log).len(), 2);
    assert_eq!(bodies(&session, &stories)?.len(), 3);
    let magazine = session.load(stories[2], Story.magazine)?;
    assert!(session[magazine].cover.is_loaded());
    assert!(statements(&log).is_empty());
    Ok(())
}

fn a_part_includes_it(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let first = Magazine.stories.order_by(Story.title.desc()).limit(1).include(Story.body);
    let all = Magazine.stories.filter(Story.words.eq(0)).include(Story.notes);
    let query = select((Magazine, first, all)).order_by(Magazine.id);
    let plain = query.all(&mut engine.connect()?)?;
    let (magazine, first, all) = &plain[0];
    assert_eq!((magazine.name.as_str(), magazine.cover.is_loaded()), ("one", false));
    assert_eq!(first[0].body.get()?, "body of b");
    assert!(first[0].notes.get().is_err() && all[0].body.get().is_err());
    assert_eq!(all[1].notes.get()?.as_deref(), Some("notes of b"));
    let mut session = engine.session();
    let log = engine.record();
    let tracked = query.all(&mut session)?;
    assert_eq!(statements(&log).len(), 3);
    assert_eq!(bodies(&session, &tracked[0].1)?, ["body of b"]);
    assert!(session[tracked[0].2[0]].notes.is_loaded());
    Ok(())
}

fn streams_and_pages_include_it(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let query = select(Story).include((Story.body, Story.magazine.then(Magazine.cover)));
    let query = query.order_by(Story.id);
    let mut rows = query.stream(&mut session)?;
    let mut seen = 0;
    while let Some(story) = rows.next(&mut session)? {
        assert_eq!(story.body.get()?, &format!("body of {}", story.title));
        assert!(story.magazine.value()?.cover.is_loaded());
        seen += 1;
    }
    assert_eq!(seen, 3);
    let mut pages = query.pages(&mut session, 2)?;
    while let Some(page) = pages.next(&mut session)? {
        assert_eq!(bodies(&session, &page)?.len(), page.len());
        seen -= page.len();
    }
    assert_eq!(seen, 0);
    Ok(())
}

fn a_load_is_one_statement_for_those_loaded_together(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let magazine = session.get(Magazine, 1)?.expect("there");
    let new: Vec<Story> = (0..1000).map(|n| Story::new(format!("s{n}"), "x", magazine)).collect();
    session.add_all(new);
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    let log = engine.record();
    for &story in &stories {
        let body: &String = session.load(story, Story.body)?;
        assert!(!body.is_empty());
    }
    let log_of = statements(&log);
    assert_eq!(log_of.len(), 2, "1,003 stories");
    let expected =
        r#"SELECT "stories"."id", "stories"."body" FROM "stories" WHERE "stories"."id" "#;
    assert!(log_of[0].starts_with(expected), "{}", log_of[0]);
    assert_eq!(session.load(stories[1], Story.notes)?.as_deref(), Some("notes of b"));
    assert_eq!(*session.load(stories[3], Story.notes)?, None);
    assert_eq!(statements(&log).len(), 1, "each column for itself, NULL is loaded too");
    assert!(session.dirty(Story).is_empty());
    Ok(())
}

fn a_forbidden_load_says_what_to_include(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let story = session.query(Story).order_by(Story.id).first()?.expect("there");
    let log = engine.record();
    let error = session.load(story, Story.body).expect_err("forbidden");
    let told = "`Story.body` is not loaded and loading is forbidden; write `.include(Story.body)` in \
                the query of `Story`";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotLoaded, told));
    session[story].body = "set".into();
    assert_eq!(session.load(story, Story.body)?, "set");
    assert!(log.is_empty());
    Ok(())
}

fn objects_that_are_known_get_it_from_the_row(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    session[stories[1]].title = "changed".into();
    session[stories[2]].body = "set".into();
    let mut session = session.autoflush(false);
    let log = engine.record();
    session.query(Story).include(Story.body).all()?;
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(bodies(&session, &stories)?, ["body of a", "body of b", "set"]);
    assert_eq!(session[stories[1]].title, "changed");
    let history = session.history(stories[2], Story.body)?;
    assert_eq!(history.before.as_deref(), Some("body of c"), "what the row has is known now");
    session[stories[2]].body.set("body of c");
    assert_eq!(session.dirty(Story), [stories[1]]);
    session.rollback()?;
    // behind a relationship whose objects are known: a statement of its own for those that lack it
    session.query(Magazine).all()?;
    statements(&log);
    session.query(Story).include(Story.magazine.then(Magazine.cover)).all()?;
    let log_of = statements(&log);
    assert_eq!(log_of.len(), 2, "{log_of:?}");
    assert!(log_of[1].starts_with(r#"SELECT "magazines"."id", "magazines"."cover" FROM"#));
    session.query(Story).include(Story.magazine.then(Magazine.cover)).all()?;
    assert_eq!(statements(&log).len(), 1);
    Ok(())
}

fn it_is_a_column_in_statements(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let found = session
        .query((Story.title, Story.body))
        .filter(Story.body.starts_with("body of ").and(Story.body.ne("body of a")))
        .filter(Story.notes.is_not_null())
        .order_by(Story.body.desc())
        .all()?;
    let expected = [("c", "body of c"), ("b", "body of b")];
    assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let last: Option<String> = session.query(max(Story.body)).one()?;
    assert_eq!(last.as_deref(), Some("body of c"));
    let per_body = session.query((Story.body, count(Story.notes))).group_by(Story.body).all()?;
    assert_eq!(per_body.len(), 3);
    let same = session.query(Story).filter(Story.body.eq(Story.body)).count()?;
    assert_eq!(same, 3);
    session.add(Draft { size: 7.into(), ..Draft::new("x") });
    let sums = session.query((Draft.size + 1, sum(Draft.size))).group_by(Draft.size).all()?;
    assert_eq!(sums, [(8, Some(7))]);
    let any = session.query(Magazine).filter(Magazine.stories.any(|s| s.body.eq("body of c")));
    assert_eq!({ any }.count()?, 1);
    let far = session
        .query((Magazine.name, Story.body.optional()))
        .left_join(Magazine.stories)
        .filter(Story.title.eq("a"))
        .all()?;
    assert_eq!(far, [("one".to_owned(), Some("body of a".to_owned()))]);
    Ok(())
}

fn keys_of_several_columns_behind_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    for number in [1, 2] {
        session.add(Sheet::new(format!("scan {number}"), "b", number, format!("t{number}")));
    }
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let log = engine.record();
    let sheets = session.query(Sheet).order_by(Sheet.number).all()?;
    assert_eq!(session[sheets[1]].title, "t2");
    assert_eq!(session.load(sheets[0], Sheet.scan)?, "scan 1");
    assert_eq!(session[sheets[1]].scan.get()?, "scan 2");
    assert_eq!(statements(&log).len(), 2);
    let one = session.get(Sheet, ("b", 1))?.expect("there");
    assert_eq!(one, sheets[0]);
    let found = session.query(Sheet).include(Sheet.scan).filter(Sheet.number.eq(2)).for_update();
    assert_eq!({ found }.one()?, sheets[1]);
    session[one].title = "changed".into();
    session.commit()?;
    assert_eq!(session[one].version, 2);
    Ok(())
}

fn a_view_can_have_it(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    run(&engine, &["UPDATE stories SET words = 101 WHERE title = 'b'"]);
    let mut session = engine.session();
    let story = session.query(LongStory).one()?;
    assert_eq!(session[story].title, "b");
    assert!(session[story].body.get().is_err());
    assert_eq!(session.load(story, LongStory.body)?, "body of b");
    session[story].body = "mine".into();
    let error = session.flush().expect_err("a view");
    assert!(error.to_string().contains("was changed"), "{error}");
    Ok(())
}

fn a_load_of_a_row_that_is_gone(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session();
    let stories = session.query(Story).order_by(Story.id).all()?;
    session.commit()?;
    run(&engine, &["DELETE FROM stories WHERE title = 'b'"]);
    assert_eq!(session.load(stories[0], Story.body)?, "body of a");
    assert!(session[stories[2]].body.is_loaded());
    let error = session.load(stories[1], Story.body).expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().starts_with("`Story.body` of Story(2)"), "{error}");
    assert!(error.to_string().contains("the row is gone"), "{error}");
    assert_eq!(session.state(stories[1])?, orm::State::Deleted);
    Ok(())
}

fn a_watched_session_tells_of_its_loads(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session = engine.session().watch_lazy_loads(10);
    for id in [1, 2] {
        let story = session.get(Story, id)?.expect("there");
        session.load(story, Story.body)?;
    }
    let loads = session.lazy_loads();
    let load = &loads[0];
    let told = (load.model, load.relationship, load.calls, load.statements);
    assert_eq!(told, ("Story", "body", 2, 2));
    assert!(load.to_string().contains("`.include(Story.body)`"), "{load}");
    Ok(())
}

fn criteria_hold_for_rows_and_not_for_columns_of_known_objects(db: &TestDatabase) -> Done {
    let engine = filled(db)?;
    let mut session =
        engine.session().criterion("short", Story, |story| story.body.ne("body of b"));
    let all = session.without_criteria(|session| session.query(Story).order_by(Story.id).all())?;
    let found = session.query(Story).include(Story.body).order_by(Story.id).all()?;
    assert_eq!(found, [all[0], all[2]]);
    assert!(session[all[1]].body.get().is_err());
    assert_eq!(session.load(all[1], Story.body)?, "body of b");
    let joined =
        select(Magazine).include((Magazine.cover, Magazine.stories.joined().then(Story.body)));
    let plain = joined.order_by(Magazine.id).all(&mut session)?;
    assert_eq!(session[plain[0]].stories.get()?, [all[0]]);
    Ok(())
}
