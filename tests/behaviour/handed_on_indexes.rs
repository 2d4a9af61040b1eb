//! Values of UNIQUE indexes that go from row to row in one flush, and a field's own constraint that is
//! checked later.

use crate::setup::{committed, run, statements};
use orm::ErrorKind;
use orm::engine::text;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_value_of_a_unique_index_is_given_up_first,
    an_exchange_in_a_unique_index_goes_through_null,
    an_exchange_in_a_unique_index_can_t_be_deferred,
    a_row_that_leaves_an_index_of_some_rows_comes_first,
    a_row_deleted_from_an_index_of_some_rows_comes_first,
    what_is_unclear_in_an_index_of_some_rows_is_left_to_the_database,
    a_field_s_own_constraint_is_checked_later,
    a_value_that_others_repeat_is_not_emptied,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "berths", index(pier, number.desc(), unique), index(flag, unique))]
struct Berth {
    #[orm(primary_key)]
    id: Auto<i64>,
    pier: String,
    number: i32,
    flag: Option<String>,
}

/// Of those that are not closed there is one of a name.
#[derive(Model, Clone, Debug)]
#[orm(table = "accounts", index(name, unique, where = "closed_on IS NULL"))]
struct Account {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    closed_on: Option<i32>,
    note: Option<String>,
    heir: Option<Ref<Account>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "ranks")]
struct Rank {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique(deferrable))]
    place: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "labels", index(code, unique))]
struct Label {
    #[orm(primary_key)]
    id: Auto<i64>,
    code: Option<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "stickers", foreign_key(code => Label(code)))]
struct Sticker {
    #[orm(primary_key)]
    id: Auto<i64>,
    code: Option<String>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Berth, Account, Rank, Label, Sticker));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn berths(engine: &Engine) -> Vec<(i64, String, i32)> {
    committed(engine, text("SELECT id, pier, number FROM berths ORDER BY id"))
}

fn a_value_of_a_unique_index_is_given_up_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let berths_of = session.add_all((1..=3).map(|number| Berth::new("a", number)));
    session.commit()?;
    // a chain: 3 → 4, 2 → 3, 1 → 2, and a new first one
    for &berth in &berths_of {
        session[berth].number += 1;
    }
    session.add(Berth::new("a", 1));
    let log = engine.record();
    session.flush()?;
    let sent = statements(&log);
    let updates = sent.iter().filter(|sql| sql.starts_with("UPDATE")).count();
    assert_eq!(updates, 3, "{sent:#?}");
    assert!(sent.last().is_some_and(|sql| sql.starts_with("INSERT")), "{sent:#?}");
    // a deleted one makes room
    session.delete(berths_of[2])?;
    session.add(Berth::new("a", 4));
    session.commit()?;
    let rows = berths(&engine);
    let rows: Vec<(i64, i32)> = rows.iter().map(|&(id, _, number)| (id, number)).collect();
    assert_eq!(rows, [(1, 2), (2, 3), (4, 1), (5, 4)]);
    Ok(())
}

fn an_exchange_in_a_unique_index_goes_through_null(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let flagged = |number, flag: &str| Berth { flag: Some(flag.into()), ..Berth::new("a", number) };
    let (one, two) = (session.add(flagged(1, "x")), session.add(flagged(2, "y")));
    session.commit()?;
    session[one].flag = Some("y".into());
    session[two].flag = Some("x".into());
    session.commit()?;
    let flags: Vec<(Option<String>,)> =
        committed(&engine, text("SELECT flag FROM berths ORDER BY id"));
    assert_eq!(flags, [(Some("y".to_owned()),), (Some("x".to_owned()),)]);
    Ok(())
}

fn an_exchange_in_a_unique_index_can_t_be_deferred(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (one, two) = (session.add(Berth::new("a", 1)), session.add(Berth::new("a", 2)));
    session.commit()?;
    session[one].number = 2;
    session[two].number = 1;
    let log = engine.record();
    let error = session.flush().expect_err("no index is checked later");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("gives up `uq_berths_pier_number` to"), "{error}");
    assert!(log.is_empty());
    session[two].number = 3;
    session.commit()?;
    assert_eq!(berths(&engine), [(1, "a".to_owned(), 2), (2, "a".to_owned(), 3)]);
    Ok(())
}

