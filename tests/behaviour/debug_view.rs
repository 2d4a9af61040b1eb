//! What a session shows of itself, and a statement of its SQL.

use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(a_session_lists_what_it_holds, a_session_shows_values_only_where_asked);

/// Has books.
#[derive(Model, Clone, Debug)]
struct Writer {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    note: Option<String>,
    #[orm(default = 0)]
    sold: i64,
    #[orm(back_populates = writer)]
    books: Many<Book>,
}

/// Is of a writer, has topics.
#[derive(Model, Clone, Debug)]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    writer: Option<Ref<Writer>>,
    #[orm(secondary = "book_topics", back_populates = books)]
    topics: Many<Topic>,
}

/// Of many books.
#[derive(Model, Clone, Debug)]
struct Topic {
    #[orm(primary_key, length = 20)]
    code: String,
    #[orm(secondary = "book_topics", back_populates = topics)]
    books: Many<Book>,
}

fn library(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Writer, Book, Topic))).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let books = [Book::new("a"), Book::new("b")].into();
    session.add(Writer { books, ..Writer::new("Ann") });
    session.add(Topic::new("art"));
    session.commit()?;
    Ok(engine)
}

fn a_session_lists_what_it_holds(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    assert_eq!(session.debug_view().to_string(), "no transaction, 0 objects\n");
    let writer = session.get(Writer, 1)?.expect("there");
    let books = session.load(writer, Writer.books)?;
    let topic = session.get(Topic, "art")?.expect("there");
    session[writer].note = Some("n".into());
    session[writer].books.remove(books[0]);
    session.link(books[1], Book.topics, topic)?;
    session.add(Book::new("c"));
    assert_eq!(
        session.debug_view().to_string(),
        "transaction open, 5 objects\n\
         pending\n  Book(new #2)\n\
         persistent\n  Writer(1) #0: note changed\n  Book(1) #0: writer changed\n  \
         Book(2) #1\n  Topic(text) #0\n\
         relationships\n  Writer(1).books: Book(1) taken out\n  Book(2) linked to Topic(text) \
         (book_topics)\n"
    );
    session.flush()?;
    session.set(writer, Writer.sold, Writer.sold + 1)?;
    session[writer].note = None;
    let view = session.debug_view().to_string();
    assert!(view.contains("Writer(1) #0: note changed, sold set to an expression\n"), "{view}");
    session.flush()?;
    session.savepoint(|session| {
        session.delete(books[0])?;
        assert_eq!(
            session.debug_view().to_string(),
            "transaction open, 1 savepoint, 5 objects\n\
             persistent\n  Writer(1) #0\n  Book(2) #1\n  Book(3) #2\n  Topic(text) #0\n\
             to be deleted\n  Book(1) #0\n"
        );
        Ok(())
    })?;
    Ok(())
}

fn a_session_shows_values_only_where_asked(db: &TestDatabase) -> orm::Result<()> {
    let engine = library(db)?;
    let mut session = engine.session();
    let writer = session.get(Writer, 1)?.expect("there");
    session.get_many(Book, [2])?;
    let book = session.get(Book, 1)?.expect("there");
    session.get(Topic, "art")?;
    session[writer].name = "secret".into();
    session[writer].note = Some("hidden".into());
    session[book].writer = None;
    let view = format!("{} {:?}", session.debug_view(), session.debug_view());
    assert!(!view.contains("secret") && !view.contains("hidden"), "{view}");
    assert!(!view.contains("art"), "a key of text is a value: {view}");
    assert_eq!(
        format!("{:#}", session.debug_view()),
        "transaction open, 4 objects\n\
         persistent\n  Writer(1) #0:\n    name: \"Ann\" → \"secret\"\n    note: NULL → \"hidden\"\n  \
         Book(1) #1:\n    writer: 1 → NULL\n  Book(2) #0\n  Topic(\"art\") #0\n"
    );
    // looking changed nothing
    let log = engine.record();
    session.flush()?;
    assert_eq!(log.take().len(), 2, "one statement per table");
    Ok(())
}

#[test]
fn a_statement_shows_its_sql() {
    let statement = select((Book.title, Writer.name))
        .join(Book.writer)
        .filter(Book.title.eq("a FROM b"))
        .filter(Book.topics.any(|topic| topic.code.eq("art")))
        .order_by(Book.title)
        .limit(3);
    let lines = format!("{statement:#}");
    assert_eq!(statement.to_string(), lines.replace('\n', " "));
    assert!(!lines.contains("a FROM b"), "{lines}");
    let begins: Vec<_> =
        lines.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(begins, ["SELECT", "FROM", "JOIN", "WHERE", "ORDER", "LIMIT"], "{lines}");

    let statement = select(Topic).filter(Topic.code.eq("x"));
    assert_eq!(
        format!("{statement:#}"),
        "SELECT \"topic\".\"code\"\nFROM \"topic\"\nWHERE \"topic\".\"code\" = $1"
    );
    // one that can't be sent says why
    let wrong = select(Topic).filter(Book.title.eq("x")).to_string();
    assert!(wrong.starts_with("(no SQL: "), "{wrong}");
}
