//! Objects that leave a session: `expunge`, `clear`, and handles of what is not there any more.

use crate::common::panic_of;
use crate::models::*;
use orm::prelude::*;
use orm::session::Gone;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    an_expunged_object_is_gone_and_its_row_stays,
    expunge_takes_along_what_its_collections_say,
    an_expunged_pending_object_is_never_inserted,
    references_to_an_expunged_object_still_find_its_row,
    a_collection_of_an_expunged_object_is_read_again,
    a_rollback_does_not_bring_back_what_was_expunged,
    a_rollback_does_not_bring_an_expunged_object_back_into_a_collection,
    what_a_rollback_points_to_again_is_the_row_of_an_expunged_object,
    clear_takes_everything_out_and_the_transaction_goes_on,
    a_handle_of_before_clear_reaches_nothing,
    a_copy_of_before_clear_points_to_rows_by_key,
    a_session_that_streams_and_clears_does_not_grow,
);

type Done = orm::Result<()>;

fn blog(db: &TestDatabase) -> orm::Result<(Engine, Session, Handle<Author>, Handle<Article>)> {
    let engine = ready(db);
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann"));
    session.add(Article::new("one", ann));
    session.commit()?;
    // of objects just added collections are known
    let mut session = engine.session();
    let (ann, one) = (session.query(Author).one()?, session.query(Article).one()?);
    session.commit()?;
    Ok((engine, session, ann, one))
}

fn an_expunged_object_is_gone_and_its_row_stays(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, _) = blog(db)?;
    session[ann].name = "never written".into();
    session.expunge(ann)?;
    assert_eq!(session.state(ann)?, State::Gone(Gone::Expunged));
    assert!(panic_of(|| session[ann].name.len()).contains("expunged"));
    assert_eq!(session.expunge(ann).expect_err("gone").kind(), ErrorKind::Closed);
    assert_eq!(session.delete(ann).expect_err("gone").kind(), ErrorKind::Closed);
    let again = session.get(Author, 1)?.expect("its row is there");
    assert_ne!(again, ann);
    assert_eq!(session[again].name, "Ann");
    session.delete(again)?;
    session.expunge(again)?;
    session.commit()?;
    assert_eq!(engine.session().query(Author).count()?, 1, "not deleted any more");
    Ok(())
}

fn expunge_takes_along_what_its_collections_say(db: &TestDatabase) -> Done {
    let (_, mut session, ann, one) = blog(db)?;
    session.load(ann, Author.articles)?;
    session.expunge(ann)?;
    assert_eq!(session.state(one)?, State::Gone(Gone::Expunged), "cascade(all)");
    let shelf = session.add(Shelf::new("s"));
    let book = session.push(shelf, Shelf.books, Book::new("b"))?;
    session.commit()?;
    session.load(shelf, Shelf.books)?;
    session.expunge(shelf)?;
    assert_eq!(session.state(book)?, State::Persistent, "nothing said");
    session[book].title = "written".into();
    session.commit()?;
    let shelf = session.load(book, Book.shelf)?.expect("still on it");
    assert_eq!(session[shelf].name, "s");
    Ok(())
}

fn an_expunged_pending_object_is_never_inserted(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let shelf = session.add(Shelf::new("s"));
    let book = session.push(shelf, Shelf.books, Book::new("b"))?;
    let kept = session.push(shelf, Shelf.books, Book::new("c"))?;
    session.expunge(book)?;
    assert_eq!(session[shelf].books.get()?, [kept]);
    session.commit()?;
    assert_eq!(session.query(Book).all()?, [kept]);
    Ok(())
}

fn references_to_an_expunged_object_still_find_its_row(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session.load(one, Article.author)?;
    session.expunge(ann)?;
    let log = engine.record();
    session.flush()?;
    assert!(log.is_empty(), "nothing changed");
    session[one].title = "uno".into();
    session.commit()?;
    let again = session.load(one, Article.author)?;
    assert_eq!(session[again].name, "Ann");
    assert!(session[one].author == again);
    assert_eq!(session.load(again, Author.articles)?, [one]);
    Ok(())
}

fn a_collection_of_an_expunged_object_is_read_again(db: &TestDatabase) -> Done {
    let (_, mut session, ann, one) = blog(db)?;
    let tag = session.add(Tag::new("t"));
    session.link(one, Article.tags, tag)?;
    session.commit()?;
    session.load(ann, Author.articles)?;
    session.load(one, Article.tags)?;
    session.expunge(tag)?;
    assert!(session[one].tags.get().is_err(), "not all there is any more");
    session.commit()?;
    let tags = session.load(one, Article.tags)?;
    assert_eq!(tags.len(), 1, "its link is still there");
    session.expunge(one)?;
    assert!(session[ann].articles.get().is_err());
    session.commit()?;
    assert_eq!(session.load(ann, Author.articles)?.len(), 1);
    Ok(())
}

fn a_rollback_does_not_bring_back_what_was_expunged(db: &TestDatabase) -> Done {
    let (_, mut session, ann, _) = blog(db)?;
    session[ann].name = "flushed".into();
    session.flush()?;
    let bo = session.add(Author::new("Bo"));
    session.flush()?;
    session.expunge(ann)?;
    session.expunge(bo)?;
    session.rollback()?;
    for author in [ann, bo] {
        assert_eq!(session.state(author)?, State::Gone(Gone::Expunged));
        assert!(session.take(author).is_err());
    }
    let again = session.query(Author).one()?;
    assert_eq!(session[again].name, "Ann");
    assert_ne!(again, ann);
    Ok(())
}

