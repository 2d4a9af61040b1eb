//! Attributes of the struct over several fields: keys, UNIQUE, indexes, checks, foreign keys.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    what_is_unique_together_is_enforced,
    a_partial_unique_index_is_about_its_rows_only,
    checks_are_told_by_name_and_column,
    a_key_in_an_order_of_its_own,
    a_composite_foreign_key_is_enforced,
    a_foreign_key_acts_as_it_says,
    tables_are_created_in_the_order_of_declared_foreign_keys,
    a_foreign_key_to_what_is_not_unique_is_refused,
    foreign_keys_of_other_types_are_refused,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "shelves", primary_key(room, number), unique(name, room, name = "one_name"))]
#[orm(comment = "where 'books' stand", check("number > 0 AND room > 0", name = "positive"))]
struct Shelf {
    #[orm(comment = "counted from the \\ left")]
    number: i32,
    #[orm(check = "room < 1000")]
    room: i32,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
#[orm(foreign_key(room, shelf => Shelf(room, number), on_delete = cascade, name = "stands_on"))]
#[orm(foreign_key(other_name, other_room => Shelf(name, room), on_delete = set_null))]
#[orm(index(title, pages.desc(), shelf, name = "by_title"))]
#[orm(index(title, unique, where = "pages > 100"))]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    pages: i32,
    room: i32,
    shelf: i32,
    other_name: Option<String>,
    other_room: Option<i32>,
}

fn library(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Book)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Shelf::new(1, 7, "novels"));
    session.add(Shelf::new(2, 7, "plays"));
    session.commit()?;
    Ok(engine)
}

fn refused<M: Model>(engine: &Engine, object: M) -> orm::Error {
    let mut session = engine.session();
    session.add(object);
    session.commit().expect_err("the database refuses it")
}

fn what_is_unique_together_is_enforced(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let error = refused(&engine, Shelf::new(3, 7, "novels"));
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    if let Some(constraint) = error.constraint() {
        assert_eq!(constraint, "one_name");
    }
    let mut session = engine.session();
    session.add(Shelf::new(1, 8, "novels"));
    session.commit()
}

fn a_partial_unique_index_is_about_its_rows_only(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    session.add(Book::new("Faust", 50, 7, 1));
    session.add(Book::new("Faust", 60, 7, 1));
    session.add(Book::new("Faust", 200, 7, 2));
    session.commit()?;
    let error = refused(&engine, Book::new("Faust", 300, 7, 1));
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    Ok(())
}

fn checks_are_told_by_name_and_column(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let of_field: &[&str] = &["room"];
    for (shelf, name, columns) in [
        (Shelf::new(-1, 7, "cellar"), "ck_shelves_positive", &[][..]),
        (Shelf::new(1, 5000, "attic"), "ck_shelves_room", of_field),
    ] {
        let error = refused(&engine, shelf);
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        assert_eq!(error.constraint(), Some(name));
        assert_eq!(error.table(), Some("shelves"));
        assert_eq!(error.columns(), columns);
    }
    Ok(())
}

fn a_key_in_an_order_of_its_own(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    let shelf = session.get(Shelf, (7, 2))?.expect("room, then number");
    assert_eq!(session[shelf].name, "plays");
    session[shelf].name = "drama".into();
    session.commit()?;
    assert!(session.get(Shelf, (2, 7))?.is_none());
    session.delete(shelf)?;
    session.commit()?;
    assert_eq!(session.query(Shelf).count()?, 1);
    Ok(())
}

fn a_composite_foreign_key_is_enforced(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let error = refused(&engine, Book::new("Emma", 400, 7, 9));
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    if let Some(constraint) = error.constraint() {
        assert_eq!(constraint, "stands_on");
    }
    let elsewhere = Some("poems".to_owned());
    let book = Book { other_name: elsewhere, other_room: Some(7), ..Book::new("Emma", 400, 7, 1) };
    assert_eq!(refused(&engine, book).kind(), ErrorKind::ForeignKeyViolation);
    Ok(())
}

