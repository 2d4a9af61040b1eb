//! Versions: a row changed by another session since it was read is not overwritten.

use crate::setup::{committed, run, statements};
use chrono::{DateTime, Utc};
use orm::engine::text;
use orm::prelude::*;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

mod paths;
mod system;

on_each_database!(
    a_new_row_has_the_first_version_and_a_changed_one_the_next,
    what_did_not_change_keeps_its_version,
    a_change_finds_its_row_by_the_version,
    who_changes_second_is_told,
    who_deletes_second_is_told,
    a_row_that_sql_text_changed_is_told_as_that,
    the_objects_of_a_batch_that_are_stale_are_named,
    a_rollback_gives_the_version_back,
    a_savepoint_gives_the_version_back,
    moments_and_random_versions,
    a_version_changed_by_hand_is_told_before_sql,
    a_new_object_keeps_the_version_it_was_given,
    nothing_is_lost_between_two_that_try_again,
    a_version_of_a_key_of_several_columns,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "pages")]
struct Page {
    #[orm(primary_key)]
    number: i64,
    text: String,
    #[orm(version)]
    version: i32,
    #[orm(unique)]
    place: Option<i32>,
    before: Option<Ref<Page>>,
    #[orm(back_populates = page)]
    notes: Many<Note>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "notes")]
struct Note {
    #[orm(primary_key)]
    id: Auto<i64>,
    text: String,
    page: Ref<Page>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "moments")]
struct Moment {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(version)]
    changed: DateTime<Utc>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tokens")]
struct Token {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(version, column = "etag")]
    tag: uuid::Uuid,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "cells")]
struct Cell {
    #[orm(primary_key)]
    x: i32,
    #[orm(primary_key)]
    y: String,
    text: String,
    #[orm(version)]
    version: i64,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Page, Note, Moment, Token, Cell));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

/// Pages that are committed, with a session that read them.
fn pages(engine: &Engine, count: i64) -> orm::Result<(Session, Vec<Handle<Page>>)> {
    let mut session = engine.session();
    let pages =
        session.add_all((1..=count).map(|number| Page::new(number, format!("page {number}"))));
    session.commit()?;
    Ok((session, pages))
}

/// What the table holds: numbers, texts, versions.
fn table(engine: &Engine) -> Vec<(i64, String, i32)> {
    committed(engine, text("SELECT number, text, version FROM pages ORDER BY number"))
}

fn a_new_row_has_the_first_version_and_a_changed_one_the_next(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    assert_eq!(Page::new(1, "one").version, 1);
    let (mut session, pages) = pages(&engine, 1)?;
    assert_eq!(session[pages[0]].version, 1);
    session[pages[0]].text.push('!');
    assert_eq!(session[pages[0]].version, 1, "not written yet");
    session.flush()?;
    assert_eq!(session[pages[0]].version, 2);
    session[pages[0]].text.push('!');
    session.commit()?;
    assert_eq!(session[pages[0]].version, 3);
    assert_eq!(table(&engine), [(1, "page 1!!".to_owned(), 3)]);
    session.delete(pages[0])?;
    session.commit()?;
    assert_eq!(table(&engine), []);
    Ok(())
}

fn what_did_not_change_keeps_its_version(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    session[pages[0]].text.push('!');
    session[pages[0]].text.pop();
    session.push(pages[0], Page.notes, Note::new("a note", Ref::unset()))?;
    session.commit()?;
    assert_eq!(session[pages[0]].version, 1);
    assert_eq!(table(&engine), [(1, "page 1".to_owned(), 1)]);
    Ok(())
}

fn a_change_finds_its_row_by_the_version(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 2)?;
    let log = engine.record();
    for &page in &pages {
        session[page].text.push('!');
    }
    session.commit()?;
    session.delete(pages[0])?;
    session.delete(pages[1])?;
    session.commit()?;
    let sent: Vec<String> =
        statements(&log).into_iter().filter(|sql| sql.contains("\"version\"")).collect();
    let expected: [&str; 2] = if engine.dialect().features.unnest {
        [
            "UPDATE \"pages\" SET \"text\" = v.c3, \"version\" = v.c4 FROM unnest($1::BIGINT[], \
             $2::INTEGER[], $3::TEXT[], $4::INTEGER[]) AS v(c1, c2, c3, c4) WHERE \
             \"pages\".\"number\" = v.c1 AND \"pages\".\"version\" = v.c2",
            "DELETE FROM \"pages\" USING unnest($1::BIGINT[], $2::INTEGER[]) AS v(c1, c2) WHERE \
             \"pages\".\"number\" = v.c1 AND \"pages\".\"version\" = v.c2",
        ]
    } else {
        [
            "UPDATE \"pages\" SET \"text\" = ?3, \"version\" = ?4 WHERE \"pages\".\"number\" = ?1 \
             AND \"pages\".\"version\" = ?2",
            "DELETE FROM \"pages\" WHERE \"pages\".\"number\" = ?1 AND \"pages\".\"version\" = ?2",
        ]
    };
    assert_eq!(sent, expected);
    Ok(())
}

