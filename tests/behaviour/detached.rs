//! Plain values copied out of a session, with what is loaded of them.

use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_detached_value_holds_what_is_loaded,
    a_detached_value_is_cut_where_it_would_hold_itself,
    an_object_that_is_not_flushed_is_detached_as_it_was_added,
    a_detached_value_belongs_to_no_session,
    what_is_not_there_is_not_detached,
);
#[cfg(feature = "serde")]
on_each_database!(a_detached_tree_is_json);

/// Has books and a desk.
#[derive(Model, Clone, Debug)]
#[cfg_attr(feature = "serde", orm(serde))]
struct Writer {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = writer, order_by = title)]
    books: Many<Book>,
    #[orm(back_populates = owner)]
    desk: One<Desk>,
}

/// Is of a writer, and perhaps of an editor.
#[derive(Model, Clone, Debug)]
#[cfg_attr(feature = "serde", orm(serde))]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    writer: Ref<Writer>,
    editor: Option<Ref<Writer>>,
    #[orm(secondary = "book_topics", back_populates = books, order_by = code)]
    topics: Many<Topic>,
}

/// Of many books.
#[derive(Model, Clone, Debug)]
#[cfg_attr(feature = "serde", orm(serde))]
struct Topic {
    #[orm(primary_key, length = 20)]
    code: String,
    #[orm(secondary = "book_topics", back_populates = topics, order_by = title)]
    books: Many<Book>,
}

/// Of one writer.
#[derive(Model, Clone, Debug)]
#[cfg_attr(feature = "serde", orm(serde))]
struct Desk {
    #[orm(primary_key)]
    number: i32,
    #[orm(unique)]
    owner: Ref<Writer>,
}

/// One writer of two books, the first with two topics, edited by a second writer; nothing loaded.
fn library(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Writer, Book, Topic, Desk));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let editor = session.add(Writer::new("Ed"));
    let topics = [Topic::new("art"), Topic::new("war")];
    let first =
        Book { editor: Some(editor.into()), topics: topics.into(), ..Book::new("a", Ref::unset()) };
    let books = [first, Book::new("b", Ref::unset())].into();
    session.add(Writer { books, desk: Desk::new(3, Ref::unset()).into(), ..Writer::new("Ann") });
    session.commit()?;
    Ok(engine)
}

fn ann(session: &mut Session) -> orm::Result<Handle<Writer>> {
    let found = select(Writer).filter(Writer.name.eq("Ann")).first(session)?;
    Ok(found.expect("Ann is there"))
}

fn a_detached_value_holds_what_is_loaded(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let writer = ann(&mut session)?;
    let plain = session.detached(writer)?;
    assert!(plain.books.values().is_err() && plain.desk.value().is_err());

    let books = session.load(writer, Writer.books)?;
    session.load(books[0], Book.topics)?;
    session.load(books[0], Book.editor)?;
    session.load(writer, Writer.desk)?;
    let log = engine.record();
    let plain = session.detached(writer)?;
    assert!(log.take().is_empty(), "it sends nothing");
    let found = plain.books.values()?;
    assert_eq!(found.iter().map(|book| &*book.title).collect::<Vec<_>>(), ["a", "b"]);
    let codes: Vec<_> = found[0].topics.values()?.iter().map(|topic| &*topic.code).collect();
    assert_eq!(codes, ["art", "war"]);
    assert!(found[1].topics.values()?.is_empty(), "it was loaded with the first one's");
    let editor = found[0].editor.as_ref().expect("there is one").value()?;
    assert_eq!(editor.name, "Ed");
    assert!(found[1].editor.is_none());
    assert_eq!(plain.desk.value()?.map(|desk| desk.number), Some(3));
    Ok(())
}

