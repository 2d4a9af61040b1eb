//! Keys that change, and what points to them without ON UPDATE CASCADE.

use crate::setup::{committed, run, statements};
use orm::ErrorKind;
use orm::State;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    children_follow_a_changed_key,
    children_that_were_never_loaded_follow,
    children_written_in_the_same_flush_follow,
    many_keys_change_in_one_statement,
    two_references_to_one_key_follow,
    a_key_made_of_a_changed_key_moves_on,
    rows_of_one_table_follow_one_another,
    a_row_that_points_to_itself_follows,
    links_of_a_generated_key_follow,
    plain_columns_follow_a_changed_key,
    followers_are_given_back_by_a_rollback,
    followers_are_given_back_by_a_savepoint,
    a_key_the_database_carries_on_is_told_to_objects,
    what_can_t_follow_is_told_before_sql,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "lands")]
struct Land {
    #[orm(primary_key)]
    code: String,
    name: String,
    #[orm(back_populates = land)]
    towns: Many<Town>,
    #[orm(secondary = "land_tongues", back_populates = lands)]
    tongues: Many<Tongue>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tongues")]
struct Tongue {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(secondary = "land_tongues", back_populates = tongues)]
    lands: Many<Land>,
}

/// Points to a land, perhaps to two.
#[derive(Model, Clone, Debug)]
#[orm(table = "towns")]
struct Town {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    land: Ref<Land>,
    #[orm(on_delete = restrict, on_update = restrict)]
    once: Option<Ref<Land>>,
}

/// Its key is made of a land's.
#[derive(Model, Clone, Debug)]
#[orm(table = "censuses")]
struct Census {
    #[orm(primary_key)]
    land: Ref<Land>,
    #[orm(primary_key)]
    year: i32,
    heads: i64,
}

/// Points to a key made of a land's.
#[derive(Model, Clone, Debug)]
#[orm(table = "sheets")]
struct Sheet {
    #[orm(primary_key)]
    id: Auto<i64>,
    census: Option<Ref<Census>>,
}

/// Points to a land by a plain column.
#[derive(Model, Clone, Debug)]
#[orm(table = "stamps", foreign_key(issuer => Land(code)))]
struct Stamp {
    #[orm(primary_key)]
    id: Auto<i64>,
    issuer: Option<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "offices")]
struct Office {
    #[orm(primary_key)]
    code: String,
    above: Option<Ref<Office>>,
}

/// A key of which others repeat a part.
#[derive(Model, Clone, Debug)]
#[orm(table = "parts")]
struct Part {
    #[orm(primary_key)]
    number: i32,
    #[orm(primary_key)]
    letter: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "pieces", unique(letter))]
#[orm(foreign_key(number, letter => Part(number, letter)))]
struct Piece {
    #[orm(primary_key)]
    id: Auto<i64>,
    number: i32,
    letter: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "crumbs", foreign_key(letter => Piece(letter)))]
struct Crumb {
    #[orm(primary_key)]
    id: Auto<i64>,
    letter: String,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Land, Town, Census, Sheet, Stamp, Office));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn towns(engine: &Engine) -> Vec<(String, String, Option<String>)> {
    committed(engine, text("SELECT name, land_code, once_code FROM towns ORDER BY name"))
}

fn town(name: &str, land: &str, once: Option<&str>) -> (String, String, Option<String>) {
    (name.to_owned(), land.to_owned(), once.map(str::to_owned))
}

fn children_follow_a_changed_key(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let de = session.add(Land::new("de", "Germany"));
    let bonn = session.add(Town::new("Bonn", de));
    session.commit()?;
    session[de].code = "DE".into();
    session[de].name.push('!');
    let log = engine.record();
    session.commit()?;
    if engine.dialect().features.unnest {
        assert_eq!(statements(&log).len(), 1);
    }
    assert_eq!(towns(&engine), [town("Bonn", "DE", None)]);
    assert_eq!(session.get(Land, "DE")?, Some(de));
    assert_eq!(session.get(Land, "de")?, None);
    assert_eq!(session[bonn].land.key().as_deref(), Some("DE"));
    assert!(session[bonn].land == de);
    session.flush()?;
    session[bonn].name.push('?');
    session.commit()?;
    assert_eq!(towns(&engine), [town("Bonn?", "DE", None)]);
    assert_eq!(de.towns(&mut session)?.len(), 1);
    Ok(())
}

fn children_that_were_never_loaded_follow(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(
        &engine,
        &[
            "INSERT INTO lands (code, name) VALUES ('de', 'Germany'), ('at', 'Austria')",
            "INSERT INTO towns (name, land_code) VALUES ('Bonn', 'de'), ('Wien', 'at')",
        ],
    );
    let mut session = engine.session();
    let de = session.get(Land, "de")?.expect("there");
    session[de].code = "DE".into();
    session.commit()?;
    assert_eq!(towns(&engine), [town("Bonn", "DE", None), town("Wien", "at", None)]);
    assert_eq!(de.towns(&mut session)?.len(), 1);
    Ok(())
}

