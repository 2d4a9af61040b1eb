//! Values that the database makes: defaults left to it and computed columns come back with the flush.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    defaults_left_out_come_back,
    values_given_and_left_out_are_two_batches,
    computed_columns_come_back_with_an_insert,
    computed_columns_come_back_with_an_update,
    keys_that_are_given_find_their_objects,
    a_key_of_several_columns_finds_its_object,
    many_rows_find_their_objects,
    no_statement_more_is_sent,
    after_a_rollback_they_are_unset_again,
    a_value_set_by_hand_is_told_before_sql,
    a_value_unset_again_is_told_before_sql,
    an_update_of_a_row_that_is_gone_names_it,
    a_new_object_in_the_place_of_a_deleted_one_has_them,
    a_set_based_update_brings_computed_columns_up_to_date,
    merging_a_value_leaves_computed_columns_alone,
    a_generated_value_without_a_way_to_make_it_is_refused,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "lines")]
struct Line {
    #[orm(primary_key)]
    id: Auto<i64>,
    price: i64,
    amount: Option<i64>,
    #[orm(server_default = "'new'")]
    state: Auto<String>,
    #[orm(server_default = "40 + 2")]
    weight: Auto<Option<i32>>,
    #[orm(computed = "price * amount")]
    total: Auto<Option<i64>>,
    #[orm(computed = "price * 2")]
    double: Auto<i64>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tags")]
struct Tag {
    #[orm(primary_key)]
    name: String,
    #[orm(server_default = "7")]
    rank: Auto<i32>,
    #[orm(computed = "name || '!'")]
    loud: Auto<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "places", primary_key(line, row))]
struct Place {
    line: Ref<Line>,
    row: i32,
    #[orm(computed = "row * 10")]
    seat: Auto<i32>,
}

fn shop(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Line, Tag, Place))).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn defaults_left_out_come_back(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line::new(5));
    session.flush()?;
    assert_eq!(session[line].state, "new".to_owned());
    assert_eq!(session[line].weight, Some(42));
    session.commit()?;
    let rows = committed::<(String, i32)>(&engine, text("SELECT state, weight FROM lines"));
    assert_eq!(rows, [("new".to_owned(), 42)]);
    // what came back is no change
    let log = engine.record();
    let _ = &mut session[line];
    session.commit()?;
    assert_eq!(statements(&log), Vec::<String>::new());
    Ok(())
}

fn values_given_and_left_out_are_two_batches(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let new = |price| Line::new(price);
    let given = session.add(Line { state: "old".to_owned().into(), ..new(1) });
    let null = session.add(Line { weight: None.into(), ..new(2) });
    let plain = [session.add(new(3)), session.add(new(4))];
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 3);
    let of = |session: &Session, line: Handle<Line>| {
        let line = &session[line];
        (line.price, line.state.get().cloned(), line.weight.get().copied())
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(of(&session, given), (1, text("old"), Some(Some(42))));
    assert_eq!(of(&session, null), (2, text("new"), Some(None)));
    assert_eq!(of(&session, plain[0]), (3, text("new"), Some(Some(42))));
    let rows: Vec<(i64, String, Option<i32>)> =
        select((Line.price, Line.state, Line.weight)).order_by(Line.price).all(&mut session)?;
    let state = |text: &str| text.to_owned();
    let rest = [(3, state("new"), Some(42)), (4, state("new"), Some(42))];
    assert_eq!(rows[..2], [(1, state("old"), Some(42)), (2, state("new"), None)]);
    assert_eq!(rows[2..], rest);
    Ok(())
}

fn computed_columns_come_back_with_an_insert(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let full = session.add(Line { amount: Some(3), ..Line::new(5) });
    let empty = session.add(Line::new(6));
    session.commit()?;
    assert_eq!((session[full].total, session[full].double), (Some(15).into(), 10.into()));
    assert_eq!((session[empty].total, session[empty].double), (None.into(), 12.into()));
    let mut other = engine.session();
    let read = select(Line).filter(Line.total.eq(15)).one(&mut other)?;
    assert_eq!(other[read].double, 10);
    Ok(())
}

