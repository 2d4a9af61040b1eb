//! UNIQUE values that go from row to row in one flush: chains, exchanges, replacements.

use crate::setup::{committed, statements};
use orm::engine::text;
use orm::prelude::*;
use orm::{ErrorKind, Handle};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_chain_is_one_update_per_level,
    a_deletion_and_a_chain_behind_it,
    an_exchange_goes_through_null,
    an_exchange_that_cant_be_is_told_before_sql,
    a_value_is_taken_by_a_new_row_from_a_changed_one,
    an_update_that_points_to_the_new_row_goes_in_two_parts,
    a_parent_is_replaced_by_one_of_the_same_name,
    a_unique_reference_is_exchanged,
    a_composite_value_moves_along_a_chain,
    keys_move_along_a_chain,
    an_exchange_of_keys_is_told_before_sql,
    a_new_row_takes_a_key_that_changes,
    a_value_is_handed_on_inside_a_tree,
    many_exchanges_in_one_flush,
    an_exchange_is_checked_later_where_declared,
    a_row_that_plain_columns_point_to_comes_first,
    rows_of_a_table_that_points_to_itself_by_plain_columns,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "seats")]
struct Seat {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    number: i32,
    #[orm(unique)]
    guest: Option<String>,
    next: Option<Ref<Seat>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "teams")]
struct Team {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    name: String,
    #[orm(back_populates = team)]
    players: Many<Player>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "players")]
struct Player {
    #[orm(primary_key)]
    id: Auto<i64>,
    team: Option<Ref<Team>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "badges")]
struct Badge {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    owner: Option<Ref<Team>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "zones")]
struct Zone {
    #[orm(primary_key, length = 10)]
    code: String,
    label: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "zone_codes")]
struct ZoneCode {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    pair: Ref<crate::models::Pair>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "slots", unique(place, deferrable))]
struct Slot {
    #[orm(primary_key)]
    id: Auto<i64>,
    place: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "stalls", foreign_key(zone => Zone(code)))]
struct Stall {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(length = 10)]
    zone: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "posts", foreign_key(after => Post(number)))]
struct Post {
    #[orm(primary_key)]
    number: i32,
    after: Option<i32>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((
        (Seat, Team, Player, Badge, Zone, ZoneCode, crate::models::Pair),
        (Slot, Stall, Post),
    ));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn seats(session: &mut Session, numbers: std::ops::Range<i32>) -> orm::Result<Vec<Handle<Seat>>> {
    let seats = numbers.map(Seat::new).collect::<Vec<_>>();
    let seats = session.add_all(seats);
    session.commit()?;
    Ok(seats)
}

fn numbers(engine: &Engine) -> Vec<(i64, i32)> {
    committed(engine, text("SELECT id, number FROM seats ORDER BY id"))
}

fn a_chain_is_one_update_per_level(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..4)?;
    // two chains of two, in both directions of the key
    session[seats[0]].number = 1;
    session[seats[1]].number = 10;
    session[seats[3]].number = 2;
    session[seats[2]].number = 20;
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    if engine.dialect().features.unnest {
        assert_eq!(sent.len(), 2, "{sent:#?}");
    }
    assert!(sent.iter().all(|sql| sql.starts_with("UPDATE")), "{sent:#?}");
    let found: Vec<i32> = numbers(&engine).into_iter().map(|(_, number)| number).collect();
    assert_eq!(found, [1, 10, 20, 2]);
    Ok(())
}

fn a_deletion_and_a_chain_behind_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..3)?;
    session.delete(seats[2])?;
    session[seats[1]].number = 2;
    session[seats[0]].number = 1;
    let new = session.add(Seat::new(0));
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    let verbs: Vec<&str> = sent.iter().filter_map(|sql| sql.split(' ').next()).collect();
    assert_eq!(verbs, ["DELETE", "UPDATE", "UPDATE", "INSERT"], "{sent:#?}");
    let found: Vec<i32> = numbers(&engine).into_iter().map(|(_, number)| number).collect();
    assert_eq!(found, [1, 2, 0]);
    assert_eq!(session[new].number, 0);
    Ok(())
}

fn an_exchange_goes_through_null(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..3)?;
    for (seat, guest) in seats.iter().zip(["a", "b", "c"]) {
        session[*seat].guest = Some(guest.to_owned());
    }
    session.commit()?;
    for (seat, guest) in seats.iter().zip(["b", "c", "a"]) {
        session[*seat].guest = Some(guest.to_owned());
    }
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 4, "one is emptied, then one after the other: {sent:#?}");
    let guests: Vec<(String,)> = committed(&engine, text("SELECT guest FROM seats ORDER BY id"));
    assert_eq!(guests, [("b".into(),), ("c".into(),), ("a".into(),)]);
    log.take();
    session.flush()?;
    assert!(log.is_empty(), "nothing was left to write");
    Ok(())
}