fn who_changes_second_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    let mut other = engine.session();
    let same = other.get(Page, 1)?.expect("committed");
    other[same].text = "theirs".into();
    other.commit()?;

    session[pages[0]].text = "ours".into();
    let error = session.commit().expect_err("it was read before");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let message = error.to_string();
    let told = " for Page(1): what was read has been changed or deleted since";
    assert!(message.contains(told), "{message}");
    session.rollback()?;
    assert_eq!(session[pages[0]].version, 1, "as it was read");
    assert_eq!(session[pages[0]].text, "page 1");
    assert_eq!(table(&engine), [(1, "theirs".to_owned(), 2)], "theirs is kept");

    session.refresh(pages[0])?;
    session[pages[0]].text.push_str(", and ours");
    session.commit()?;
    assert_eq!(table(&engine), [(1, "theirs, and ours".to_owned(), 3)]);
    Ok(())
}

fn who_deletes_second_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 2)?;
    run(&engine, &["UPDATE pages SET version = 2, text = 'theirs' WHERE number = 2"]);
    session.delete(pages[0])?;
    session.delete(pages[1])?;
    let error = session.commit().expect_err("it was read before");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let message = error.to_string();
    assert!(message.contains(" for Page(2):"), "{message}");
    session.rollback()?;
    assert_eq!(session.state(pages[1])?, State::Stale, "it is read again when it is asked for");
    assert_eq!(table(&engine).len(), 2);
    Ok(())
}

/// The same transaction changed the row behind the session's back: no other one, and no trigger.
fn a_row_that_sql_text_changed_is_told_as_that(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    session.execute(text("UPDATE pages SET version = 7 WHERE number = 1"))?;
    session[pages[0]].text = "ours".into();
    let error = session.flush().expect_err("of another version by now");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let message = error.to_string();
    assert!(message.contains("no row of `pages` was updated for Page(1)"), "{message}");
    assert!(message.contains("SQL text in"), "{message}");
    session.rollback()?;
    session.execute(text("UPDATE pages SET version = 7 WHERE number = 1"))?;
    session.refresh(pages[0])?;
    session[pages[0]].text = "ours".into();
    session.commit()?;
    assert_eq!(table(&engine), [(1, "ours".to_owned(), 8)]);
    Ok(())
}

fn the_objects_of_a_batch_that_are_stale_are_named(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 5)?;
    run(
        &engine,
        &["UPDATE pages SET version = 2 WHERE number = 2", "DELETE FROM pages WHERE number = 4"],
    );
    for &page in &pages {
        session[page].text.push('!');
    }
    let error = session.flush().expect_err("two of them are stale");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let message = error.to_string();
    assert!(message.contains(" for Page(2), Page(4):"), "{message}");
    let error = session.flush().expect_err("until the rollback");
    assert_eq!(error.kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    let written = |(_, text, _): &(i64, String, i32)| text.ends_with('!');
    assert!(!table(&engine).iter().any(written), "nothing is written");
    session
        .savepoint(|session| {
            for &page in &pages[..3] {
                session[page].text.push('?');
            }
            let message = session.flush().expect_err("one is stale").to_string();
            assert!(message.contains(" for Page(2):"), "{message}");
            Ok(())
        })
        .expect_err("the session failed inside");
    assert_eq!(session[pages[0]].version, 1);
    session[pages[0]].text.push('!');
    session.commit()?;
    assert_eq!(table(&engine)[0], (1, "page 1!".to_owned(), 2));
    Ok(())
}

fn a_rollback_gives_the_version_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    for _ in 0..3 {
        session[pages[0]].text.push('!');
        session.flush()?;
    }
    assert_eq!(session[pages[0]].version, 4);
    session.rollback()?;
    assert_eq!(session[pages[0]].version, 1);
    session[pages[0]].text.push('?');
    session.commit()?;
    assert_eq!(table(&engine), [(1, "page 1?".to_owned(), 2)]);
    Ok(())
}

