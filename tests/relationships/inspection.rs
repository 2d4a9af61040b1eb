//! What a session tells of what is open in it: `added`, `dirty`, `deleted`, `is_modified`, `history`.

use crate::models::*;
use orm::State;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    objects_are_listed_by_what_the_next_flush_does_to_them,
    what_was_changed_back_is_not_dirty,
    the_history_of_a_column_is_what_the_row_holds_and_what_the_object_holds,
    the_history_of_relationships_tells_both_sides,
    a_rollback_empties_the_lists,
    asking_for_what_is_open_sends_nothing,
);

type Done = orm::Result<()>;

fn objects_are_listed_by_what_the_next_flush_does_to_them(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    assert!(session.added(Author).is_empty() && session.dirty(Author).is_empty());
    let ann = session.add(Author::new("Ann"));
    let bo = session.add(Author::new("Bo"));
    session.add(Tag::new("t"));
    assert_eq!(session.added(Author), [ann, bo]);
    assert!(session.is_modified(ann)?);
    session.flush()?;
    assert!(session.added(Author).is_empty());
    assert!(!session.is_modified(ann)?);
    session[bo].name = "Bob".into();
    session.delete(ann)?;
    assert_eq!(session.dirty(Author), [bo]);
    assert_eq!(session.deleted(Author), [ann]);
    assert!(session.is_modified(ann)? && session.is_modified(bo)?);
    assert!(session.dirty(Tag).is_empty());
    session.flush()?;
    assert!(session.dirty(Author).is_empty() && session.deleted(Author).is_empty());
    assert_eq!(session.state(ann)?, State::Deleted);
    assert!(!session.is_modified(ann)?);
    let mut other = engine.session();
    assert!(other.is_modified(bo).is_err(), "a handle of another session");
    assert!(other.history(bo, Author.name).is_err());
    Ok(())
}

fn what_was_changed_back_is_not_dirty(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann"));
    session.commit()?;
    session[ann].name.push('a');
    assert_eq!(session.dirty(Author), [ann]);
    session[ann].name.pop();
    assert!(session.dirty(Author).is_empty());
    assert!(!session.is_modified(ann)?);
    Ok(())
}

fn the_history_of_a_column_is_what_the_row_holds_and_what_the_object_holds(
    db: &TestDatabase,
) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann"));
    let name = session.history(ann, Author.name)?;
    assert_eq!((name.before, name.now.as_deref()), (None, Some("Ann")));
    assert_eq!(session.history(ann, Author.id)?.now, None, "the key is not known yet");
    session.flush()?;
    assert!(session.history(ann, Author.id)?.now.is_some());
    assert!(!session.history(ann, Author.name)?.is_changed());
    session[ann].name = "Anna".into();
    let name = session.history(ann, Author.name)?;
    assert_eq!((name.before.as_deref(), name.now.as_deref()), (Some("Ann"), Some("Anna")));
    assert!(name.is_changed());
    assert!(!session.history(ann, Author.id)?.is_changed());
    session.flush()?;
    assert!(!session.history(ann, Author.name)?.is_changed());
    Ok(())
}

fn the_history_of_relationships_tells_both_sides(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (ann, bo) = (session.add(Author::new("Ann")), session.add(Author::new("Bo")));
    let one = session.add(Article::new("one", ann));
    let tag = session.add(Tag::new("t"));
    session.commit()?;
    session.load(ann, Author.articles)?;
    session.load(bo, Author.articles)?;
    session[one].author = bo.into();
    let author = session.history(one, Article.author)?;
    assert_eq!((author.before, author.now), (Some(ann), Some(bo)));
    let of_ann = session.history(ann, Author.articles)?;
    assert_eq!((of_ann.before, of_ann.now), (Some(vec![one]), Some(vec![])));
    let of_bo = session.history(bo, Author.articles)?;
    assert_eq!((of_bo.before, of_bo.now), (Some(vec![]), Some(vec![one])));
    let mut fresh = engine.session();
    let same = fresh.query(Article).one()?;
    assert_eq!(fresh.history(same, Article.tags)?.now, None, "not loaded");
    session.load(one, Article.tags)?;
    session.link(one, Article.tags, tag)?;
    assert_eq!(session.history(one, Article.tags)?.now, Some(vec![tag]));
    session.rollback()?;
    assert_eq!(session.history(one, Article.author)?.now, Some(ann));
    Ok(())
}

fn a_rollback_empties_the_lists(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann"));
    session.commit()?;
    session[ann].name = "Anna".into();
    session.add(Author::new("Bo"));
    session.rollback()?;
    assert!(session.added(Author).is_empty() && session.dirty(Author).is_empty());
    session.delete(ann)?;
    session.rollback()?;
    assert!(session.deleted(Author).is_empty());
    Ok(())
}

fn asking_for_what_is_open_sends_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann"));
    session.commit()?;
    let log = engine.record();
    session[ann].name = "Anna".into();
    session.dirty(Author);
    session.history(ann, Author.articles)?;
    session.is_modified(ann)?;
    assert!(log.is_empty() && !session.in_transaction());
    Ok(())
}