fn a_detached_value_is_cut_where_it_would_hold_itself(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let writer = ann(&mut session)?;
    let books = session.load(writer, Writer.books)?;
    let topics = session.load(books[0], Book.topics)?;
    session.load(topics[0], Topic.books)?;

    // down from the writer: the books' reference to it is its key
    let plain = session.detached(writer)?;
    let found = plain.books.values()?;
    assert!(found[0].writer.value().is_err());
    assert_eq!(found[0].writer.key(), plain.id.get().copied());
    let topic = &found[0].topics.values()?[0];
    assert!(topic.books.values().is_err(), "the book is above it");

    // up from a book: the writer is an object, whose books are not told in part
    let plain = session.detached(books[0])?;
    let above = plain.writer.value()?;
    assert_eq!(above.name, "Ann");
    assert!(above.books.values().is_err(), "this book is one of them");

    // and from a topic
    let plain = session.detached(topics[0])?;
    let book = &plain.books.values()?[0];
    assert_eq!(book.writer.value()?.name, "Ann");
    Ok(())
}

fn an_object_that_is_not_flushed_is_detached_as_it_was_added(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let books = [Book::new("x", Ref::unset())].into();
    let new = session.add(Writer { books, ..Writer::new("New") });
    let plain = session.detached(new)?;
    assert_eq!(plain.id, Auto::Unset);
    let book = &plain.books.values()?[0];
    assert_eq!((&*book.title, book.writer.key()), ("x", None));
    assert!(book.writer.value().is_err());
    assert_eq!(session.state(new)?, State::Pending);

    let old = ann(&mut session)?;
    session[old].name = "Changed".into();
    assert_eq!(session.detached(old)?.name, "Changed");
    // what was just put in is in it
    session.load(old, Writer.books)?;
    session[old].books.push(Book::new("y", Ref::unset()));
    let titles: Vec<String> =
        session.detached(old)?.books.values()?.iter().map(|book| book.title.clone()).collect();
    assert_eq!(titles, ["a", "b", "y"]);
    Ok(())
}

fn a_detached_value_belongs_to_no_session(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let writer = ann(&mut session)?;
    session.load(writer, Writer.books)?;
    let mut plain = session.detached(writer)?;
    plain.name.push('!');
    assert_eq!(session[writer].name, "Ann");
    let log = engine.record();
    session.flush()?;
    assert!(log.take().is_empty(), "nothing changed");
    drop(session);
    assert_eq!(plain.books.values()?.len(), 2);
    Ok(())
}

fn what_is_not_there_is_not_detached(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let new = session.add(Writer::new("New"));
    session.delete(new)?;
    let mistake = session.detached(new).expect_err("it is gone");
    assert_eq!(mistake.kind(), ErrorKind::Closed);
    let other = engine.session().add(Writer::new("Other"));
    let mistake = session.detached(other).expect_err("it is of another session");
    assert_eq!(mistake.kind(), ErrorKind::Closed);
    Ok(())
}

#[cfg(feature = "serde")]
fn a_detached_tree_is_json(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let writer = ann(&mut session)?;
    let books = session.load(writer, Writer.books)?;
    session.load(books[0], Book.topics)?;
    let tree = serde_json::to_string(&session.detached(writer)?).expect("it can be written");
    assert_eq!(
        tree,
        "{\"id\":2,\"name\":\"Ann\",\"books\":[\
         {\"id\":1,\"title\":\"a\",\"writer\":2,\"editor\":1,\
         \"topics\":[{\"code\":\"art\"},{\"code\":\"war\"}]},\
         {\"id\":2,\"title\":\"b\",\"writer\":2,\"editor\":null,\"topics\":[]}]}"
    );
    let back: Writer = serde_json::from_str(&tree).expect("it can be read");
    assert_eq!(serde_json::to_string(&back).expect("it can be written"), tree);
    // an object of the session itself says what to write instead
    let mistake = serde_json::to_string(&session[writer]).expect_err("it holds handles");
    assert!(mistake.to_string().contains("`session.detached(handle)`"), "{mistake}");
    Ok(())
}
