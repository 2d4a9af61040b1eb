//! The ends of every type: floats by their bits, integers, leap seconds, moments before and after what
//! the database keeps, what only the server has (infinity), documents. They come back as they went,
//! or are an error of a kind that tells where and never what.

use crate::setup::*;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use orm::prelude::*;
use orm::{ErrorKind, Result};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database!(
    floats_come_back_by_their_bits,
    numbers_at_their_ends_are_asked_for,
    leap_seconds_are_asked_for_as_they_are_kept,
    moments_beyond_the_database_are_refused_before_sql,
);

#[derive(Model, Clone, Debug)]
#[orm(table = "numbers")]
struct Number {
    #[orm(primary_key)]
    id: i32,
    small: i16,
    int: i32,
    big: i64,
    single: f32,
    double: f64,
}

fn numbers(db: &TestDatabase) -> Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Number)).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn floats_come_back_by_their_bits(db: &TestDatabase) -> Result<()> {
    let engine = numbers(db)?;
    let keeps_nan = engine.dialect().features.array_parameters;
    let doubles = [f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -5e-324]
        .into_iter()
        .chain([f64::MIN_POSITIVE, f64::EPSILON, 0.1 + 0.2, 1e15, 1e16, 1e17, 0.0, -0.0, f64::NAN]);
    let singles =
        [f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY, 1e-45, -1e-45].into_iter().chain([
            f32::MIN_POSITIVE,
            f32::EPSILON,
            0.1,
            1e7,
            16_777_217.0,
            1e30,
            0.0,
            -0.0,
            f32::NAN,
        ]);
    let pairs: Vec<(f32, f64)> = singles.zip(doubles).collect();
    for (&(single, double), id) in pairs.iter().zip(1..) {
        let mut session = engine.session();
        session.add(Number { single, double, ..Number::new(id, 0, 0, 0, 0.0, 0.0) });
        if double.is_nan() && !keeps_nan {
            let error = refused(|| session.flush());
            assert!(error.to_string().contains("`Number.single`"), "{error}");
            session.rollback()?;
            for condition in [Number.double.eq(f64::NAN), Number.single.ne(f32::NAN)] {
                refused(|| select(Number).filter(condition).count(&mut session));
                session.rollback()?;
            }
            continue;
        }
        session.commit()?;
        let mut other = engine.session();
        let read = other.get(Number, id)?.expect("inserted");
        let read = &other[read];
        // a database without a zero of its own for each sign keeps one that is equal
        if double == 0.0 && !keeps_nan {
            assert_eq!((read.single, read.double), (single, double));
            continue;
        }
        assert_eq!(read.single.to_bits(), single.to_bits(), "{single}");
        assert_eq!(read.double.to_bits(), double.to_bits(), "{double}");
        let found =
            session.query(Number).filter(Number.double.eq(double) & Number.single.eq(single));
        assert!({ found }.count()? >= 1, "{double} {single}");
    }
    Ok(())
}

fn numbers_at_their_ends_are_asked_for(db: &TestDatabase) -> Result<()> {
    let engine = numbers(db)?;
    let mut session = engine.session();
    let least = session.add(Number::new(i32::MIN, i16::MIN, i32::MIN, i64::MIN, 0.0, 0.0));
    let most = session.add(Number::new(i32::MAX, i16::MAX, i32::MAX, i64::MAX, 0.0, 0.0));
    session.commit()?;
    assert_eq!(session.get(Number, i32::MIN)?, Some(least));
    let sorted = session.query(Number).order_by(Number.big.desc()).all()?;
    assert_eq!(sorted, [most, least]);
    for condition in [
        Number.small.eq(i16::MAX),
        Number.int.gt(i32::MAX - 1),
        Number.big.ge(i64::MAX),
        Number.big.between(i64::MAX - 1, i64::MAX),
    ] {
        assert_eq!(session.query(Number).filter(condition).all()?, [most]);
    }
    // one more is no number of the type: an error, not another number
    let more = select(Number).filter(Number.id.eq(i32::MAX));
    let error = more.update(&mut session, Number.big.set(Number.big + 1));
    let error = error.err().or_else(|| session.query(Number.big).all().err());
    let kind = error.expect("it does not fit").kind();
    assert!(matches!(kind, ErrorKind::ValueOutOfRange | ErrorKind::Decode), "{kind:?}");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "moments")]
