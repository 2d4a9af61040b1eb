//! A planted secret appears in no Display, Debug or source chain of any error, whatever kind it is
//! of, and in no handle and no key.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{Error, ErrorKind};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database!(
    refused_rows_hide_their_values,
    natural_keys_are_not_shown,
    decode_errors_hide_the_value,
    statements_of_the_user_hide_their_values,
    parameters_that_cant_be_sent_are_not_shown,
    the_password_of_the_url_is_masked,
);
on_postgres!(the_words_of_the_server_are_kept_apart);

type Done = orm::Result<()>;

const SECRET: &str = "s3cr3t-v4lu3";
const SECRET_NUMBER: i32 = 741_852_963;

/// All that printing an error can show.
fn shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        shown.push_str(&format!(" {cause} {cause:?} {cause:#?}"));
        source = cause.source();
    }
    shown
}

fn hides(error: &Error) {
    let shown = shown(error);
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!shown.contains(&SECRET_NUMBER.to_string()), "{shown}");
}

/// The error of a flush, looked at by itself and as the cause of later ones.
fn refused(session: &mut Session, kind: ErrorKind) -> Done {
    let error = session.flush().expect_err("refused");
    assert_eq!(error.kind(), kind, "{error:?}");
    hides(&error);
    hides(&session.flush().expect_err("it has failed"));
    assert!(!format!("{session:?}").contains(SECRET));
    session.rollback()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "vaults")]
struct Vault {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    secret: String,
    #[orm(length = 4)]
    short: Option<String>,
    small: Option<i32>,
    must: Option<String>,
    owner: Option<Ref<Natural>>,
}

fn vaults(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Vault)).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn refused_rows_hide_their_values(db: &TestDatabase) -> Done {
    let engine = vaults(db)?;
    let mut session = engine.session();
    // unique
    session.add_all([Vault::new(SECRET), Vault::new(SECRET)]);
    refused(&mut session, ErrorKind::UniqueViolation)?;
    // foreign key
    session.add(Vault { owner: Some(SECRET.into()), ..Vault::new(SECRET) });
    refused(&mut session, ErrorKind::ForeignKeyViolation)?;
    // too long
    session.add(Vault { short: Some(SECRET.into()), ..Vault::new(SECRET) });
    let error = session.flush().expect_err("too long");
    hides(&error);
    session.rollback()?;
    // checks, and NULL beside the secret
    let rules = [
        "DROP TABLE vaults",
        "CREATE TABLE vaults (id integer NOT NULL, secret text NOT NULL, short text, \
         small integer CONSTRAINT small_enough CHECK (small < 10), must text NOT NULL, \
         owner_code text)",
    ];
    run(&engine, &rules);
    let vault = || Vault { id: 1.into(), ..Vault::new(SECRET) };
    session.add(Vault { small: Some(SECRET_NUMBER), must: Some(SECRET.into()), ..vault() });
    refused(&mut session, ErrorKind::CheckViolation)?;
    session.add(vault());
    refused(&mut session, ErrorKind::NotNullViolation)?;
    // the table is gone
    run(&engine, &["DROP TABLE vaults"]);
    session.add(vault());
    refused(&mut session, ErrorKind::UndefinedTable)?;
    let error = session.query(Vault).filter(Vault.secret.eq(SECRET)).all().expect_err("no table");
    hides(&error);
    Ok(())
}

fn natural_keys_are_not_shown(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let one = session.add(Natural::new(SECRET, "a"));
    let other = session.add(Natural::new(SECRET, "b"));
    hides(&session.flush().expect_err("two of one key"));
    session.delete(other)?;
    session.commit()?;
    assert!(!format!("{one:?}").contains(SECRET));
    let child = session.add(NaturalChild { country: Some(one.into()), ..NaturalChild::new("c") });
    session.commit()?;
    // the model's own values are shown where it prints itself, keys too; a handle shows none
    assert!(format!("{:?}", session[child].country).contains(SECRET));
    assert!(!format!("{child:?}").contains(SECRET));
    // gone: stale on update, stale on deletion, and a key of nothing
    run(&engine, &["DELETE FROM cities", "DELETE FROM countries"]);
    session[one].label = SECRET.into();
    refused(&mut session, ErrorKind::Stale)?;
    session.delete(one)?;
    refused(&mut session, ErrorKind::Stale)?;
    let nothing = session.query(Natural).filter(Natural.code.eq(SECRET)).one();
    hides(&nothing.expect_err("there is none"));
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "countries")]
struct Misread {
    #[orm(primary_key)]
    code: i64,
    label: i64,
}