fn children_written_in_the_same_flush_follow(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (de, at) =
        (session.add(Land::new("de", "Germany")), session.add(Land::new("at", "Austria")));
    let (bonn, wien) = (session.add(Town::new("Bonn", de)), session.add(Town::new("Wien", at)));
    let gone = session.add(Town::new("Gone", de));
    session.commit()?;
    session[de].code = "DE".into();
    session.add(Town::new("Celle", de)); // a new one
    session[wien].land = de.into(); // one that comes
    session[bonn].land = at.into(); // one that goes
    session[bonn].name = "Born".into();
    session.delete(gone)?;
    session.commit()?;
    assert_eq!(
        towns(&engine),
        [town("Born", "at", None), town("Celle", "DE", None), town("Wien", "DE", None)]
    );
    assert_eq!(session[wien].land.key().as_deref(), Some("DE"));
    Ok(())
}

fn many_keys_change_in_one_statement(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let lands: Vec<_> = (0..250).map(|n| session.add(Land::new(format!("l{n}"), "land"))).collect();
    for &land in &lands {
        session.add(Town::new("town", land));
    }
    session.commit()?;
    for &land in &lands {
        session[land].code.push('!');
    }
    let log = engine.record();
    session.commit()?;
    if engine.dialect().features.unnest {
        assert_eq!(statements(&log).len(), 1);
    }
    let moved: Vec<(i64,)> =
        committed(&engine, text("SELECT count(*) FROM towns WHERE land_code LIKE 'l%!'"));
    assert_eq!(moved, [(250,)]);
    Ok(())
}

fn two_references_to_one_key_follow(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (de, at) =
        (session.add(Land::new("de", "Germany")), session.add(Land::new("at", "Austria")));
    let both = session.add(Town { once: Some(de.into()), ..Town::new("Bonn", de) });
    session.add(Town { once: Some(at.into()), ..Town::new("Celle", de) });
    session.add(Town { once: Some(de.into()), ..Town::new("Wien", at) });
    session.commit()?;
    session[de].code = "DE".into();
    session[at].code = "AT".into();
    session.commit()?;
    assert_eq!(
        towns(&engine),
        [
            town("Bonn", "DE", Some("DE")),
            town("Celle", "DE", Some("AT")),
            town("Wien", "AT", Some("DE"))
        ]
    );
    assert_eq!(session[both].once.as_ref().and_then(Ref::key).as_deref(), Some("DE"));
    Ok(())
}

fn a_key_made_of_a_changed_key_moves_on(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let de = session.add(Land::new("de", "Germany"));
    let census = session.add(Census::new(de, 1900, 56));
    let sheet = session.add(Sheet { census: Some(census.into()), ..Sheet::new() });
    session.add(Sheet::new());
    session.commit()?;
    session[de].code = "DE".into();
    session[census].heads = 57;
    session.commit()?;
    let rows: Vec<(String, i32, i64)> =
        committed(&engine, text("SELECT land_code, year, heads FROM censuses"));
    assert_eq!(rows, [("DE".to_owned(), 1900, 57)]);
    let rows: Vec<(Option<String>, Option<i32>)> =
        committed(&engine, text("SELECT census_land_code, census_year FROM sheets ORDER BY id"));
    assert_eq!(rows, [(Some("DE".to_owned()), Some(1900)), (None, None)]);
    assert_eq!(session.get(Census, ("DE".to_owned(), 1900))?, Some(census));
    let key = session[sheet].census.as_ref().and_then(Ref::key);
    assert_eq!(key, Some(("DE".to_owned(), 1900)));
    session[census].heads = 58;
    session.delete(sheet)?;
    session.commit()?;
    let rows: Vec<(i64,)> = committed(&engine, text("SELECT heads FROM censuses"));
    assert_eq!(rows, [(58,)]);
    Ok(())
}

fn offices(engine: &Engine) -> Vec<(String, Option<String>)> {
    committed(engine, text("SELECT code, above_code FROM offices ORDER BY code"))
}

fn rows_of_one_table_follow_one_another(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let a = session.add(Office::new("a"));
    let b = session.add(Office { above: Some(a.into()), ..Office::new("b") });
    session.add(Office { above: Some(b.into()), ..Office::new("c") });
    session.add(Office { above: Some(a.into()), ..Office::new("d") });
    session.commit()?;
    session[a].code = "A".into();
    session[b].code = "B".into();
    session.commit()?;
    let row = |code: &str, above: Option<&str>| (code.to_owned(), above.map(str::to_owned));
    let mut rows = offices(&engine);
    rows.sort();
    assert_eq!(
        rows,
        [row("A", None), row("B", Some("A")), row("c", Some("B")), row("d", Some("A"))]
    );
    assert_eq!(session[b].above.as_ref().and_then(Ref::key).as_deref(), Some("A"));
    Ok(())
}