struct Moment {
    #[orm(primary_key)]
    id: Auto<i64>,
    date: Option<NaiveDate>,
    time: Option<NaiveTime>,
    local: Option<NaiveDateTime>,
    utc: Option<DateTime<Utc>>,
}

fn moments(db: &TestDatabase) -> Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Moment)).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn leap_seconds_are_asked_for_as_they_are_kept(db: &TestDatabase) -> Result<()> {
    let engine = moments(db)?;
    let mut session = engine.session();
    let time = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).expect("a leap second");
    let local = day(2016, 12, 31).and_time(time);
    let utc = local.and_utc();
    let leap = Moment { time: Some(time), local: Some(local), utc: Some(utc), ..Moment::new() };
    let leap = session.add(leap);
    session.commit()?;
    assert_eq!(session[leap].utc, Some(local.and_utc() - TimeDelta::nanoseconds(1_000_000_999)));
    for condition in [Moment.time.eq(time), Moment.local.eq(local), Moment.utc.eq(utc)] {
        assert_eq!(session.query(Moment).filter(condition).all()?, [leap]);
    }
    Ok(())
}

fn moments_beyond_the_database_are_refused_before_sql(db: &TestDatabase) -> Result<()> {
    let engine = moments(db)?;
    let mut session = engine.session();
    let beyond = [
        Moment { date: Some(NaiveDate::MIN), ..Moment::new() },
        Moment { local: Some(NaiveDateTime::MIN), ..Moment::new() },
        Moment { utc: Some(DateTime::<Utc>::MIN_UTC), ..Moment::new() },
        Moment { date: Some(day(-4713, 11, 24) - Days::new(1)), ..Moment::new() },
        Moment { local: Some((day(-4713, 11, 24) - Days::new(1)).into()), ..Moment::new() },
    ];
    for (moment, place) in beyond.into_iter().zip(["date", "local", "utc", "date", "local"]) {
        session.add(moment);
        let error = refused(|| session.flush());
        assert!(error.to_string().contains(&format!("`Moment.{place}`")), "{error}");
        session.rollback()?;
    }
    refused(|| session.query(Moment).filter(Moment.date.gt(NaiveDate::MIN)).all());
    session.rollback()?;
    // at the ends the database is exact, or refuses in the same way
    for date in [day(-4713, 11, 24), day(-1, 12, 31), day(10_000, 1, 1), NaiveDate::MAX] {
        let moment = Moment { date: Some(date), local: Some(date.into()), ..Moment::new() };
        let utc = (date != NaiveDate::MAX).then(|| NaiveDateTime::from(date).and_utc());
        let added = session.add(Moment { utc, ..moment });
        match session.commit() {
            Ok(()) => {
                let id = session[added].id;
                let mut other = engine.session();
                let read = other.get(Moment, id)?.expect("inserted");
                assert_eq!(other[read].date, Some(date));
                assert_eq!(other[read].local, Some(date.into()));
                assert_eq!(other[read].utc, utc);
                let found = other.query(Moment).filter(Moment.local.eq(NaiveDateTime::from(date)));
                assert_eq!({ found }.all()?, [read]);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
                session.rollback()?;
            }
        }
    }
    Ok(())
}

on_postgres!(
    infinity_of_the_server_is_a_decode_error,
    a_number_of_the_server_that_is_none_is_a_decode_error,
);

fn infinity_of_the_server_is_a_decode_error(db: &TestDatabase) -> Result<()> {
    let engine = moments(db)?;
    for sql in [
        "INSERT INTO moments (date) VALUES ('infinity')",
        "INSERT INTO moments (date) VALUES ('-infinity')",
        "INSERT INTO moments (local) VALUES ('infinity')",
        "INSERT INTO moments (utc) VALUES ('-infinity')",
        "INSERT INTO moments (date) VALUES ('5874897-12-31')",
        "INSERT INTO moments (local) VALUES ('294276-12-31')",
        "INSERT INTO moments (time) VALUES ('24:00')",
    ] {
        run(&engine, &["DELETE FROM moments", sql]);
        let error = engine.session().query(Moment).all().expect_err(sql);
        assert_eq!(error.kind(), ErrorKind::Decode, "{sql}");
    }
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "decimals")]
struct Precise {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[cfg(feature = "decimal")]
    value: rust_decimal::Decimal,
}

