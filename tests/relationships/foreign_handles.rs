//! Handles of what a session does not have: of another session, of an object that is gone, of before
//! `clear`. Whatever is called with one, it reaches no other object.
//!
//! Each session has other objects at the places that the handles name.

use crate::common::{committed, panic_of};
use crate::models::*;
use orm::prelude::*;
use orm::{Error, ErrorKind, Handle};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(a_handle_of_nothing_reaches_nothing_by_any_call);

type Done = orm::Result<()>;
type Call = fn(&mut Session, Handle<Shelf>, Handle<Book>) -> Result<String, Error>;

/// What each call does with handles that are of nothing, and what it reached if it did not refuse them.
const CALLS: &[(&str, Call)] = &[
    ("try_get", |session, shelf, _| session.try_get(shelf).map(|it| it.name.clone())),
    ("try_get_mut", |session, shelf, _| session.try_get_mut(shelf).map(|it| it.name.clone())),
    ("get_disjoint_mut", |session, shelf, _| {
        session.get_disjoint_mut([shelf]).map(|[it]| it.name.clone())
    }),
    ("get_disjoint_mut of both", |session, shelf, _| {
        let own = session.query(Shelf).first()?.expect("one of its own");
        session.get_disjoint_mut([own, shelf]).map(|[_, it]| it.name.clone())
    }),
    ("delete", |session, shelf, _| session.delete(shelf).map(|()| "deleted".into())),
    ("expunge", |session, shelf, _| session.expunge(shelf).map(|()| "expunged".into())),
    ("expire", |session, shelf, _| session.expire(shelf).map(|()| "expired".into())),
    ("refresh", |session, shelf, _| session.refresh(shelf).map(|()| "refreshed".into())),
    ("detached", |session, shelf, _| session.detached(shelf).map(|it| it.name)),
    ("history", |session, shelf, _| {
        session.history(shelf, Shelf.name).map(|it| format!("{:?}", it.before))
    }),
    ("load of a collection", |session, shelf, _| {
        session.load(shelf, Shelf.books).map(|it| format!("{it:?}"))
    }),
    ("load of a reference", |session, _, book| {
        session.load(book, Book.shelf).map(|it| format!("{it:?}"))
    }),
    ("an accessor", |session, shelf, _| shelf.books(session).map(|it| format!("{it:?}"))),
    ("set of a column", |session, shelf, _| {
        session.set(shelf, Shelf.name, "set").map(|()| "set".into())
    }),
    ("set of a column to an expression", |session, shelf, _| {
        session.set(shelf, Shelf.name, Shelf.name).map(|()| "set".into())
    }),
    ("set of a reference, to it", |session, shelf, _| {
        let own = session.query(Book).first()?.expect("one of its own");
        session.set(own, Book.shelf, shelf).map(|()| "set".into())
    }),
    ("set of a reference, of it", |session, _, book| {
        let own = session.query(Shelf).first()?.expect("one of its own");
        session.set(book, Book.shelf, own).map(|()| "set".into())
    }),
    ("push to it", |session, shelf, _| {
        session.push(shelf, Shelf.books, Book::new("new")).map(|it| format!("{it:?}"))
    }),
    ("push of it", |session, _, book| {
        let own = session.query(Shelf).first()?.expect("one of its own");
        session.push(own, Shelf.books, book).map(|it| format!("{it:?}"))
    }),
    ("link to it", |session, shelf, _| {
        let own = session.query(Book).first()?.expect("one of its own");
        session.link(shelf, Shelf.books, own).map(|()| "linked".into())
    }),
    ("link of it", |session, _, book| {
        let own = session.query(Shelf).first()?.expect("one of its own");
        session.link(own, Shelf.books, book).map(|()| "linked".into())
    }),
    ("unlink from it", |session, shelf, _| {
        let own = session.query(Book).first()?.expect("one of its own");
        session.unlink(shelf, Shelf.books, own).map(|()| "unlinked".into())
    }),
    ("unlink of it", |session, _, book| {
        let own = session.query(Shelf).first()?.expect("one of its own");
        session.unlink(own, Shelf.books, book).map(|()| "unlinked".into())
    }),
    ("a field that points to it", |session, shelf, _| {
        let own = session.query(Book).first()?.expect("one of its own");
        session[own].shelf = Some(shelf.into());
        session.flush().map(|()| "flushed".into())
    }),
    ("a collection that it is put into", |session, _, book| {
        let own = session.query(Shelf).first()?.expect("one of its own");
        session[own].books.push(book);
        session.flush().map(|()| "flushed".into())
    }),
    ("a new object that points to it", |session, shelf, _| {
        session.add(Book { shelf: Some(shelf.into()), ..Book::new("new") });
        session.flush().map(|()| "flushed".into())
    }),
    ("a new object that holds it", |session, _, book| {
        session.add(Shelf { books: [book].into(), ..Shelf::new("new") });
        session.flush().map(|()| "flushed".into())
    }),
    ("merge of a value that points to it", |session, shelf, _| {
        let value = Book { shelf: Some(shelf.into()), ..Book::new("new") };
        session.merge(value).map(|it| format!("{it:?}"))
    }),
    ("merge of a value that holds it", |session, _, book| {
        let value = Shelf { books: [book].into(), ..Shelf::new("new") };
        session.merge(value).map(|it| format!("{it:?}"))
    }),
    ("a condition", |session, shelf, _| {
        let found = session.query(Book).filter(Book.shelf.eq(shelf)).all()?;
        Ok(format!("{found:?}"))
    }),
    ("a condition of several", |session, shelf, _| {
        let found = session.query(Book).filter(Book.shelf.in_([shelf])).all()?;
        Ok(format!("{found:?}"))
    }),
    ("a set-based update", |session, shelf, _| {
        session.query(Book).update(Book.shelf.set(shelf)).map(|it| it.to_string())
    }),
];

