//! Every type of column: extremes and NULL go out and come back, alone and in batches, as values,
//! as conditions and as the ends of an order; what does not fit is told as such.

use crate::setup::*;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use orm::ErrorKind;
use orm::prelude::*;
use orm::types::ColumnType;
use orm_test_support::{TestDatabase, on_each_database};

type Done = orm::Result<()>;

/// A table per type: a value, one that may be NULL; the values are in rising order.
macro_rules! types {
    ($($(#[$condition:meta])? $model:ident $case:ident $table:literal $ty:ty: $values:expr;)*) => {
        $(
            $(#[$condition])?
            #[derive(Model, Clone, Debug)]
            #[orm(table = $table)]
            struct $model {
                #[orm(primary_key)]
                id: Auto<i64>,
                value: $ty,
                option: Option<$ty>,
            }

            $(#[$condition])?
            on_each_database!($case);

            $(#[$condition])?
            fn $case(db: &TestDatabase) -> Done {
                let engine = Engine::builder(db.url()).models(Schema::of($model)).build()?;
                engine.create_all()?;
                let values: Vec<$ty> = $values;
                let same = |one: &$ty, other: &$ty| orm::types::DbType::same(one, other);
                for copies in [1, 200 / values.len() + 1] {
                    let mut session = engine.session();
                    let mut added = Vec::new();
                    for value in (0..copies).flat_map(|_| values.iter()) {
                        let option = (added.len() % 2 == 0).then(|| value.clone());
                        added.push(session.add($model { option, ..$model::new(value.clone()) }));
                    }
                    session.commit()?;
                    let mut other = engine.session();
                    for &object in &added {
                        let read = other.get($model, session[object].id)?.expect("inserted");
                        let (mine, theirs) = (&session[object], &other[read]);
                        assert!(same(&mine.value, &theirs.value), "{mine:?} is not {theirs:?}");
                        match (&mine.option, &theirs.option) {
                            (None, None) => {}
                            (Some(mine), Some(theirs)) => assert!(same(mine, theirs)),
                            _ => panic!("{mine:?} is not {theirs:?}"),
                        }
                    }
                    // update, each to the next value and to the other kind of option
                    for (number, &object) in added.iter().enumerate() {
                        session[object].value = values[(number + 1) % values.len()].clone();
                        session[object].option = match session[object].option {
                            Some(_) => None,
                            None => Some(values[number % values.len()].clone()),
                        };
                    }
                    session.commit()?;
                    let mut other = engine.session();
                    for &object in &added {
                        let read = other.get($model, session[object].id)?.expect("updated");
                        assert!(same(&session[object].value, &other[read].value));
                        assert_eq!(session[object].option.is_some(), other[read].option.is_some());
                    }
                    for object in added {
                        session.delete(object)?;
                    }
                    session.commit()?;
                }
                conditions(&engine, &values)
            }
        )*
    };
}

/// What every type can be asked, on a table of one row per value.
macro_rules! asks {
    ($model:ident, $engine:expr, $values:expr, $ty:ty, $compares:expr) => {{
        let mut session = $engine.session();
        let objects = session.add_all($values.iter().map(|v: &$ty| $model::new(v.clone())));
        for (value, &object) in $values.iter().zip(&objects) {
            let found = session.query($model).filter($model.value.eq(value.clone())).all()?;
            assert_eq!(found, [object], "{value:?}");
            let found = session.query($model).filter($model.value.in_([value.clone()])).all()?;
            assert_eq!(found, [object], "{value:?}");
            assert_eq!(session.query($model).filter($model.option.eq(value.clone())).count()?, 0);
        }
        let many = $values.iter().cycle().take(5_000).cloned();
        let count = i64::try_from($values.len()).unwrap_or(0);
        assert_eq!(session.query($model).filter($model.value.in_(many)).count()?, count);
        if $compares {
            let first = $values[0].clone();
            let last = $values[$values.len() - 1].clone();
            assert_eq!(session.query($model).order_by($model.value).all()?, objects);
            let between = $model.value.between(first.clone(), last.clone());
            assert_eq!(session.query($model).filter(between).count()?, count);
            assert_eq!(session.query($model).filter($model.value.gt(first)).count()?, count - 1);
            assert_eq!(session.query($model).filter($model.value.lt(last)).count()?, count - 1);
        }
        session.rollback()
    }};
}

/// The values of a type and how they are asked for.
trait Asked: Sized {
    fn ask(engine: &Engine, values: &[Self]) -> Done;
}

fn conditions<T: Asked>(engine: &Engine, values: &[T]) -> Done {
    T::ask(engine, values)
}

macro_rules! asked {
    ($($(#[$condition:meta])? $model:ident $ty:ty, $compares:literal, $extremes:literal;)*) => {$(
        $(#[$condition])?
        impl Asked for $ty {
            fn ask(engine: &Engine, values: &[$ty]) -> Done {
                asks!($model, engine, values, $ty, $compares)?;
                let mut session = engine.session();
                session.add_all(values.iter().map(|v| $model::new(v.clone())));
                let ends = session.query((min($model.value), max($model.value))).one();
                if $extremes {
                    let (least, greatest) = ends?;
                    assert_eq!(least.as_ref(), values.first());
                    assert_eq!(greatest.as_ref(), values.last());
                } else {
                    assert_eq!(ends.expect_err("no order").kind(), ErrorKind::InvalidStatement);
                }
                session.rollback()
            }
        }
    )*};
}

asked! {
    OfBool bool, true, false;
    OfI16 i16, true, true;
    OfI32 i32, true, true;
    OfI64 i64, true, true;
    OfF32 f32, true, true;
    OfF64 f64, true, true;
    OfBytes Vec<u8>, true, false;
    OfDate NaiveDate, true, true;
    OfTime NaiveTime, true, true;
    OfTimestamp NaiveDateTime, true, true;
    OfMoment DateTime<Utc>, true, true;
    #[cfg(feature = "uuid")] OfUuid uuid::Uuid, true, false;
    #[cfg(feature = "json")] OfJson serde_json::Value, false, false;
    #[cfg(feature = "decimal")] OfDecimal rust_decimal::Decimal, true, true;
}

impl Asked for String {
    fn ask(engine: &Engine, values: &[String]) -> Done {
        // the order of texts is the database's collation
        asks!(OfString, engine, values, String, false)
    }
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn at(date: NaiveDate, micros: i64) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::microseconds(micros)
}

const LAST_MICRO: i64 = 86_399_999_999;

types! {
    OfBool booleans "of_bool" bool: vec![false, true];
    OfI16 small_integers "of_i16" i16: vec![i16::MIN, -1, 0, 1, i16::MAX];
    OfI32 integers "of_i32" i32: vec![i32::MIN, -1, 0, 1, i32::MAX];
    OfI64 big_integers "of_i64" i64: vec![i64::MIN, -1, 0, 1, (1 << 53) + 1, i64::MAX];
    OfF32 single_floats "of_f32" f32: vec![
        f32::NEG_INFINITY, f32::MIN, -1.0, -f32::MIN_POSITIVE, 0.0, f32::MIN_POSITIVE, 0.1, 1.0 / 3.0,
        16_777_216.0, f32::MAX, f32::INFINITY,
    ];
    OfF64 floats "of_f64" f64: vec![
        f64::NEG_INFINITY, f64::MIN, -1.0, -f64::MIN_POSITIVE, 0.0, 5e-324, 0.1, 1.0 / 3.0,
        9_007_199_254_740_993.0, f64::MAX, f64::INFINITY,
    ];
    OfString texts "of_string" String: ["", " ", "a", "ä\u{301}", "\u{10FFFF}", "'\"\\%_\n", "NULL"]
        .map(str::to_owned).into_iter().chain([ "x".repeat(2_000) ]).collect();
    OfBytes bytes "of_bytes" Vec<u8>: vec![
        vec![], vec![0], vec![0, 0], (0..=255).collect(), vec![0x27; 2_000], vec![255; 3],
    ];
    OfDate dates "of_date" NaiveDate: vec![
        date(0, 1, 1), date(1, 1, 1), date(1582, 10, 15), date(1999, 12, 31), date(2000, 1, 1),
        date(2000, 2, 29), date(2024, 2, 29), date(9999, 12, 31),
    ];
    OfTime times "of_time" NaiveTime: vec![
        NaiveTime::MIN, NaiveTime::MIN + TimeDelta::microseconds(1),
        NaiveTime::MIN + TimeDelta::microseconds(LAST_MICRO - 999_999),
        NaiveTime::MIN + TimeDelta::microseconds(LAST_MICRO),
    ];
    OfTimestamp timestamps "of_timestamp" NaiveDateTime: vec![
        at(date(0, 1, 1), 0), at(date(1999, 12, 31), LAST_MICRO), at(date(2000, 1, 1), 0),
        at(date(2000, 1, 1), 1), at(date(2024, 2, 29), 100_000), at(date(9999, 12, 31), LAST_MICRO),
    ];
    OfMoment moments "of_moment" DateTime<Utc>: vec![
        at(date(0, 1, 1), 0).and_utc(), at(date(1969, 12, 31), LAST_MICRO).and_utc(),
        DateTime::UNIX_EPOCH, at(date(2000, 1, 1), 0).and_utc(), at(date(2024, 3, 31), 123_456).and_utc(),
        at(date(9999, 12, 31), LAST_MICRO).and_utc(),
    ];
    #[cfg(feature = "uuid")]
    OfUuid uuids "of_uuid" uuid::Uuid: vec![
        uuid::Uuid::nil(), uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(0x80 << 120), uuid::Uuid::max(),
    ];
    #[cfg(feature = "json")]
    OfJson json "of_json" serde_json::Value: vec![
        serde_json::Value::Null, serde_json::json!(false), serde_json::json!(0), serde_json::json!(-1.5),
        serde_json::json!("'\"\\ä"), serde_json::json!([]), serde_json::json!({}),
        serde_json::json!({"b": [1, {"c": null}], "a": "x", "": i64::MIN}),
    ];
    #[cfg(feature = "decimal")]
    OfDecimal decimals "of_decimal" rust_decimal::Decimal: ["-79228162514264337593543950335", "-10",
        "-9.5", "-0.0000000000000000000000000001", "0", "0.0000000000000000000000000001", "0.1", "9",
        "10", "10.25", "9999.9999", "10000", "79228162514264337593543950335"]
        .map(|text| text.parse().expect("a decimal")).to_vec();
}

on_each_database!(
    not_a_number_is_kept_or_refused,
    dates_beyond_the_database_are_refused,
    nanoseconds_are_cut_and_object_equals_row,
    a_row_that_does_not_fit_the_type_is_a_decode_error,
    null_where_none_may_be_is_a_decode_error,
    text_longer_than_its_column_is_refused,
    the_sign_of_zero_is_no_change_lost,
);

/// Whether the database keeps what a float of no number is: those with binary arrays do.
fn keeps_nan(engine: &Engine) -> bool {
    engine.dialect().features.array_parameters
}

fn not_a_number_is_kept_or_refused(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(OfF64)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(OfF64::new(f64::NAN));
    if keeps_nan(&engine) {
        session.commit()?;
        let mut other = engine.session();
        let read = other.query(OfF64).one()?;
        assert!(other[read].value.is_nan());
        other[read].value = f64::NAN;
        let log = engine.record();
        other.flush()?;
        assert!(log.is_empty(), "the same bits are no change");
        return Ok(());
    }
    let error = session.flush().expect_err("it would be NULL");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
    session.rollback()?;
    session.add(OfF64::new(1.0));
    session.commit()
}

fn dates_beyond_the_database_are_refused(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((OfDate, OfMoment))).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(OfMoment::new(DateTime::<Utc>::MIN_UTC));
    let error = session.flush().expect_err("before the calendar");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
    session.rollback()?;
    let far = date(9999, 12, 31) + Days::new(1);
    let added = session.add(OfDate::new(far));
    match session.commit() {
        Ok(()) => {
            let id = session[added].id;
            let mut other = engine.session();
            let read = other.get(OfDate, id)?.expect("inserted");
            assert_eq!(other[read].value, far);
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
            session.rollback()?;
        }
    }
    Ok(())
}

fn nanoseconds_are_cut_and_object_equals_row(db: &TestDatabase) -> Done {
    let models = Schema::of((OfTime, OfTimestamp, OfMoment));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).expect("a leap second");
    let time = session.add(OfTime::new(leap));
    let timestamp = session.add(OfTimestamp::new(date(1969, 12, 31).and_time(leap)));
    let early = DateTime::from_timestamp(-1, 999_999_999).expect("a moment");
    let moment = session.add(OfMoment { option: Some(early), ..OfMoment::new(early) });
    session.commit()?;
    let mut other = engine.session();
    let read = other.query(OfTime).one()?;
    assert_eq!(other[read].value, session[time].value);
    let read = other.query(OfTimestamp).one()?;
    assert_eq!(other[read].value, session[timestamp].value);
    let read = other.query(OfMoment).one()?;
    assert_eq!(other[read].value, session[moment].value);
    assert_eq!(other[read].option, session[moment].option);
    assert_eq!(session[moment].value.timestamp_subsec_nanos(), 999_999_000);
    assert_eq!(other.query(OfMoment).filter(OfMoment.value.eq(early)).count()?, 1);
    let log = engine.record();
    session[moment].value = early;
    session[time].value = leap;
    session.flush()?;
    assert!(log.is_empty(), "cut to the same is no change: {:?}", log.take());
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "of_i64")]
struct NarrowInteger {
    #[orm(primary_key)]
    id: Auto<i64>,
    value: i16,
}

fn a_row_that_does_not_fit_the_type_is_a_decode_error(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(OfI64)).build()?;
    engine.create_all()?;
    run(&engine, &["INSERT INTO of_i64 (value) VALUES (32768)"]);
    let mut session = engine.session();
    let error = session.query(NarrowInteger).all().expect_err("wider than i16");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.columns(), ["value"]);
    assert!(
        error.to_string().contains("`value`") && error.to_string().contains("`i16`"),
        "{error}"
    );
    assert!(!error.to_string().contains("32768"), "{error}");
    assert_eq!(session.query(OfI64).count()?, 1, "the session goes on");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "of_i64")]
struct NeverNull {
    #[orm(primary_key)]
    id: Auto<i64>,
    option: i64,
}

fn null_where_none_may_be_is_a_decode_error(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(OfI64)).build()?;
    engine.create_all()?;
    run(&engine, &["INSERT INTO of_i64 (value) VALUES (1)"]);
    let mut connection = engine.connect()?;
    let error = select(NeverNull).all(&mut connection).expect_err("it is NULL");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("`Option`"), "{error}");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "short")]