fn an_exchange_that_cant_be_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..2)?;
    session[seats[0]].number = 1;
    session[seats[1]].number = 0;
    let log = engine.record();
    let error = session.commit().expect_err("neither can come first");
    assert!(log.is_empty(), "no SQL: {:?}", log.take());
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let told = error.to_string();
    assert!(told.contains("Seat(1)") && told.contains("Seat(2)"), "{told}");
    assert!(told.contains("`uq_seats_number`") && told.contains("NULLable"), "{told}");
    let deferrable = engine.dialect().features.deferrable_uniques;
    assert_eq!(told.contains("`unique(number, deferrable)`"), deferrable, "{told}");
    // the same session goes on once it is mended
    session[seats[1]].number = 7;
    session.commit()?;
    let found: Vec<i32> = numbers(&engine).into_iter().map(|(_, number)| number).collect();
    assert_eq!(found, [1, 7]);
    Ok(())
}

fn a_value_is_taken_by_a_new_row_from_a_changed_one(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..1)?;
    session[seats[0]].number = 1;
    session.add(Seat::new(0));
    session.commit()?;
    let found: Vec<i32> = numbers(&engine).into_iter().map(|(_, number)| number).collect();
    assert_eq!(found, [1, 0]);
    Ok(())
}

fn an_update_that_points_to_the_new_row_goes_in_two_parts(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..1)?;
    let new = session.add(Seat::new(0));
    session[seats[0]].number = 1;
    session[seats[0]].next = Some(new.into());
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    let verbs: Vec<&str> = sent.iter().filter_map(|sql| sql.split(' ').next()).collect();
    assert_eq!(verbs, ["UPDATE", "INSERT", "UPDATE"], "{sent:#?}");
    let rows: Vec<(i32, i32)> = committed(
        &engine,
        text("SELECT s.number, n.number FROM seats s JOIN seats n ON s.next_id = n.id"),
    );
    assert_eq!(rows, [(1, 0)]);
    Ok(())
}

fn a_parent_is_replaced_by_one_of_the_same_name(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Team::new("reds"));
    let player = session.push(old, Team.players, Player::new())?;
    session.commit()?;
    let new = session.add(Team::new("reds"));
    session[player].team = Some(new.into());
    session.delete(old)?;
    session.commit()?;
    let rows: Vec<(String,)> =
        committed(&engine, text("SELECT t.name FROM teams t JOIN players p ON p.team_id = t.id"));
    assert_eq!(rows, [("reds".into(),)]);
    assert!(session[player].team == new);
    Ok(())
}

fn a_unique_reference_is_exchanged(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (reds, blues) = (session.add(Team::new("reds")), session.add(Team::new("blues")));
    let one = session.add(Badge { owner: Some(reds.into()), ..Badge::new() });
    let other = session.add(Badge { owner: Some(blues.into()), ..Badge::new() });
    session.commit()?;
    session[one].owner = Some(blues.into());
    session[other].owner = Some(reds.into());
    session.commit()?;
    let rows: Vec<(String,)> = committed(
        &engine,
        text("SELECT t.name FROM teams t JOIN badges b ON b.owner_id = t.id ORDER BY b.id"),
    );
    assert_eq!(rows, [("blues".into(),), ("reds".into(),)]);
    Ok(())
}

fn a_composite_value_moves_along_a_chain(db: &TestDatabase) -> Done {
    use crate::models::Pair;
    let engine = ready(db)?;
    let mut session = engine.session();
    let pairs: Vec<_> = (0..3).map(|number| session.add(Pair::new(number, "x", "label"))).collect();
    let codes: Vec<_> = (0..2).map(|n| session.add(ZoneCode::new(pairs[n]))).collect();
    session.commit()?;
    session[codes[0]].pair = pairs[1].into();
    session[codes[1]].pair = pairs[2].into();
    session.commit()?;
    let rows: Vec<(i32,)> =
        committed(&engine, text("SELECT pair_number FROM zone_codes ORDER BY id"));
    assert_eq!(rows, [(1,), (2,)]);
    Ok(())
}

fn zones(session: &mut Session) -> orm::Result<[Handle<Zone>; 3]> {
    let zones = ["a", "b", "c"].map(|code| session.add(Zone::new(code, code)));
    session.commit()?;
    Ok(zones)
}

fn labels(engine: &Engine) -> Vec<(String, String)> {
    committed(engine, text("SELECT code, label FROM zones ORDER BY code"))
}

fn pairs_of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

fn keys_move_along_a_chain(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [a, b, c] = zones(&mut session)?;
    // against the order of the keys and with it
    session[a].code = "b".into();
    session[b].code = "c".into();
    session[c].code = "d".into();
    session.commit()?;
    assert_eq!(labels(&engine), pairs_of(&[("b", "a"), ("c", "b"), ("d", "c")]));
    assert_eq!(session.get(Zone, "b")?, Some(a));
    assert_eq!(session.get(Zone, "d")?, Some(c));
    session[c].code = "a".into();
    session[b].code = "d".into();
    session.flush()?;
    session.rollback()?;
    assert_eq!(session.get(Zone, "c")?, Some(b));
    assert_eq!(session.get(Zone, "a")?, None);
    Ok(())
}