fn a_number_of_the_server_that_is_none_is_a_decode_error(db: &TestDatabase) -> Result<()> {
    let engine = Engine::builder(db.url()).models(Schema::of(Precise)).build()?;
    engine.create_all()?;
    for sql in [
        "INSERT INTO decimals (value) VALUES ('NaN')",
        "INSERT INTO decimals (value) VALUES (1e40)",
        "INSERT INTO decimals (value) VALUES (1e-40)",
    ] {
        run(&engine, &["DELETE FROM decimals", sql]);
        let error = engine.session().query(Precise).all().expect_err(sql);
        assert_eq!(error.kind(), ErrorKind::Decode, "{sql}");
    }
    Ok(())
}

#[cfg(feature = "json")]
mod documents {
    //! JSON, and decimals.

    use super::*;
    use serde_json::{Value, json};

    #[derive(Model, Clone, Debug)]
    #[orm(table = "documents")]
    struct Document {
        #[orm(primary_key)]
        id: Auto<i64>,
        value: Value,
        option: Option<Value>,
    }

    on_each_database!(
        documents_come_back_as_they_went,
        a_document_with_nul_or_too_deep_is_refused_before_sql,
    );

    fn documents(db: &TestDatabase) -> Result<Engine> {
        let engine = Engine::builder(db.url()).models(Schema::of(Document)).build()?;
        engine.create_all()?;
        Ok(engine)
    }

    fn nested(depth: usize) -> Value {
        (1..depth).fold(json!([]), |inner, _| json!([inner]))
    }

    fn documents_come_back_as_they_went(db: &TestDatabase) -> Result<()> {
        let engine = documents(db)?;
        let numbers =
            [0.1 + 0.2, 1e15, 1e16, -1e17, 1.0, 1e-7, 5e-324, f64::MAX, f64::MIN, 0.3e-300];
        let mut values: Vec<Value> = numbers.map(|number| json!(number)).into();
        values.extend([u64::MAX, 1 << 53, (1 << 53) + 1].map(|number| json!(number)));
        values
            .extend([json!(i64::MIN), json!({"": {"%": ["\\u0000", "'", "\"", "$1", ":x", "?"]}})]);
        values.extend([
            json!("🎻 e\u{301} \u{1} \u{7f} \u{2028}"),
            json!({"a\nb": null}),
            nested(127),
        ]);
        let mut session = engine.session();
        let added = session.add_all(
            values.iter().map(|v| Document { option: Some(v.clone()), ..Document::new(v.clone()) }),
        );
        session.commit()?;
        let mut other = engine.session();
        for (value, &object) in values.iter().zip(&added) {
            let read = other.get(Document, session[object].id)?.expect("inserted");
            assert_eq!((&other[read].value, &other[read].option), (value, &Some(value.clone())));
            let text = serde_json::to_string(value).expect("JSON");
            assert_eq!(serde_json::to_string(&other[read].value).expect("JSON"), text);
        }
        Ok(())
    }

    fn a_document_with_nul_or_too_deep_is_refused_before_sql(db: &TestDatabase) -> Result<()> {
        let engine = documents(db)?;
        let mut session = engine.session();
        for value in [json!("SECRET\0"), json!([{"SECRET\0": 1}]), nested(128)] {
            session.add(Document::new(value.clone()));
            let error = refused(|| session.flush());
            assert!(error.to_string().contains("`Document.value`"), "{error}");
            session.rollback()?;
            let found = select(Document).filter(Document.value.eq(value.clone()));
            refused(|| found.all(&mut session));
            session.rollback()?;
            let mut connection = engine.connect()?;
            let asked = text("SELECT id FROM documents WHERE value = :x").bind("x", value);
            refused(|| connection.execute(asked));
        }
        assert_eq!(session.query(Document).count()?, 0);
        Ok(())
    }
}
