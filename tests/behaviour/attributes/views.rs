//! Models of views: read as any other, never written, created and dropped with the tables.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    rows_of_views_are_read,
    relationships_lead_to_views_and_back,
    objects_of_views_are_not_written,
    sets_of_rows_of_views_are_not_written,
    an_owner_is_deleted_without_its_rows_of_views,
    views_come_and_go_with_the_tables,
    a_view_without_a_query_is_left_alone,
    a_foreign_key_to_a_view_is_refused,
    rows_of_views_are_not_deleted_with_their_owner,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    active: bool,
    #[orm(back_populates = author, order_by = title)]
    long_books: Many<LongBook>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    pages: i32,
    #[orm(on_delete = cascade)]
    author: Ref<Author>,
}

#[derive(Model, Clone, Debug)]
#[orm(view = "active_authors", query = "SELECT id, name FROM authors WHERE active")]
struct ActiveAuthor {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(
    view = "long_books",
    query = "SELECT id, title, author_id FROM books WHERE pages > 100",
    comment = "those of more than 100 pages"
)]
struct LongBook {
    #[orm(primary_key)]
    id: i64,
    #[orm(comment = "as printed")]
    title: String,
    author: Ref<Author>,
}

/// A view of a view.
#[derive(Model, Clone, Debug)]
#[orm(
    view = "shelf",
    query = "SELECT author_id, COUNT(*) AS books FROM long_books GROUP BY author_id"
)]
struct Shelf {
    #[orm(primary_key)]
    author: Ref<Author>,
    books: i64,
}

fn engine(db: &TestDatabase) -> orm::Result<Engine> {
    Engine::builder(db.url()).models(Schema::of((Author, Book, ActiveAuthor, Shelf))).build()
}

/// Ann, active, with a long and a short book; Ben, with two long ones.
fn library(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = engine(db)?;
    engine.create_all()?;
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann", true));
    let ben = session.add(Author::new("Ben", false));
    session.flush()?;
    for (title, pages, author) in
        [("Long", 300, ann), ("Short", 30, ann), ("Wide", 200, ben), ("Deep", 101, ben)]
    {
        session.add(Book::new(title, pages, author));
    }
    session.commit()?;
    Ok(engine)
}

fn rows_of_views_are_read(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    let active = session.query(ActiveAuthor).all()?;
    assert_eq!(active.len(), 1);
    let id = session[active[0]].id;
    assert_eq!(session[active[0]].name, "Ann");
    assert!(session.get(ActiveAuthor, id)? == Some(active[0]));
    assert!(session.get(ActiveAuthor, id + 1)?.is_none());
    let titles: Vec<String> = session
        .query(LongBook.title)
        .filter(LongBook.title.ne("Long"))
        .order_by(LongBook.title)
        .all()?;
    assert_eq!(titles, ["Deep", "Wide"]);
    assert_eq!(select(LongBook).count(&mut session)?, 3);

    let ben = select(Author).filter(Author.name.eq("Ben")).one(&mut session)?;
    session[ben].active = true; // the query writes it first
    assert_eq!(select(ActiveAuthor).count(&mut session)?, 2);
    session.rollback()
}

fn relationships_lead_to_views_and_back(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    let joined = session
        .query((Author.name, LongBook.title))
        .join(Author.long_books)
        .filter(LongBook.title.ne("Deep"))
        .order_by(LongBook.title)
        .all()?;
    assert_eq!(
        joined,
        [("Ann".to_owned(), "Long".to_owned()), ("Ben".to_owned(), "Wide".to_owned())]
    );

    let ben = select(Author).filter(Author.name.eq("Ben")).one(&mut session)?;
    let books = session.load(ben, Author.long_books)?;
    let titles: Vec<&str> = books.iter().map(|&book| session[book].title.as_str()).collect();
    assert_eq!(titles, ["Deep", "Wide"]);
    assert!(session.load(books[0], LongBook.author)? == ben);

    session.clear();
    let authors = session.query(Author).include(Author.long_books).order_by(Author.name).all()?;
    let log = engine.record();
    assert_eq!(authors[1].long_books(&mut session)?.len(), 2);
    assert_eq!(log.take().len(), 0);

    let many = select(Shelf).filter(Shelf.author.has(|author| author.name.eq("Ben")));
    let shelf = many.one(&mut session)?;
    assert_eq!(session[shelf].books, 2);
    let with = Author.long_books.any(|book| book.title.eq("Long"));
    assert_eq!(select(Author).filter(with).count(&mut session)?, 1);
    session.rollback()
}