fn a_savepoint_gives_the_version_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    session[pages[0]].text.push('!');
    session.flush()?;
    let undone: orm::Result<()> = session.savepoint(|session| {
        session[pages[0]].text.push('!');
        session.flush()?;
        assert_eq!(session[pages[0]].version, 3);
        Err(orm::Error::new(ErrorKind::InvalidState, "undo it"))
    });
    undone.expect_err("undone");
    assert_eq!(session[pages[0]].version, 2);
    session[pages[0]].text.push('?');
    session.commit()?;
    assert_eq!(table(&engine), [(1, "page 1!?".to_owned(), 3)]);
    Ok(())
}

fn moments_and_random_versions(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let moment = session.add(Moment::new(1, "one"));
    let token = session.add(Token::new(1, "one"));
    session.commit()?;
    for change in ["two", "three"] {
        let (changed, tag) = (session[moment].changed, session[token].tag);
        session[moment].text = change.into();
        session[token].text = change.into();
        session.commit()?;
        assert!(session[moment].changed > changed, "later, however quick");
        assert_ne!(session[token].tag, tag);
        let mut other = engine.session();
        let (same, alike) =
            (other.get(Moment, 1)?.expect("there"), other.get(Token, 1)?.expect("there"));
        assert_eq!(other[same].changed, session[moment].changed);
        assert_eq!(other[alike].tag, session[token].tag);
    }
    let mut other = engine.session();
    let (same, alike) =
        (other.get(Moment, 1)?.expect("there"), other.get(Token, 1)?.expect("there"));
    other[same].text = "theirs".into();
    other[alike].text = "theirs".into();
    other.commit()?;
    session[moment].text = "ours".into();
    assert_eq!(session.flush().expect_err("stale").kind(), ErrorKind::Stale);
    session.rollback()?;
    session.delete(token)?;
    assert_eq!(session.flush().expect_err("stale").kind(), ErrorKind::Stale);
    Ok(())
}

fn a_version_changed_by_hand_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    let log = engine.record();
    session[pages[0]].version = 7;
    let error = session.flush().expect_err("it is not the program's to write");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let message = error.to_string();
    assert!(message.contains("`Page.version` of Page(1) was changed by hand"), "{message}");
    assert!(log.is_empty());
    session[pages[0]].version = 1;
    session[pages[0]].text.push('!');
    session.commit()?;
    assert_eq!(session[pages[0]].version, 2);
    Ok(())
}

fn a_new_object_keeps_the_version_it_was_given(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let page = session.add(Page { version: 41, ..Page::new(1, "from elsewhere") });
    session.commit()?;
    session[page].text.push('!');
    session.commit()?;
    assert_eq!(table(&engine), [(1, "from elsewhere!".to_owned(), 42)]);
    Ok(())
}

fn nothing_is_lost_between_two_that_try_again(db: &TestDatabase) -> Done {
    const TIMES: usize = 15;
    let engine = ready(db)?;
    pages(&engine, 1)?;
    let threads: Vec<_> = ["a", "b"]
        .map(|letter| {
            let engine = engine.clone();
            std::thread::spawn(move || -> orm::Result<usize> {
                let (mut done, mut refused) = (0, 0);
                while done < TIMES {
                    let changed = engine.transaction(|session| {
                        let page = session.get(Page, 1)?.expect("there");
                        session[page].text.push_str(letter);
                        Ok(())
                    });
                    match changed {
                        Ok(()) => done += 1,
                        Err(error)
                            if matches!(
                                error.kind(),
                                ErrorKind::Stale | ErrorKind::SerializationFailure
                            ) =>
                        {
                            refused += 1;
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(refused)
            })
        })
        .into_iter()
        .collect();
    for thread in threads {
        thread.join().expect("no panic")?;
    }
    let (_, text, version) = &table(&engine)[0];
    assert_eq!(text.len(), "page 1".len() + 2 * TIMES);
    assert_eq!(*version, 1 + 2 * i32::try_from(TIMES).expect("few"));
    Ok(())
}

fn a_version_of_a_key_of_several_columns(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let cells = session.add_all((1..=3).map(|x| Cell::new(x, "a", "text")));
    session.commit()?;
    run(&engine, &["UPDATE cells SET version = 9 WHERE x = 2"]);
    for &cell in &cells {
        session[cell].text.push('!');
    }
    let message = session.flush().expect_err("one is stale").to_string();
    assert!(message.contains(" for Cell(2, text):"), "{message}");
    session.rollback()?;
    session.delete(cells[0])?;
    session[cells[2]].text.push('!');
    session.commit()?;
    assert_eq!(session[cells[2]].version, 2);
    Ok(())
}