fn a_row_that_points_to_itself_follows(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let a = session.add(Office::new("a"));
    session[a].above = Some(a.into());
    session.commit()?;
    session[a].code = "A".into();
    session.commit()?;
    assert_eq!(offices(&engine), [("A".to_owned(), Some("A".to_owned()))]);
    assert_eq!(session[a].above.as_ref().and_then(Ref::key).as_deref(), Some("A"));
    Ok(())
}

fn links_of_a_generated_key_follow(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let tongue = session.add(Tongue::new("German"));
    let de = session.add(Land { tongues: [tongue].into(), ..Land::new("de", "Germany") });
    session.commit()?;
    session[de].code = "DE".into();
    session.commit()?;
    let links = || -> Vec<(String, i64)> {
        committed(&engine, text("SELECT land_code, tongue_id FROM land_tongues"))
    };
    assert_eq!(links(), [("DE".to_owned(), 1)]);
    // a key that the database made, changed by hand
    session[tongue].id = Auto::Set(7);
    session.commit()?;
    assert_eq!(links(), [("DE".to_owned(), 7)]);
    session[de].tongues.clear();
    session.commit()?;
    assert_eq!(links(), []);
    Ok(())
}

fn plain_columns_follow_a_changed_key(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let de = session.add(Land::new("de", "Germany"));
    let stamp = session.add(Stamp { issuer: Some("de".into()), ..Stamp::new() });
    let other = session.add(Stamp::new());
    session.commit()?;
    session[de].code = "DE".into();
    session.flush()?;
    assert_eq!(session.state(stamp)?, State::Stale);
    assert_eq!(session.state(other)?, State::Persistent);
    session.refresh(stamp)?;
    assert_eq!(session[stamp].issuer.as_deref(), Some("DE"));
    Ok(())
}

fn followers_are_given_back_by_a_rollback(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let de = session.add(Land::new("de", "Germany"));
    let bonn = session.add(Town::new("Bonn", de));
    let census = session.add(Census::new(de, 1900, 56));
    session.commit()?;
    session[de].code = "DE".into();
    session.flush()?;
    assert_eq!(session.get(Census, ("DE".to_owned(), 1900))?, Some(census));
    session.rollback()?;
    assert_eq!(session[bonn].land.key().as_deref(), Some("de"));
    assert_eq!(session.get(Census, ("de".to_owned(), 1900))?, Some(census));
    assert_eq!(session.get(Census, ("DE".to_owned(), 1900))?, None);
    session[bonn].name.push('!');
    session[census].heads = 1;
    session.commit()?;
    assert_eq!(towns(&engine), [town("Bonn!", "de", None)]);
    Ok(())
}

fn followers_are_given_back_by_a_savepoint(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let de = session.add(Land::new("de", "Germany"));
    let bonn = session.add(Town::new("Bonn", de));
    session.flush()?;
    let kept: orm::Result<()> = session.savepoint(|session| {
        session[de].code = "DE".into();
        session.flush()?;
        assert_eq!(session[bonn].land.key().as_deref(), Some("DE"));
        Err(orm::Error::new(ErrorKind::NotFound, "no"))
    });
    assert!(kept.is_err());
    assert_eq!(session[bonn].land.key().as_deref(), Some("de"));
    session[de].code = "D".into();
    session.commit()?;
    assert_eq!(towns(&engine), [town("Bonn", "D", None)]);
    Ok(())
}

fn a_key_the_database_carries_on_is_told_to_objects(db: &TestDatabase) -> Done {
    use crate::models::{Natural, NaturalChild};
    let engine = crate::setup::ready(db);
    let mut session = engine.session();
    let de = session.add(Natural::new("de", "Germany"));
    let bonn = session.add(NaturalChild { country: Some(de.into()), ..NaturalChild::new("Bonn") });
    session.commit()?;
    session[de].code = "DE".into();
    session.flush()?;
    assert_eq!(session[bonn].country.as_ref().and_then(Ref::key).as_deref(), Some("DE"));
    session.rollback()?;
    assert_eq!(session[bonn].country.as_ref().and_then(Ref::key).as_deref(), Some("de"));
    Ok(())
}

fn what_can_t_follow_is_told_before_sql(db: &TestDatabase) -> Done {
    let models = Schema::of((Part, Piece, Crumb));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let part = session.add(Part::new(1, "a"));
    session.commit()?;
    session[part].letter = "b".into();
    let log = engine.record();
    let error = session.flush().expect_err("a crumb repeats a part of the key");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let told = error.to_string();
    assert!(told.contains("a key of `Part` changes"), "{told}");
    assert!(told.contains("`on_update = cascade`"), "{told}");
    assert_eq!(statements(&log), [""; 0]);
    session[part].letter = "a".into();
    session.commit()?;
    Ok(())
}