fn a_rollback_does_not_bring_an_expunged_object_back_into_a_collection(db: &TestDatabase) -> Done {
    let (_, mut session, ann, one) = blog(db)?;
    session.load(ann, Author.articles)?;
    session.commit()?;
    session.unlink(ann, Author.articles, one)?;
    session.expunge(one)?;
    session.rollback()?;
    let articles = session.load(ann, Author.articles)?;
    assert_eq!(articles.len(), 1);
    assert_eq!(session[articles[0]].title, "one");
    Ok(())
}

fn clear_takes_everything_out_and_the_transaction_goes_on(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, _) = blog(db)?;
    session[ann].name = "flushed".into();
    session.flush()?;
    session[ann].name = "never written".into();
    session.add(Author::new("never inserted"));
    session.clear();
    assert!(session.in_transaction());
    session.commit()?;
    let names: Vec<String> = engine.session().query(Author.name).all()?;
    assert_eq!(names, ["flushed"]);
    let again = session.query(Author).one()?;
    session[again].name = "Ann".into();
    session.flush()?;
    session
        .savepoint(|session| {
            session.clear();
            let again = session.query(Author).one()?;
            session[again].name = "inside".into();
            session.flush()?;
            Err::<(), _>(orm::Error::custom("undo"))
        })
        .expect_err("undone");
    let again = session.query(Author).one()?;
    session.refresh(again)?;
    assert_eq!(session[again].name, "Ann");
    session.rollback()?;
    session.refresh(again)?;
    assert_eq!(session[again].name, "flushed");
    Ok(())
}

fn a_handle_of_before_clear_reaches_nothing(db: &TestDatabase) -> Done {
    let (_, mut session, ann, one) = blog(db)?;
    session.clear();
    // another object takes the place
    let bo = session.add(Author::new("Bo"));
    let two = session.add(Article::new("two", bo));
    assert_ne!(ann, bo);
    assert_eq!(session.state(ann)?, State::Gone(Gone::Cleared));
    assert!(panic_of(|| session[ann].name.len()).contains("cleared"));
    assert!(session.try_get_mut(ann).is_err() && !session.contains(ann));
    for error in [
        session.delete(ann).expect_err("cleared"),
        session.expire(ann).expect_err("cleared"),
        session.refresh(ann).expect_err("cleared"),
        session.expunge(ann).expect_err("cleared"),
        session.load(ann, Author.articles).expect_err("cleared"),
        session.link(bo, Author.articles, one).expect_err("cleared"),
        session.push(ann, Author.articles, article("x")).expect_err("cleared"),
        session.take(ann).expect_err("cleared"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        assert!(error.to_string().contains("cleared"), "{error}");
    }
    let error = session.query(Article).filter(Article.author.eq(ann)).all().expect_err("cleared");
    assert!(error.to_string().contains("cleared"), "{error}");
    session[bo].articles.push(one);
    let error = session.flush().expect_err("a handle of before");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    session.rollback()?;
    let bo = session.add(Author::new("Bo"));
    assert!(session.try_get(two).is_err());
    session.add(Article::new("three", ann));
    let error = session.flush().expect_err("a handle of before");
    assert!(error.to_string().contains("cleared"), "{error}");
    session.rollback()?;
    assert!(session.try_get(bo).is_err());
    Ok(())
}

fn a_copy_of_before_clear_points_to_rows_by_key(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    let copy = Article { id: Auto::Unset, title: "copy".into(), ..session[one].clone() };
    session.clear();
    session.add(Author::new("in its place"));
    let copy = session.add(copy);
    session.commit()?;
    let author = session.load(copy, Article.author)?;
    assert_eq!(session[author].name, "Ann");
    assert!(session.try_get(ann).is_err());
    assert_eq!(engine.session().query(Article).count()?, 2);
    Ok(())
}

fn a_session_that_streams_and_clears_does_not_grow(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add_all((0..100).map(|n| Shelf::new(n.to_string())));
    session.commit()?;
    session.clear();
    let mut places = Vec::new();
    for _ in 0..50 {
        let shelves = session.query(Shelf).order_by(Shelf.id).all()?;
        places.push(format!("{:?}", shelves.last()));
        session.clear();
    }
    places.dedup();
    assert_eq!(places.len(), 1, "the same places each time: {places:?}");
    assert!(format!("{session:?}").contains("objects: 0"), "{session:?}");
    Ok(())
}

fn what_a_rollback_points_to_again_is_the_row_of_an_expunged_object(db: &TestDatabase) -> Done {
    let engine = ready(db);
    engine.transaction(|session| {
        let shelf = session.add(Shelf::new("s"));
        session.push(shelf, Shelf.books, Book::new("b")).map(drop)
    })?;
    for flushed in [false, true] {
        let mut session = engine.session();
        let (shelf, book) = (session.query(Shelf).one()?, session.query(Book).one()?);
        session.commit()?;
        session.set(book, Book.shelf, None::<Handle<Shelf>>)?;
        if flushed {
            session.flush()?;
        }
        session.expunge(shelf)?;
        session.rollback()?;
        let again = session.load(book, Book.shelf)?.expect("it is on it again");
        assert_ne!(again, shelf);
        assert!(session[book].shelf == again, "flushed: {flushed}");
        assert_eq!(session[again].name, "s");
        session[book].title.push('!');
        session.commit()?;
    }
    Ok(())
}
