//! UPDATE and DELETE of many rows bring the objects in memory up to date.

use crate::common::{committed, statements};
use crate::models::*;
use orm::State;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    an_attribute_not_changed_is_updated_and_a_changed_one_kept,
    deleted_objects_are_told,
    a_reference_set_by_a_statement_moves_collections,
    a_rollback_undoes_it_in_memory_too,
);

type Done = orm::Result<()>;

fn an_attribute_not_changed_is_updated_and_a_changed_one_kept(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session().autoflush(false);
    let shelves = session.add_all(["a", "b"].map(Shelf::new));
    session.commit()?;
    session[shelves[1]].name = "mine".into();
    let log = engine.record();
    let rows = session.query(Shelf).update(Shelf.name.set("theirs"))?;
    assert_eq!(rows, 2);
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(session[shelves[0]].name, "theirs");
    assert_eq!(session[shelves[1]].name, "mine");
    session.commit()?;
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM shelves ORDER BY id"));
    assert_eq!(names, [("theirs".into(),), ("mine".into(),)]);
    Ok(())
}

fn deleted_objects_are_told(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let books = vec![Book::new("a"), Book::new("b")];
    let shelf = session.add(Shelf { books: books.into(), ..Shelf::new("s") });
    session.commit()?;
    let books = session[shelf].books.get()?.to_vec();
    session[books[0]].title = "A".into();
    assert_eq!(session.query(Book).filter(Book.title.eq("A")).delete()?, 1);
    assert_eq!(session.state(books[0])?, State::Deleted);
    assert_eq!(session[shelf].books.get()?, [books[1]]);
    session.commit()?;
    assert_eq!(session.load(shelf, Shelf.books)?, [books[1]]);
    Ok(())
}

fn a_reference_set_by_a_statement_moves_collections(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let books = vec![Book::new("a"), Book::new("b")];
    let one = session.add(Shelf { books: books.into(), ..Shelf::new("one") });
    let other = session.add(Shelf::new("other"));
    session.commit()?;
    let books = session[one].books.get()?.to_vec();
    session.query(Book).filter(Book.title.eq("a")).update(Book.shelf.set(other))?;
    assert!(session[books[0]].shelf == other);
    assert_eq!(session[one].books.get()?, [books[1]]);
    assert_eq!(session[other].books.get()?, [books[0]]);
    let log = engine.record();
    session.flush()?;
    assert!(statements(&log).is_empty());
    session.rollback()?;
    assert_eq!(session[one].books.get()?, books);
    assert!(session[other].books.get()?.is_empty());
    Ok(())
}

fn a_rollback_undoes_it_in_memory_too(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let shelves = session.add_all(["a", "b"].map(Shelf::new));
    session.commit()?;
    session.query(Shelf).filter(Shelf.name.eq("a")).update(Shelf.name.set("c"))?;
    session.query(Shelf).filter(Shelf.name.eq("b")).delete()?;
    session.rollback()?;
    assert_eq!(session[shelves[0]].name, "a");
    assert_eq!(session.state(shelves[1])?, State::Persistent);
    Ok(())
}