fn computed_columns_come_back_with_an_update(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let lines: Vec<Handle<Line>> =
        (1..=3).map(|price| session.add(Line { amount: Some(1), ..Line::new(price) })).collect();
    session.commit()?;
    for (number, &line) in lines.iter().enumerate() {
        session[line].amount = Some(i64::try_from(number).unwrap_or(0) * 10);
    }
    session.flush()?;
    let totals: Vec<Option<i64>> =
        lines.iter().filter_map(|&line| session[line].total.get().copied()).collect();
    assert_eq!(totals, [Some(0), Some(20), Some(60)]);
    session.rollback()?;
    assert_eq!(session[lines[2]].total, Some(3), "as in the row again");
    Ok(())
}

fn keys_that_are_given_find_their_objects(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let names = ["zeta", "alpha", "Ärger", "", "quote'd", "mid"];
    let tags: Vec<Handle<Tag>> = names.iter().map(|name| session.add(Tag::new(*name))).collect();
    session.commit()?;
    for (name, &tag) in names.iter().zip(&tags) {
        assert_eq!(session[tag].loud, format!("{name}!"));
        assert_eq!(session[tag].rank, 7);
    }
    // also where the key itself is changed
    session[tags[0]].name = "omega".into();
    session[tags[1]].name = "beta".into();
    session.commit()?;
    assert_eq!(session[tags[0]].loud, "omega!".to_owned());
    assert_eq!(session[tags[1]].loud, "beta!".to_owned());
    Ok(())
}

fn a_key_of_several_columns_finds_its_object(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line::new(1));
    let places: Vec<Handle<Place>> =
        [3, 1, 2].map(|row| session.add(Place::new(line, row))).to_vec();
    session.commit()?;
    let seats: Vec<Option<i32>> =
        places.iter().map(|&place| session[place].seat.get().copied()).collect();
    assert_eq!(seats, [Some(30), Some(10), Some(20)]);
    Ok(())
}

fn many_rows_find_their_objects(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let lines: Vec<Handle<Line>> =
        (0..1_000).map(|n| session.add(Line::new(n * 7_919 % 1_000))).collect();
    session.commit()?;
    for &line in &lines {
        assert_eq!(session[line].double, session[line].price * 2);
        session[line].price += 1;
    }
    session.commit()?;
    for &line in &lines {
        assert_eq!(session[line].double, session[line].price * 2);
    }
    let rows: Vec<(i64, i64)> = select((Line.id, Line.price)).all(&mut session)?;
    for (id, price) in rows {
        let line = session.get(Line, id)?.expect("it is there");
        assert_eq!(session[line].price, price);
    }
    Ok(())
}

fn no_statement_more_is_sent(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let lines: Vec<Handle<Line>> = (0..5).map(|price| session.add(Line::new(price))).collect();
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1, "an INSERT");
    for &line in &lines {
        session[line].price += 1;
    }
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.iter().collect::<std::collections::HashSet<_>>().len(), 1, "{sent:?}");
    assert!(!sent[0].contains("SELECT"), "{}", sent[0]);
    Ok(())
}

fn after_a_rollback_they_are_unset_again(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line { weight: Some(3).into(), ..Line::new(5) });
    session.flush()?;
    assert_eq!(session[line].double, 10);
    session.rollback()?;
    let value = session.take(line).expect("it was added inside");
    assert_eq!((value.id, value.double, value.total), (Auto::Unset, Auto::Unset, Auto::Unset));
    assert_eq!((value.state, value.weight), (Auto::Unset, Some(3).into()));
    Ok(())
}