fn names(engine: &Engine) -> Vec<(String, Option<i32>)> {
    committed(engine, text("SELECT name, closed_on FROM accounts ORDER BY id"))
}

fn a_row_that_leaves_an_index_of_some_rows_comes_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Account::new("x"));
    session.commit()?;
    // it keeps its name, and is closed
    session[old].closed_on = Some(1);
    let new = session.add(Account::new("x"));
    session.commit()?;
    session[new].name = "y".into();
    session.add(Account::new("x"));
    session.commit()?;
    let row = |name: &str, closed| (name.to_owned(), closed);
    assert_eq!(names(&engine), [row("x", Some(1)), row("y", None), row("x", None)]);
    // what the condition does not speak of moves nothing
    session[old].note = Some("old".into());
    let log = engine.record();
    session.add(Account::new("z"));
    session.commit()?;
    assert!(statements(&log)[0].starts_with("INSERT"));
    Ok(())
}

fn a_row_deleted_from_an_index_of_some_rows_comes_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Account::new("x"));
    session.commit()?;
    session.delete(old)?;
    session.add(Account::new("x"));
    session.commit()?;
    assert_eq!(names(&engine), [("x".to_owned(), None)]);
    Ok(())
}

fn what_is_unclear_in_an_index_of_some_rows_is_left_to_the_database(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Account { closed_on: Some(1), ..Account::new("x") });
    session.commit()?;
    // what frees the value goes first, what needs the new row behind it
    let new = session.add(Account { closed_on: Some(3), ..Account::new("x") });
    session[old].closed_on = Some(2);
    session[old].heir = Some(new.into());
    session.commit()?;
    let (one, two) = (old, new);
    session[one].name = "y".into();
    session[two].name = "z".into();
    session.commit()?;
    // neither is in the index: an exchange that is none
    session[one].name = "z".into();
    session[two].name = "y".into();
    session.commit()?;
    assert_eq!(names(&engine), [("z".to_owned(), Some(2)), ("y".to_owned(), Some(3))]);
    Ok(())
}

fn a_field_s_own_constraint_is_checked_later(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (one, two) = (session.add(Rank::new(1)), session.add(Rank::new(2)));
    session.commit()?;
    session[one].place = 2;
    session[two].place = 1;
    let log = engine.record();
    if !engine.dialect().features.deferrable_uniques {
        let error = session.flush().expect_err("it is checked at once");
        assert!(error.to_string().contains("`uq_ranks_place`"), "{error}");
        return Ok(());
    }
    session.commit()?;
    assert_eq!(statements(&log)[0], r#"SET CONSTRAINTS "uq_ranks_place" DEFERRED"#);
    let places: Vec<(i32,)> = committed(&engine, text("SELECT place FROM ranks ORDER BY id"));
    assert_eq!(places, [(2,), (1,)]);
    Ok(())
}

fn a_value_that_others_repeat_is_not_emptied(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(
        &engine,
        &[
            "INSERT INTO labels (id, code) VALUES (1, 'a'), (2, 'b')",
            "INSERT INTO stickers (id, code) VALUES (1, 'a'), (2, 'b')",
        ],
    );
    let mut session = engine.session();
    let labels = session.query(Label).order_by(Label.id).all()?;
    session.query(Sticker).all()?;
    session.commit()?;
    session[labels[0]].code = Some("b".into());
    session[labels[1]].code = Some("a".into());
    let error = session.flush().expect_err("stickers would follow to NULL");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    session[labels[1]].code = Some("c".into());
    session.commit()?;
    let stickers: Vec<(Option<String>,)> =
        committed(&engine, text("SELECT code FROM stickers ORDER BY id"));
    assert_eq!(stickers, [(Some("b".to_owned()),), (Some("c".to_owned()),)]);
    Ok(())
}