/// What a flush says of what is in the session; nothing is sent.
fn flush_refused(engine: &Engine, session: &mut Session) -> orm::Result<String> {
    let log = engine.record();
    let error = session.flush().expect_err("a view");
    assert_eq!(statements(&log), Vec::<String>::new());
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    session.rollback()?;
    Ok(error.to_string())
}

fn objects_of_views_are_not_written(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    let of_view = "`ActiveAuthor` is of the view `active_authors`, which is read-only; write to the \
                   tables that it reads";
    session.add(ActiveAuthor { id: 99, name: "New".into() });
    let message = flush_refused(&engine, &mut session)?;
    assert!(message.ends_with(&format!("was added: {of_view}")), "{message}");

    let ann = session.query(ActiveAuthor).one()?;
    session[ann].name.push('e');
    let message = flush_refused(&engine, &mut session)?;
    assert!(message.ends_with(&format!("was changed: {of_view}")), "{message}");
    let ann = session.query(ActiveAuthor).one()?;
    assert_eq!(session[ann].name, "Ann");

    session.delete(ann)?;
    let message = flush_refused(&engine, &mut session)?;
    assert!(message.ends_with(&format!("was deleted: {of_view}")), "{message}");

    let ben = select(Author).filter(Author.name.eq("Ben")).one(&mut session)?;
    let book = LongBook { id: 99, title: "New".into(), author: Ref::from(ben) };
    session.push(ben, Author.long_books, book)?;
    let message = flush_refused(&engine, &mut session)?;
    assert!(message.contains("was added: `LongBook` is of the view `long_books`"), "{message}");

    let long = select(LongBook).filter(LongBook.title.eq("Long")).one(&mut session)?;
    let ben = select(Author).filter(Author.name.eq("Ben")).one(&mut session)?;
    session.link(ben, Author.long_books, long)?;
    let message = flush_refused(&engine, &mut session)?;
    assert!(message.contains("was changed: `LongBook` is of the view `long_books`"), "{message}");
    assert_eq!(select(LongBook).count(&mut session)?, 3);
    session.rollback()
}

fn sets_of_rows_of_views_are_not_written(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let shown = ActiveAuthor.table().to_string();
    assert!(shown.starts_with("active_authors (view, model ActiveAuthor)"), "{shown}");
    let mut session = engine.session();
    let log = engine.record();
    let all = select(ActiveAuthor);
    let update = all.update(&mut session, ActiveAuthor.name.set("x")).expect_err("a view");
    let delete = session.query(ActiveAuthor).delete().expect_err("a view");
    assert_eq!(statements(&log), Vec::<String>::new());
    for (error, verb) in [(update, "update"), (delete, "delete")] {
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert_eq!(
            error.to_string(),
            format!(
                "`{verb}` of a view: `ActiveAuthor` is of the view `active_authors`, which is \
                 read-only; write to the tables that it reads"
            )
        );
    }
    Ok(())
}

fn an_owner_is_deleted_without_its_rows_of_views(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    let ben = select(Author).filter(Author.name.eq("Ben")).one(&mut session)?;
    assert_eq!(session.load(ben, Author.long_books)?.len(), 2);
    let ann = select(Author).filter(Author.name.eq("Ann")).one(&mut session)?;
    let log = engine.record();
    session.delete(ben)?;
    session.delete(ann)?; // its collection is not loaded, nor is it for this
    session.commit()?;
    let sent = statements(&log);
    assert!(sent.iter().all(|sql| !sql.contains("long_books")), "{sent:?}");
    assert_eq!(select(LongBook).count(&mut session)?, 0);
    Ok(())
}

