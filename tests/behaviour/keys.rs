//! Keys of several columns, keys the program gives, keys that change, keys of every type.

use crate::models::*;
use crate::setup::*;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_key_of_two_columns_lives_its_whole_life,
    a_reference_to_a_key_of_two_columns,
    many_rows_with_keys_of_two_columns,
    a_natural_key_is_given_and_found,
    a_changed_key_moves_its_row_and_its_children,
    a_reference_follows_a_changed_key,
    a_changed_part_of_a_key,
    a_key_made_of_a_reference,
    keys_of_every_type_are_found_again,
    a_text_key_is_found_as_text,
    a_smaller_generated_key,
);

type Done = orm::Result<()>;

fn a_key_of_two_columns_lives_its_whole_life(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let pair = session.add(Pair::new(1, "a", "one"));
    session.add(Pair::new(1, "b", "two"));
    session.add(Pair::new(2, "a", "three"));
    session.commit()?;
    assert_eq!(session.get(Pair, (1, "a"))?, Some(pair));
    let mut other = engine.session();
    let read = other.get(Pair, (1, "b".to_owned()))?.expect("there");
    assert_eq!(other[read].label, "two");
    assert_eq!(other.get(Pair, (2, "b"))?, None);
    session[pair].label = "changed".into();
    session.commit()?;
    let labels: Vec<(String,)> =
        committed(&engine, text("SELECT label FROM pairs ORDER BY number, letter"));
    assert_eq!(labels, ["changed", "two", "three"].map(|label| (label.to_owned(),)));
    session.delete(pair)?;
    session.commit()?;
    assert_eq!(session.get(Pair, (1, "a"))?, None);
    assert_eq!(session.query(Pair).count()?, 2);
    Ok(())
}

fn a_reference_to_a_key_of_two_columns(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let pair = session.add(Pair::new(1, "a", "one"));
    let by_handle = session.add(PairChild::new(pair));
    let by_key =
        session.add(PairChild { other: Some((1, "a".to_owned()).into()), ..PairChild::new(pair) });
    session.commit()?;
    assert_eq!(session[by_handle].pair.key(), Some((1, "a".to_owned())));
    assert!(session[by_key].other == pair);
    let mut other = engine.session();
    let read = other.get(PairChild, session[by_handle].id)?.expect("there");
    assert!(other[read].other.is_none());
    let pair = other.get(Pair, (1, "a"))?.expect("there");
    assert!(other[read].pair == pair);
    assert_eq!(other.query(PairChild).filter(PairChild.pair.eq(pair)).count()?, 2);
    assert_eq!(other.query(PairChild).filter(PairChild.other.eq((1, "a".to_owned()))).count()?, 1);
    assert_eq!(other.query(PairChild).filter(PairChild.other.is_null()).count()?, 1);
    Ok(())
}

fn many_rows_with_keys_of_two_columns(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let pairs: Vec<_> = (0..250)
        .map(|n| session.add(Pair::new(n % 25, format!("l{}", n / 25), format!("{n}"))))
        .collect();
    session.commit()?;
    for &pair in &pairs {
        session[pair].label.push('!');
    }
    let log = engine.record();
    session.flush()?;
    if engine.dialect().features.unnest {
        assert_eq!(statements(&log).len(), 1);
    }
    assert_eq!(session.query(Pair).filter(Pair.label.ends_with("!")).count()?, 250);
    for &pair in &pairs[..200] {
        session.delete(pair)?;
    }
    session.commit()?;
    assert_eq!(session.query(Pair).count()?, 50);
    Ok(())
}

fn a_natural_key_is_given_and_found(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let de = session.add(Natural::new("de", "Germany"));
    let city =
        session.add(NaturalChild { country: Some("de".into()), ..NaturalChild::new("Bonn") });
    session.commit()?;
    assert_eq!(statements(&log).len(), 2);
    assert_eq!(session.get(Natural, "de")?, Some(de));
    assert!(session[city].country == de);
    assert_eq!(session[city].country.as_ref().and_then(Ref::key).as_deref(), Some("de"));
    Ok(())
}

fn a_changed_key_moves_its_row_and_its_children(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let de = session.add(Natural::new("de", "Germany"));
    let bonn = session.add(NaturalChild { country: Some(de.into()), ..NaturalChild::new("Bonn") });
    session.commit()?;
    session[de].code = "DE".into();
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(session.get(Natural, "DE")?, Some(de));
    assert!(session[bonn].country == de);
    session[bonn].name.push('!');
    session.commit()?;
    let rows: Vec<(String, String)> =
        committed(&engine, text("SELECT name, country_code FROM cities"));
    assert_eq!(rows, [("Bonn!".to_owned(), "DE".to_owned())]);
    assert_eq!(session.query(NaturalChild).filter(NaturalChild.country.eq(de)).all()?, [bonn]);
    Ok(())
}

fn a_reference_follows_a_changed_key(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let country = session.add(Natural::new("D", "Germany"));
    let city =
        session.add(NaturalChild { country: Some(country.into()), ..NaturalChild::new("Bonn") });
    session.commit()?;
    let key = |session: &Session| session[city].country.as_ref().and_then(Ref::key);
    session[country].code = "DE".into();
    session.flush()?;
    assert_eq!(key(&session).as_deref(), Some("DE"));
    assert_eq!(format!("{:?}", session[city].country), "Some(Ref(\"DE\"))");
    let log = engine.record();
    session.flush()?;
    assert!(log.is_empty(), "the database has told the row: {:?}", log.take());
    session.rollback()?;
    assert_eq!(key(&session).as_deref(), Some("D"));
    session[country].code = "DE".into();
    session.commit()?;
    assert_eq!(key(&session).as_deref(), Some("DE"));
    let stored: Vec<(String,)> = committed(&engine, text("SELECT country_code FROM cities"));
    assert_eq!(stored, [("DE".to_owned(),)]);
    Ok(())
}

