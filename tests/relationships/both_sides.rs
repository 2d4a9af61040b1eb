//! Changes of one side show on the other: by calls at once, by fields at the next call.

use crate::common::statements;
use crate::models::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    calls_hold_on_both_sides_at_once,
    a_reference_set_by_its_field_moves_collections,
    a_collection_changed_by_its_field_moves_references,
    edits_not_looked_at_yet_survive_a_call_about_others,
    a_later_call_wins_over_an_earlier_edit,
    sides_that_contradict_each_other_are_named,
    two_owners_of_one_child_are_named,
    a_handle_of_another_session_in_a_collection_is_refused,
    a_deleted_object_put_into_a_collection_is_refused,
    a_one_is_replaced,
    a_one_that_is_not_loaded_is_replaced,
    a_collection_assigned_unloaded_says_nothing,
    set_refuses_nothing_and_many,
);

type Done = orm::Result<()>;

fn two_shelves(
    engine: &Engine,
) -> orm::Result<(Session, Handle<Shelf>, Handle<Shelf>, Handle<Book>)> {
    let mut session = engine.session();
    let book = Book::new("b");
    let one = session.add(Shelf { books: vec![book].into(), ..Shelf::new("one") });
    let other = session.add(Shelf::new("other"));
    session.commit()?;
    let book = session[one].books.get()?[0];
    Ok((session, one, other, book))
}

use orm::Handle;

fn calls_hold_on_both_sides_at_once(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, book) = two_shelves(&engine)?;
    let log = engine.record();
    session.set(book, Book.shelf, other)?;
    assert!(session[one].books.get()?.is_empty());
    assert_eq!(session[other].books.get()?, [book]);
    session.link(one, Shelf.books, book)?;
    assert!(session[book].shelf == one);
    assert!(session[other].books.get()?.is_empty());
    session.unlink(one, Shelf.books, book)?;
    assert!(session[book].shelf.is_none());
    session.set(book, Book.shelf, None)?;
    let new = session.push(other, Shelf.books, Book::new("new"))?;
    assert!(session[new].shelf == other);
    session.unlink(new, Book.shelf, other)?;
    assert!(session[other].books.get()?.is_empty());
    session.link(new, Book.shelf, one)?;
    assert_eq!(session[one].books.get()?, [new]);
    assert!(log.is_empty());
    session.commit()?;
    assert_eq!(statements(&log).len(), 2, "one INSERT, one UPDATE");
    Ok(())
}

fn a_reference_set_by_its_field_moves_collections(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, book) = two_shelves(&engine)?;
    session[book].shelf = Some(other.into());
    assert!(session.load(one, Shelf.books)?.is_empty());
    assert_eq!(session[other].books.get()?, [book]);
    let id = *session[one].id.get().expect("flushed");
    session[book].shelf = Some(id.into());
    assert_eq!(session.load(one, Shelf.books)?, [book]);
    session[book].shelf = None;
    assert!(session.load(one, Shelf.books)?.is_empty());
    session[book].shelf = Some(Shelf::new("new").into());
    let new = session.load(book, Book.shelf)?.expect("set");
    assert_eq!(session[new].books.get()?, [book]);
    session.commit()
}

fn a_collection_changed_by_its_field_moves_references(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, book) = two_shelves(&engine)?;
    session[other].books.push(book);
    session[other].books.push(Book::new("new"));
    assert_eq!(session.load(book, Book.shelf)?, Some(other));
    assert!(session[one].books.get()?.is_empty());
    let new = session[other].books.get()?[1];
    assert!(session[new].shelf == other);
    session[other].books.remove(book);
    assert_eq!(session.load(book, Book.shelf)?, None);
    session[one].books = vec![new, book].into();
    assert_eq!(session.load(new, Book.shelf)?, Some(one));
    assert!(session[other].books.get()?.is_empty());
    session[one].books.clear();
    session.commit()?;
    assert_eq!(session.query(Book).filter(Book.shelf.is_null()).count()?, 2);
    Ok(())
}

fn edits_not_looked_at_yet_survive_a_call_about_others(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, book) = two_shelves(&engine)?;
    let new = session.add(Book::new("new"));
    session[one].books.push(new);
    session.set(book, Book.shelf, other)?; // takes the book out of the collection just changed
    assert!(session[new].shelf == one);
    assert_eq!(session[one].books.get()?, [new]);
    session.commit()?;
    assert_eq!(session.query(Book).filter(Book.shelf.eq(one)).all()?, [new]);
    Ok(())
}

fn a_later_call_wins_over_an_earlier_edit(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, _) = two_shelves(&engine)?;
    let new = session.add(Book::new("new"));
    session[one].books.push(new);
    session.link(other, Shelf.books, new)?;
    session.commit()?;
    assert!(session[new].shelf == other);
    assert_eq!(session[other].books.get()?, [new]);
    assert!(!session[one].books.get()?.contains(&new));
    Ok(())
}