fn an_exchange_of_keys_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [a, b, _] = zones(&mut session)?;
    session[a].code = "b".into();
    session[b].code = "a".into();
    let log = engine.record();
    let error = session.flush().expect_err("keys can't be empty");
    assert!(log.is_empty());
    assert!(error.to_string().contains("`pk_zones`"), "{error}");
    session[b].code = "z".into();
    session.commit()?;
    assert_eq!(labels(&engine), pairs_of(&[("b", "a"), ("c", "c"), ("z", "b")]));
    Ok(())
}

fn a_new_row_takes_a_key_that_changes(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [a, ..] = zones(&mut session)?;
    session[a].code = "z".into();
    let new = session.add(Zone::new("a", "new"));
    session.commit()?;
    assert_eq!(labels(&engine), pairs_of(&[("a", "new"), ("b", "b"), ("c", "c"), ("z", "a")]));
    assert_eq!(session.get(Zone, "a")?, Some(new));
    assert_eq!(session.get(Zone, "z")?, Some(a));
    Ok(())
}

fn a_value_is_handed_on_inside_a_tree(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..2)?;
    session[seats[0]].next = Some(seats[1].into());
    session.commit()?;
    session.delete(seats[0])?;
    session.delete(seats[1])?;
    let first = session.add(Seat::new(1));
    let second = session.add(Seat { next: Some(first.into()), ..Seat::new(0) });
    session[first].next = Some(second.into());
    session.commit()?;
    let rows: Vec<(i32, i32)> = committed(
        &engine,
        text("SELECT s.number, n.number FROM seats s JOIN seats n ON s.next_id = n.id ORDER BY 1"),
    );
    assert_eq!(rows, [(0, 1), (1, 0)]);
    Ok(())
}

fn many_exchanges_in_one_flush(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let seats = seats(&mut session, 0..400)?;
    for (seat, guest) in seats.iter().zip(0..) {
        session[*seat].guest = Some(format!("guest {guest}"));
    }
    session.commit()?;
    for pair in seats.chunks(2) {
        let [one, other] = session.get_disjoint_mut([pair[0], pair[1]])?;
        std::mem::swap(&mut one.guest, &mut other.guest);
    }
    let log = engine.record();
    session.commit()?;
    if engine.dialect().features.unnest {
        assert_eq!(statements(&log).len(), 3);
    }
    let swapped: Vec<(i64,)> = committed(
        &engine,
        text(
            "SELECT count(*) FROM seats WHERE guest = 'guest ' || (number + 1 - 2 * (number % 2))",
        ),
    );
    assert_eq!(swapped, [(400,)]);
    Ok(())
}

fn an_exchange_is_checked_later_where_declared(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let slots = session.add_all((0..3).map(Slot::new));
    session.commit()?;
    for (slot, place) in slots.iter().zip([1, 2, 0]) {
        session[*slot].place = place;
    }
    let log = engine.record();
    if !engine.dialect().features.deferrable_uniques {
        let error = session.flush().expect_err("it is checked at once");
        assert!(error.to_string().contains("`uq_slots_place`"), "{error}");
        assert!(log.is_empty());
        return Ok(());
    }
    session.flush()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 3, "{sent:#?}");
    assert_eq!(sent[0], r#"SET CONSTRAINTS "uq_slots_place" DEFERRED"#);
    assert!(sent[1].starts_with("UPDATE"), "{sent:#?}");
    assert_eq!(sent[2], r#"SET CONSTRAINTS "uq_slots_place" IMMEDIATE"#);
    session.commit()?;
    let places: Vec<(i32,)> = committed(&engine, text("SELECT place FROM slots ORDER BY id"));
    assert_eq!(places, [(1,), (2,), (0,)]);
    Ok(())
}

fn a_row_that_plain_columns_point_to_comes_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let stall = session.add(Stall::new("a"));
    let zone = session.add(Zone::new("a", "label"));
    session.commit()?;
    session.delete(zone)?;
    session.delete(stall)?;
    session.commit()?;
    assert_eq!(session.query(Stall).count()? + session.query(Zone).count()?, 0);
    Ok(())
}

fn rows_of_a_table_that_points_to_itself_by_plain_columns(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let posts: Vec<_> = (0..5)
        .map(|number| {
            session.add(Post { after: (number < 4).then_some(number + 1), ..Post::new(number) })
        })
        .collect();
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 5, "one INSERT per level");
    for post in posts {
        session.delete(post)?;
    }
    session.commit()?;
    assert_eq!(session.query(Post).count()?, 0);
    Ok(())
}