/// A session with a shelf and a book of its own, and handles that are of nothing in it.
type Case = (&'static str, fn(&Engine) -> orm::Result<(Session, Handle<Shelf>, Handle<Book>)>);

const CASES: &[Case] = &[
    ("of another session", |engine| {
        let mut other = engine.session();
        let (shelf, book) = added(&mut other, "other");
        let mut session = engine.session();
        added(&mut session, "own");
        Ok((session, shelf, book))
    }),
    ("of before clear", |engine| {
        let mut session = engine.session();
        let (shelf, book) = added(&mut session, "before");
        session.clear();
        added(&mut session, "own");
        Ok((session, shelf, book))
    }),
    ("rolled back", |engine| {
        let mut session = engine.session();
        let (shelf, book) = added(&mut session, "rolled back");
        session.flush()?;
        session.rollback()?;
        added(&mut session, "own");
        Ok((session, shelf, book))
    }),
    ("discarded", |engine| {
        let mut session = engine.session();
        let (shelf, book) = added(&mut session, "discarded");
        session.delete(book)?;
        session.delete(shelf)?;
        added(&mut session, "own");
        Ok((session, shelf, book))
    }),
    ("deleted and committed", |engine| {
        let mut session = engine.session();
        let (shelf, book) = added(&mut session, "deleted");
        session.commit()?;
        session.delete(book)?;
        session.delete(shelf)?;
        session.commit()?;
        added(&mut session, "own");
        Ok((session, shelf, book))
    }),
    ("expunged", |engine| {
        let mut session = engine.session();
        let (shelf, book) = added(&mut session, "expunged");
        session.expunge(book)?;
        session.expunge(shelf)?;
        added(&mut session, "own");
        Ok((session, shelf, book))
    }),
];

fn added(session: &mut Session, name: &str) -> (Handle<Shelf>, Handle<Book>) {
    let shelf = session.add(Shelf::new(name));
    (shelf, session.add(Book { shelf: Some(shelf.into()), ..Book::new(name) }))
}

fn a_handle_of_nothing_reaches_nothing_by_any_call(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let refusals = [ErrorKind::Closed, ErrorKind::InvalidState, ErrorKind::InvalidStatement];
    for (case, make) in CASES {
        for (name, call) in CALLS {
            let told = format!("{name} with a handle {case}");
            let (mut session, shelf, book) = make(&engine)?;
            session.commit()?;
            let before = rows(&engine);
            match call(&mut session, shelf, book) {
                Ok(reached) => panic!("{told}: reached {reached}"),
                Err(error) => assert!(refusals.contains(&error.kind()), "{told}: {error:?}"),
            }
            session.rollback()?;
            assert_eq!(rows(&engine), before, "{told}");
            let own: Vec<bool> = session
                .query(Shelf)
                .all()?
                .into_iter()
                .map(|shelf| session[shelf].name == "own")
                .collect();
            assert_eq!(own, [true], "{told}");
            empty(session)?;
        }
        let (mut session, shelf, _) = make(&engine)?;
        assert!(!session.contains(shelf), "{case}");
        assert!(!session.is_modified(shelf).unwrap_or(false), "{case}");
        assert!(!panic_of(|| session[shelf].name.len()).is_empty(), "{case}");
        assert!(!panic_of(|| session[shelf].name.clear()).is_empty(), "{case}");
        let known = ["rolled back", "discarded"].contains(case);
        assert_eq!(session.take(shelf).is_ok(), known, "{case}: only what is left is taken");
        session.commit()?;
        empty(session)?;
    }
    Ok(())
}

/// What is committed: titles, and the shelves they are on.
fn rows(engine: &Engine) -> Vec<(String, Option<String>)> {
    committed(
        engine,
        text(
            "SELECT b.title, s.name FROM books b LEFT JOIN shelves s ON s.id = b.shelf_id ORDER BY 1",
        ),
    )
}

fn empty(mut session: Session) -> Done {
    session.query(Book).delete()?;
    session.query(Shelf).delete()?;
    session.commit()
}