fn decode_errors_hide_the_value(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Natural::new("1", SECRET));
    session.commit()?;
    let error = session.query(Misread.label).all().expect_err("text is no integer");
    assert_eq!(error.kind(), ErrorKind::Decode);
    hides(&error);
    let mut connection = engine.connect()?;
    let rows = connection.execute(text("SELECT label FROM countries"))?;
    hides(&rows.scalar::<i64>().expect_err("text is no integer"));
    Ok(())
}

fn statements_of_the_user_hide_their_values(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut connection = engine.connect()?;
    let insert = "INSERT INTO countries (code, label) VALUES (:code, :label)";
    let values = || text(insert).bind("code", SECRET).bind("label", SECRET);
    connection.execute(values())?;
    connection.commit()?;
    hides(&connection.execute(values()).expect_err("twice"));
    hides(&connection.execute(values()).expect_err("it has failed"));
    connection.rollback()?;
    let wrong = text("SELECT * FROM nowhere WHERE x = :x").bind("x", SECRET);
    hides(&connection.execute(wrong).expect_err("no such table"));
    Ok(())
}

fn parameters_that_cant_be_sent_are_not_shown(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let beyond = chrono::DateTime::<chrono::Utc>::MIN_UTC;
    session.add(Stamped { created_on: beyond, ..Stamped::new(SECRET) });
    refused(&mut session, ErrorKind::ValueOutOfRange)?;
    session.add(Stamped::new(format!("{SECRET}\0{SECRET}")));
    if let Err(error) = session.flush() {
        hides(&error);
        session.rollback()?;
    }
    let narrow = i64::from(SECRET_NUMBER) * i64::from(SECRET_NUMBER);
    let mut connection = engine.connect()?;
    let sql = "INSERT INTO children (name, age, parent_id) VALUES (:secret, :age, 1)";
    let statement = text(sql).bind("secret", SECRET).bind("age", narrow);
    if let Err(error) = connection.execute(statement) {
        assert!(!shown(&error).contains(&narrow.to_string()), "{error:?}");
        hides(&error);
    }
    Ok(())
}

fn the_password_of_the_url_is_masked(_db: &TestDatabase) -> Done {
    let url = format!("postgresql://user:{SECRET}@127.0.0.1:1/nowhere?connect_timeout=1");
    let engine = Engine::new(url.as_str())?;
    assert!(!format!("{engine} {engine:?} {:?}", engine.url()).contains(SECRET));
    hides(&engine.session().query(Parent).all().expect_err("nobody listens there"));
    hides(&Engine::new(format!("nosuch://user:{SECRET}@h/d").as_str()).expect_err("no scheme"));
    Ok(())
}

fn the_words_of_the_server_are_kept_apart(db: &TestDatabase) -> Done {
    let engine = vaults(db)?;
    let mut session = engine.session();
    session.add(Vault::new(SECRET));
    session.commit()?;
    session.add(Vault::new(SECRET));
    let error = session.flush().expect_err("twice");
    hides(&error);
    assert!(error.details().is_some_and(|told| told.contains(SECRET)), "for who asks for them");
    session.rollback()?;
    // what a trigger says may hold the row
    run(
        &engine,
        &[
            "CREATE FUNCTION talk() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'no %', NEW.secret; END $$",
            "CREATE TRIGGER talk BEFORE INSERT ON vaults FOR EACH ROW EXECUTE FUNCTION talk()",
        ],
    );
    session.add(Vault::new(SECRET));
    hides(&session.flush().expect_err("the trigger refuses"));
    Ok(())
}
