//! Versions on other ways than a plain change: rows taken over, written in parts, set-based updates,
//! locks, merged values.

use super::{Done, Moment, Page, Token, pages, ready, table};
use crate::setup::{committed, run};
use orm::engine::text;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    an_object_that_takes_over_a_row_goes_on_from_its_version,
    who_takes_over_second_is_told,
    rows_written_in_parts_get_one_version,
    a_deletion_behind_an_update_of_the_same_row_is_found,
    a_set_based_update_counts_on,
    a_set_based_update_does_not_pass_over_what_others_wrote,
    a_locked_row_that_another_changed_is_told,
    a_value_of_an_older_version_is_not_merged,
);

fn an_object_that_takes_over_a_row_goes_on_from_its_version(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    session[pages[0]].text.push('!');
    session.commit()?;
    session.delete(pages[0])?;
    let new = session.add(Page::new(1, "new"));
    session.flush()?;
    assert_eq!(session[new].version, 3);
    session.delete(new)?;
    let same = session.add(Page::new(1, "new"));
    session.commit()?;
    assert_eq!(session[same].version, 4, "replaced, though nothing else differs");
    assert_eq!(table(&engine), [(1, "new".to_owned(), 4)]);
    Ok(())
}

fn who_takes_over_second_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    run(&engine, &["UPDATE pages SET version = 2, text = 'theirs'"]);
    session.delete(pages[0])?;
    session.add(Page::new(1, "ours"));
    let error = session.flush().expect_err("the row is another one by now");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    assert_eq!(session[pages[0]].version, 1);
    assert_eq!(session.state(pages[0])?, State::Stale, "it is read again when it is asked for");
    assert_eq!(table(&engine), [(1, "theirs".to_owned(), 2)]);
    Ok(())
}

fn rows_written_in_parts_get_one_version(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 2)?;
    session[pages[0]].place = Some(1);
    session[pages[1]].place = Some(2);
    session.commit()?;
    // an exchange of unique values: one row is written twice
    let log = engine.record();
    session[pages[0]].place = Some(2);
    session[pages[1]].place = Some(1);
    session.commit()?;
    assert!(log.take().iter().filter(|sql| sql.starts_with("UPDATE")).count() > 1);
    assert_eq!(session[pages[0]].version, 3);
    assert_eq!(session[pages[1]].version, 3);
    let versions: Vec<(i32,)> = committed(&engine, text("SELECT version FROM pages"));
    assert_eq!(versions, [(3,), (3,)]);
    // a new ring is closed by an update of a row that was just inserted
    let ring = session.add(Page::new(7, "seven"));
    let next = session.add(Page { before: Some(ring.into()), ..Page::new(8, "eight") });
    session[ring].before = Some(next.into());
    session.commit()?;
    assert_eq!((session[ring].version, session[next].version), (1, 1));
    session[ring].text.push('!');
    session.commit()?;
    assert_eq!(session[ring].version, 2);
    Ok(())
}

fn a_deletion_behind_an_update_of_the_same_row_is_found(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 2)?;
    session[pages[0]].before = Some(pages[1].into());
    session[pages[1]].before = Some(pages[0].into());
    session.commit()?;
    let version = session[pages[0]].version;
    // a ring is opened by an update before its rows are deleted
    session.delete(pages[0])?;
    session.delete(pages[1])?;
    session.flush()?;
    session.rollback()?;
    assert_eq!(session[pages[0]].version, version);
    assert_eq!(session[pages[1]].version, version);
    session.delete(pages[0])?;
    session.delete(pages[1])?;
    session.commit()?;
    assert_eq!(table(&engine), []);
    Ok(())
}

fn a_set_based_update_counts_on(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 2)?;
    session[pages[1]].text.push('!');
    session.commit()?;
    session.query(Page).update(Page.text.set("all"))?;
    assert_eq!((session[pages[0]].version, session[pages[1]].version), (2, 3));
    session[pages[0]].text.push('!');
    session.commit()?;
    assert_eq!(table(&engine), [(1, "all!".to_owned(), 3), (2, "all".to_owned(), 3)]);
    let moment = session.add(Moment::new(1, "one"));
    let token = session.add(Token::new(1, "one"));
    session.commit()?;
    let (changed, tag) = (session[moment].changed, session[token].tag);
    session.query(Moment).update(Moment.text.set("two"))?;
    session.query(Token).update(Token.text.set("two"))?;
    assert_ne!(session[moment].changed, changed);
    assert_ne!(session[token].tag, tag);
    session[moment].text.push('!');
    session[token].text.push('!');
    session.commit()
}

fn a_set_based_update_does_not_pass_over_what_others_wrote(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    run(&engine, &["UPDATE pages SET version = 2, text = 'theirs'"]);
    session.query(Page).update(Page.place.set(7))?;
    assert_eq!(session[pages[0]].place, Some(7));
    assert_eq!(session[pages[0]].version, 1, "the rest is as it was read, and so is the version");
    session[pages[0]].text.push_str(", and ours");
    let error = session.commit().expect_err("others wrote the row since");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    assert_eq!(table(&engine), [(1, "theirs".to_owned(), 2)]);
    Ok(())
}

fn a_locked_row_that_another_changed_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 2)?;
    run(&engine, &["UPDATE pages SET version = 2, text = 'theirs' WHERE number = 1"]);
    session = session.autoflush(false);
    session[pages[0]].text = "ours".into();
    let error = session.get_for_update(Page, 1).expect_err("changed here and there");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(error.to_string().contains("Page(1)"), "{error}");
    session.rollback()?;
    session.get_for_update(Page, 1)?;
    assert_eq!(session[pages[0]].version, 2, "not changed here, it takes over what the row says");
    session[pages[1]].text = "ours".into();
    session.get_for_update(Page, 2)?;
    assert_eq!(session[pages[1]].text, "ours", "the row is as it was read");
    session.commit()
}

fn a_value_of_an_older_version_is_not_merged(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, pages) = pages(&engine, 1)?;
    let mut form = session.detached(pages[0])?;
    form.text = "from a form".into();
    let mut late = form.clone();
    late.text = "from a second one".into();
    session.merge(form)?;
    session.commit()?;
    assert_eq!(session[pages[0]].version, 2);
    let mut fresh = engine.session();
    let mut stale = engine.session();
    let known = stale.get(Page, 1)?.expect("there");
    stale.expire(known)?;
    for session in [&mut session, &mut fresh, &mut stale] {
        let error = session.merge(late.clone()).expect_err("the row is another one by now");
        assert_eq!(error.kind(), ErrorKind::Stale);
        assert!(error.to_string().contains("Page(1)"), "{error}");
        session.commit()?;
    }
    assert_eq!(table(&engine), [(1, "from a form".to_owned(), 2)]);
    late.version = 2;
    fresh.merge(late)?;
    fresh.commit()?;
    assert_eq!(table(&engine), [(1, "from a second one".to_owned(), 3)]);
    Ok(())
}