fn a_value_set_by_hand_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line::new(5));
    session.commit()?;
    let log = engine.record();
    session[line].double.set(11);
    let error = session.flush().expect_err("computed");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert_eq!(
        error.to_string(),
        "`Line.double` of Line(1) was set, and is computed by the database; leave it as it is, or \
         unset in a new object"
    );
    session.rollback()?;
    session.add(Line { total: Some(1).into(), ..Line::new(5) });
    let error = session.flush().expect_err("computed");
    assert!(error.to_string().starts_with("`Line.total` of "), "{error}");
    session.rollback()?;
    let error = session.query(Line).update(Line.double.set(1)).expect_err("computed");
    assert_eq!(
        error.to_string(),
        "`Line.double` is computed by the database and can't be set; set what it is computed from"
    );
    assert_eq!(statements(&log), Vec::<String>::new());
    Ok(())
}

fn a_value_unset_again_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line::new(5));
    session.commit()?;
    session[line].state = Auto::Unset;
    let error = session.flush().expect_err("unset");
    assert_eq!(
        error.to_string(),
        "`Line.state` of Line(1) was unset; the database makes its value when the row is inserted \
         only, give one"
    );
    Ok(())
}

fn an_update_of_a_row_that_is_gone_names_it(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let lines = [session.add(Line::new(1)), session.add(Line::new(2))];
    session.commit()?;
    run(&engine, &["DELETE FROM lines WHERE price = 2"]);
    for line in lines {
        session[line].price += 10;
    }
    let error = session.flush().expect_err("stale");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(error.to_string().contains("Line(2)"), "{error}");
    assert!(!error.to_string().contains("Line(1)"), "{error}");
    Ok(())
}

fn a_new_object_in_the_place_of_a_deleted_one_has_them(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let old = session.add(Tag { rank: 9.into(), ..Tag::new("a") });
    session.commit()?;
    session.delete(old)?;
    let new = session.add(Tag::new("a"));
    session.commit()?;
    assert_eq!(session[new].loud, "a!".to_owned());
    assert_eq!(session[new].rank, 9, "left to the database: as it is in the row");
    Ok(())
}

fn a_set_based_update_brings_computed_columns_up_to_date(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line { amount: Some(2), ..Line::new(5) });
    session.commit()?;
    session.query(Line).filter(Line.price.eq(5)).update(Line.price.set(6))?;
    assert_eq!((session[line].total, session[line].double), (Some(12).into(), 12.into()));
    Ok(())
}

fn merging_a_value_leaves_computed_columns_alone(db: &TestDatabase) -> Done {
    let engine = shop(db)?;
    let mut session = engine.session();
    let line = session.add(Line { amount: Some(2), ..Line::new(5) });
    session.commit()?;
    let old = session[line].clone();
    session[line].price = 6;
    session.commit()?;
    let merged = session.merge(Line { price: 7, ..old.clone() })?;
    assert_eq!(merged, line);
    let new = session.merge(Line { id: 99.into(), ..old })?;
    session.commit()?;
    assert_eq!((session[line].double, session[new].double), (14.into(), 10.into()));
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "unmade")]
struct Unmade {
    #[orm(primary_key)]
    id: i64,
    name: Auto<String>,
}

fn a_generated_value_without_a_way_to_make_it_is_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Unmade)).build().expect_err("a text");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Unmade.name`: the database makes integers only; use `Auto<i64>`, say how it is made by \
         `#[orm(server_default = \"…\")]`, or give the value yourself"
    );
    Ok(())
}

#[test]
fn computed_columns_are_shown_with_the_table() {
    let shown = "\
tags (model Tag)
  name  TEXT     NOT NULL  PRIMARY KEY
  rank  INTEGER  NOT NULL  DEFAULT 7
  loud  TEXT     NOT NULL  GENERATED ALWAYS AS (name || '!')
  PRIMARY KEY pk_tags (name)
";
    assert_eq!(Tag.table().to_string(), shown);
}