fn sides_that_contradict_each_other_are_named(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, book) = two_shelves(&engine)?;
    let third = session.add(Shelf::new("third"));
    session.commit()?;
    let log = engine.record();
    session[book].shelf = Some(other.into());
    session[third].books.push(book);
    let error = session.flush().expect_err("two shelves");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let error = error.to_string();
    for name in ["`shelf`", "Book(1)", "Shelf(2)", "Shelf(3)"] {
        assert!(error.contains(name), "{error}");
    }
    assert!(log.is_empty());
    session[third].books.remove(book);
    session.commit()?;
    assert_eq!(session[other].books.get()?, [book]);
    assert!(session[one].books.get()?.is_empty());
    Ok(())
}

fn two_owners_of_one_child_are_named(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, _, other, book) = two_shelves(&engine)?;
    let third = session.add(Shelf::new("third"));
    session[third].books.push(book);
    session[other].books.push(book);
    let error = session.load(other, Shelf.books).expect_err("two shelves").to_string();
    assert!(error.contains("Shelf(2)") && error.contains("Shelf(new #2)"), "{error}");
    session[other].books.remove(book);
    session.commit()?;
    assert!(session[book].shelf == third);
    Ok(())
}

fn a_handle_of_another_session_in_a_collection_is_refused(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, _, book) = two_shelves(&engine)?;
    let mut foreign = engine.session();
    let strange = foreign.add(Book::new("strange"));
    let stranger = foreign.add(Book::new("stranger"));
    for handle in [strange, stranger] {
        session[one].books.push(handle);
        let error = session.flush().expect_err("foreign");
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert!(error.to_string().contains("`Shelf.books` of Shelf(1)"), "{error}");
        session[one].books.remove(handle);
    }
    assert!(session.link(one, Shelf.books, strange).is_err());
    session.commit()?;
    assert_eq!(session[one].books.get()?, [book]);
    Ok(())
}

fn a_deleted_object_put_into_a_collection_is_refused(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, other, book) = two_shelves(&engine)?;
    session.delete(book)?;
    session[other].books.push(book);
    let error = session.flush().expect_err("deleted").to_string();
    assert!(error.contains("to be deleted") && error.contains("take it out"), "{error}");
    session[other].books.remove(book);
    session.commit()?;
    assert!(session[one].books.get()?.is_empty());
    // a pending one that is deleted again leaves where it was put
    let pending = session.add(Book::new("p"));
    session[other].books.push(pending);
    session.delete(pending)?;
    session.commit()?;
    assert!(session[other].books.get()?.is_empty());
    Ok(())
}

fn a_one_is_replaced(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ezz = session.add(Author { profile: Profile::new("old").into(), ..Author::new("Ezz") });
    session.commit()?;
    let old = session[ezz].profile.get()?.expect("there");
    session[ezz].profile = Profile::new("new").into();
    session.commit()?;
    assert!(session[old].author.is_none());
    let new = session[ezz].profile.get()?.expect("there");
    assert!(session[new].author == ezz);
    session.set(ezz, Author.profile, old)?;
    assert!(session[new].author.is_none());
    session[new].author = Some(ezz.into());
    assert_eq!(session.load(ezz, Author.profile)?, Some(new));
    assert!(session[old].author.is_none(), "one place for one object");
    session.set(ezz, Author.profile, None)?;
    session.commit()?;
    assert_eq!(session.query(Profile).filter(Profile.author.is_null()).count()?, 2);
    Ok(())
}

fn a_one_that_is_not_loaded_is_replaced(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for by_call in [false, true] {
        let mut session = engine.session();
        session.add(Author { profile: Profile::new("old").into(), ..Author::new("Ezz") });
        session.commit()?;
        drop(session);
        let mut session = engine.session();
        let ezz = session.query(Author).order_by(Author.id.desc()).first()?.expect("there");
        if by_call {
            let new = session.add(Profile::new("new"));
            session.set(ezz, Author.profile, new)?;
        } else {
            session[ezz].profile.set(Profile::new("new"));
        }
        session.commit()?;
        let bios = session.query(Profile.bio).filter(Profile.author.eq(ezz)).all()?;
        assert_eq!(bios, ["new"]);
        let profile = session[ezz].profile.get()?.expect("there");
        assert_eq!(session[profile].bio, "new");
    }
    Ok(())
}

fn a_collection_assigned_unloaded_says_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (mut session, one, _, book) = two_shelves(&engine)?;
    session[one] = Shelf { id: session[one].id, ..Shelf::new("renamed") };
    session.commit()?;
    assert!(session[book].shelf == one);
    assert_eq!(session.load(one, Shelf.books)?, [book]);
    Ok(())
}

fn set_refuses_nothing_and_many(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let club = session.add(Club::new("c"));
    let member = session.push(club, Club.members, Member::new("m", Ref::unset()))?;
    let error = session.set(member, Member.club, None).expect_err("NOT NULL").to_string();
    assert!(error.contains("`Member.club` can't be NULL"), "{error}");
    let error = session.set(club, Club.members, member).expect_err("to many").to_string();
    assert!(error.contains("`Club.members` is to many"), "{error}");
    session.commit()
}