fn a_foreign_key_acts_as_it_says(db: &TestDatabase) -> Done {
    let engine = library(db)?;
    let mut session = engine.session();
    let plays = || Some("plays".to_owned());
    session.add(Book { other_name: plays(), other_room: Some(7), ..Book::new("Emma", 1, 7, 1) });
    session.add(Book::new("Hamlet", 2, 7, 2));
    session.commit()?;
    run(&engine, &["DELETE FROM shelves WHERE number = 2"]);
    let left: Vec<(String, Option<i32>)> =
        committed(&engine, text("SELECT title, other_room FROM books"));
    assert_eq!(left, [("Emma".to_owned(), None)]);
    Ok(())
}

fn tables_are_created_in_the_order_of_declared_foreign_keys(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Book)).build()?;
    let log = engine.record();
    engine.create_all()?;
    let sent = statements(&log);
    let at = |start: &str| sent.iter().position(|sql| sql.starts_with(start)).expect("created");
    assert!(at("CREATE TABLE \"shelves\"") < at("CREATE TABLE \"books\""));
    let commented = sent.iter().filter(|sql| sql.starts_with("COMMENT ON")).count();
    assert_eq!(commented, if engine.dialect().features.comments { 2 } else { 0 });
    engine.drop_all()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "loose", foreign_key(label => Shelf(name)))]
struct Loose {
    #[orm(primary_key)]
    id: Auto<i64>,
    label: String,
}

fn a_foreign_key_to_what_is_not_unique_is_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Loose)).build().expect_err("loose");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Loose`: its foreign key (label) points to (name) of `Shelf`, which is \
         neither its primary key nor UNIQUE; write `#[orm(unique(…))]` on `Shelf`, or point to its \
         key"
    );
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "bent", foreign_key(room, number => Shelf(room, number)))]
struct Bent {
    #[orm(primary_key)]
    id: Auto<i64>,
    room: i32,
    number: i64,
}

fn foreign_keys_of_other_types_are_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Bent)).build().expect_err("bent");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let message = error.to_string();
    assert!(message.contains("`number` is BigInt, `number` of `Shelf` is Integer"), "{message}");
    Ok(())
}

#[test]
fn lists_are_shown_with_the_table() {
    let shown = "\
books (model Book)
  id          BIGINT   NOT NULL  PRIMARY KEY  GENERATED
  title       TEXT     NOT NULL
  pages       INTEGER  NOT NULL
  room        INTEGER  NOT NULL  → shelves.room  ON DELETE CASCADE
  shelf       INTEGER  NOT NULL  → shelves.number  ON DELETE CASCADE
  other_name  TEXT     NULL      → shelves.name  ON DELETE SET NULL
  other_room  INTEGER  NULL      → shelves.room  ON DELETE SET NULL
  PRIMARY KEY pk_books (id)
  FOREIGN KEY stands_on (room, shelf)
  FOREIGN KEY fk_books_other_name_other_room (other_name, other_room)
  INDEX by_title (title, pages DESC, shelf)
  UNIQUE INDEX uq_books_title (title) WHERE pages > 100
  INDEX ix_books_room_shelf (room, shelf)
  INDEX ix_books_other_name_other_room (other_name, other_room)
";
    assert_eq!(Book.table().to_string(), shown);
    let shown = "\
shelves (model Shelf)
  where 'books' stand
  number  INTEGER  NOT NULL  PRIMARY KEY  -- counted from the \\ left
  room    INTEGER  NOT NULL  PRIMARY KEY
  name    TEXT     NOT NULL
  PRIMARY KEY pk_shelves (room, number)
  UNIQUE one_name (name, room)
  CHECK ck_shelves_room (room < 1000)
  CHECK ck_shelves_positive (number > 0 AND room > 0)
";
    assert_eq!(Shelf.table().to_string(), shown);
}