fn views_come_and_go_with_the_tables(db: &TestDatabase) -> Done {
    let engine = engine(db)?;
    let log = engine.record();
    engine.create_all()?;
    let sent = log.take();
    let place = |sql: &str| sent.iter().position(|sent| sent.starts_with(sql)).expect("it is sent");
    assert!(place("CREATE TABLE \"books\"") < place("CREATE VIEW \"active_authors\" AS SELECT id"));
    assert!(place("CREATE VIEW \"long_books\"") < place("CREATE VIEW \"shelf\""));
    assert!(sent.iter().all(|sql| !sql.starts_with("CREATE INDEX") || !sql.contains("long_books")));
    if engine.dialect().features.comments {
        place("COMMENT ON VIEW \"long_books\" IS 'those of more than 100 pages'");
        place("COMMENT ON COLUMN \"long_books\".\"title\" IS 'as printed'");
    }
    engine.create_all()?; // what exists is left
    assert!(log.take().iter().all(|sql| !sql.starts_with("CREATE")));
    engine.drop_all()?;
    let sent = log.take();
    let place = |sql: &str| sent.iter().position(|sent| sent.starts_with(sql)).expect("it is sent");
    assert!(place("DROP VIEW \"shelf\"") < place("DROP VIEW \"long_books\""));
    assert!(place("DROP VIEW \"long_books\"") < place("DROP TABLE \"books\""));
    engine.create_all()
}

#[derive(Model, Clone, Debug)]
#[orm(view = "digits")]
struct Digit {
    #[orm(primary_key)]
    digit: i64,
}

fn a_view_without_a_query_is_left_alone(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((Digit, Author, Book))).build()?;
    engine.create_all()?;
    assert!(engine.session().query(Digit).all().is_err(), "it is not created");
    run(&engine, &["CREATE VIEW digits AS SELECT 7 AS digit"]);
    engine.drop_all()?;
    // PostgreSQL's 7 is INTEGER
    run(&engine, &["DROP VIEW digits", "CREATE VIEW digits AS SELECT CAST(7 AS bigint) AS digit"]);
    engine.create_all()?;
    assert_eq!(engine.session().query(Digit.digit).all()?, [7]);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "fans")]
struct Fan {
    #[orm(primary_key)]
    id: Auto<i64>,
    of: Ref<ActiveAuthor>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "readers")]
struct Reader {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(secondary = "read_by")]
    authors: Many<ActiveAuthor>,
}

fn a_foreign_key_to_a_view_is_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Fan)).build().expect_err("a view");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Fan`: its foreign key (of_id) points to `ActiveAuthor`, which is of a view, and a view has \
         no keys that could be pointed to; point to the model of a table, and let the view have the \
         `Ref`"
    );
    let error = Engine::builder(db.url()).models(Schema::of(Reader)).build().expect_err("a view");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let message = error.to_string();
    assert!(
        message
            .starts_with("`read_by`: its foreign key (active_author_id) points to `ActiveAuthor`"),
        "{message}"
    );
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "owners")]
struct Owner {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(back_populates = owner, cascade(all))]
    things: Many<Thing>,
}

#[derive(Model, Clone, Debug)]
#[orm(view = "things")]
struct Thing {
    #[orm(primary_key)]
    id: i64,
    owner: Ref<Owner>,
}

fn rows_of_views_are_not_deleted_with_their_owner(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Owner)).build().expect_err("a view");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Owner.things`: rows of `Thing`, which is of a view, can't be deleted; leave `delete`, \
         `delete_orphan` and `all` out of its `cascade`"
    );
    Ok(())
}