struct Short {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(length = 3)]
    text: String,
}

fn text_longer_than_its_column_is_refused(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Short)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Short::new("äöü"));
    session.commit()?;
    session.add(Short::new("four"));
    let error = session.flush().expect_err("four characters");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
    if !engine.dialect().features.enforces_length {
        assert_eq!(error.columns(), ["text"]);
        assert!(error.to_string().contains("takes 3 characters at most"), "{error}");
    }
    session.rollback()?;
    assert_eq!(session.query(Short).count()?, 1);
    Ok(())
}

fn the_sign_of_zero_is_no_change_lost(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(OfF64)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let zero = session.add(OfF64::new(0.0));
    session.commit()?;
    session[zero].value = -0.0;
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1, "other bits are a change");
    Ok(())
}

#[test]
fn every_column_type_has_a_name_in_every_dialect() {
    use ColumnType::{BigInt, Bool, Bytes, Date, Decimal, Double, Integer, Json, Real, SmallInt};
    use ColumnType::{Text, Time, Timestamp, TimestampTz, Uuid};
    let all = [
        Bool,
        SmallInt,
        Integer,
        BigInt,
        Real,
        Double,
        Text,
        Bytes,
        Date,
        Time,
        Timestamp,
        TimestampTz,
        Uuid,
        Json,
        Decimal,
    ];
    for dialect in [&orm_core::dialect::POSTGRES, &orm_core::dialect::SQLITE] {
        assert!(all.iter().all(|&ty| !(dialect.type_name)(ty, None).is_empty()));
    }
}
