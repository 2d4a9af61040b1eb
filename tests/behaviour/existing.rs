//! Models over tables that something else made: other order of columns, columns of its own,
//! SERIAL keys, columns of wider types.

use crate::setup::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_table_with_other_order_extra_columns_and_a_counter,
    create_all_leaves_an_existing_table_as_it_is,
    a_view_is_read,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "legacy_users")]
struct User {
    #[orm(primary_key, column = "user_id")]
    id: Auto<i32>,
    #[orm(column = "login")]
    name: String,
    age: Option<i16>,
    boss: Option<Ref<User>>,
}

/// The table, with its counter said as the database says it.
fn legacy(engine: &Engine) {
    let counted = if engine.dialect().features.identity_columns {
        "CREATE TABLE legacy_users (created date NOT NULL DEFAULT '2020-01-02', age smallint, \
         login varchar(50) NOT NULL, extra integer NOT NULL DEFAULT 7, user_id serial PRIMARY KEY, \
         boss_user_id integer REFERENCES legacy_users, note text)"
    } else {
        "CREATE TABLE legacy_users (created date NOT NULL DEFAULT '2020-01-02', age smallint, \
         login varchar(50) NOT NULL, extra integer NOT NULL DEFAULT 7, \
         user_id INTEGER PRIMARY KEY, boss_user_id integer REFERENCES legacy_users, note text)"
    };
    run(engine, &[counted, "INSERT INTO legacy_users (login, age, note) VALUES ('old', 50, 'n')"]);
}

fn a_table_with_other_order_extra_columns_and_a_counter(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(User)).build()?;
    legacy(&engine);
    let mut session = engine.session();
    let old = session.query(User).filter(User.name.eq("old")).one()?;
    assert_eq!((session[old].age, session[old].id), (Some(50), 1.into()));
    let users =
        session.add_all((0..150).map(|n| User { age: Some(n), ..User::new(format!("u{n}")) }));
    session[users[3]].boss = Some(old.into());
    session.commit()?;
    for (number, &user) in users.iter().enumerate() {
        assert_eq!(session[user].id, i32::try_from(number).expect("few") + 2);
    }
    session[old].age = None;
    session[users[0]].name = "changed".into();
    session.delete(users[1])?;
    session.commit()?;
    let rows: Vec<(i32, String, Option<i16>, i32, Option<String>)> = committed(
        &engine,
        text(
            "SELECT user_id, login, age, extra, note FROM legacy_users WHERE user_id < 4 ORDER BY 1",
        ),
    );
    let expected = [
        (1, "old".to_owned(), None, 7, Some("n".to_owned())),
        (2, "changed".to_owned(), Some(0), 7, None),
    ];
    assert_eq!(rows, expected);
    assert_eq!(session.query(User).filter(User.boss.eq(old)).all()?, [users[3]]);
    Ok(())
}

fn create_all_leaves_an_existing_table_as_it_is(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(User)).build()?;
    legacy(&engine);
    engine.create_all()?;
    let extras: Vec<(i32,)> = committed(&engine, text("SELECT extra FROM legacy_users"));
    assert_eq!(extras, [(7,)]);
    engine.drop_all()?;
    engine.create_all()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "elders")]
struct Elder {
    #[orm(primary_key)]
    login: String,
    years: i64,
}

fn a_view_is_read(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Elder)).build()?;
    legacy(&engine);
    run(&engine, &["CREATE VIEW elders AS SELECT age AS years, login FROM legacy_users"]);
    engine.create_all()?;
    let mut session = engine.session();
    let old = session.get(Elder, "old")?.expect("there");
    assert_eq!(session[old].years, 50, "a smaller integer is read as a larger one");
    Ok(())
}