fn a_changed_part_of_a_key(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let pair = session.add(Pair::new(1, "a", "one"));
    session.commit()?;
    session[pair].letter = "b".into();
    session[pair].label = "moved".into();
    session.commit()?;
    assert_eq!(session.get(Pair, (1, "b"))?, Some(pair));
    assert_eq!(session.get(Pair, (1, "a"))?, None);
    let rows: Vec<(i32, String, String)> =
        committed(&engine, text("SELECT number, letter, label FROM pairs"));
    assert_eq!(rows, [(1, "b".to_owned(), "moved".to_owned())]);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "memberships")]
struct Membership {
    #[orm(primary_key)]
    parent: Ref<Parent>,
    #[orm(primary_key)]
    year: i32,
    fee: i64,
}

fn a_key_made_of_a_reference(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Membership)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    let one = session.add(Membership::new(parent, 2024, 10));
    let two = session.add(Membership::new(parent, 2025, 20));
    session.commit()?;
    let id = *session[parent].id.get().expect("flushed");
    assert_eq!(session.get(Membership, (id, 2024))?, Some(one));
    session[two].fee = 21;
    session.delete(one)?;
    session.commit()?;
    let rows: Vec<(i64, i32, i64)> =
        committed(&engine, text("SELECT parent_id, year, fee FROM memberships"));
    assert_eq!(rows, [(id, 2025, 21)]);
    let mut other = engine.session();
    let read = other.get(Membership, (id, 2025))?.expect("there");
    assert_eq!(other[read].fee, 21);
    Ok(())
}

macro_rules! keyed {
    ($($(#[$condition:meta])? $model:ident $table:literal $key:ty: $one:expr, $other:expr;)*) => {
        $(
            $(#[$condition])?
            #[derive(Model, Clone, Debug)]
            #[orm(table = $table)]
            struct $model {
                #[orm(primary_key)]
                key: $key,
                n: i32,
            }
        )*

        fn keys_of_every_type_are_found_again(db: &TestDatabase) -> Done {
            $(
                $(#[$condition])?
                {
                    let engine = Engine::builder(db.url()).models(Schema::of($model)).build()?;
                    engine.create_all()?;
                    let (one, other): ($key, $key) = ($one, $other);
                    let mut session = engine.session();
                    let object = session.add($model { key: one.clone(), n: 1 });
                    session.add($model { key: other.clone(), n: 2 });
                    session.commit()?;
                    assert_eq!(session.get($model, one.clone())?, Some(object), $table);
                    session[object].n = 3;
                    session.commit()?;
                    let mut read = engine.session();
                    let found = read.get($model, one.clone())?.expect($table);
                    assert_eq!((read[found].key.clone(), read[found].n), (one.clone(), 3));
                    let found = read.query($model).filter($model.key.in_([other.clone()])).one()?;
                    assert_eq!(read[found].n, 2);
                    read.delete(found)?;
                    read.commit()?;
                    assert_eq!(read.get($model, other)?, None);
                }
            )*
            Ok(())
        }
    };
}

keyed! {
    OfBool "of_bool" bool: true, false;
    OfSmall "of_small" i16: i16::MIN, i16::MAX;
    OfInt "of_int" i32: i32::MIN, i32::MAX;
    OfBig "of_big" i64: i64::MIN, i64::MAX;
    OfText "of_text" String: "ä'\"\\%".to_owned(), String::new();
    OfBytes "of_bytes" Vec<u8>: vec![0, 255, 7], vec![];
    OfDate "of_date" NaiveDate: NaiveDate::from_ymd_opt(2024, 2, 29).expect("a day"), NaiveDate::default();
    OfTime "of_time" NaiveTime: NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("a time"), NaiveTime::MIN;
    OfMoment "of_moment" DateTime<Utc>: DateTime::from_timestamp_micros(-1).expect("a moment"), DateTime::UNIX_EPOCH;
    #[cfg(feature = "uuid")]
    OfUuid "of_uuid" uuid::Uuid: uuid::Uuid::from_u128(u128::MAX), uuid::Uuid::nil();
    #[cfg(feature = "decimal")]
    OfDecimal "of_decimal" rust_decimal::Decimal: rust_decimal::Decimal::new(-1050, 2), rust_decimal::Decimal::ZERO;
}

fn a_text_key_is_found_as_text(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let country = session.add(Natural::new("007", "a number in text"));
    session.commit()?;
    let mut other = engine.session();
    assert!(other.get(Natural, "007")?.is_some());
    assert!(other.get(Natural, "7")?.is_none());
    assert_eq!(session[country].code, "007");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "smaller")]
struct Smaller {
    #[orm(primary_key)]
    id: Auto<i16>,
    name: String,
}

fn a_smaller_generated_key(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Smaller)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let all = session.add_all((0..3).map(|n| Smaller::new(n.to_string())));
    session.commit()?;
    assert_eq!(all.iter().map(|&o| session[o].id).collect::<Vec<_>>(), [1, 2, 3].map(Auto::Set));
    assert_eq!(session.get(Smaller, 2)?, Some(all[1]));
    Ok(())
}
