//! Triggers that leave rows out or change them: the flush tells which objects, and nothing is lost.

use crate::setup::{committed, run};
use orm::engine::text;
use orm::prelude::*;
use orm::{Error, ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database!(
    an_insert_that_is_swallowed_is_told,
    an_update_that_is_swallowed_is_told,
    a_deletion_that_is_swallowed_is_told,
    a_versioned_row_that_is_kept_is_told_as_kept,
    an_error_of_a_trigger_leaves_all_as_it_was,
);

on_postgres!(a_trigger_that_changes_a_key_is_told_by_the_next_change);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "guarded")]
struct Guarded {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "counted")]
struct Counted {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(version)]
    version: i64,
}

/// Rows called `kept` are left out by what is done to rows in these ways; those called `wrong` are
/// an error.
fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Guarded, Counted))).build()?;
    engine.create_all()?;
    if engine.dialect().features.unnest {
        run(
            &engine,
            &[
                "CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                   IF (CASE TG_OP WHEN 'INSERT' THEN NEW.name ELSE OLD.name END) = 'kept' THEN
                     RETURN NULL;
                   END IF;
                   IF TG_OP <> 'DELETE' AND NEW.name = 'wrong' THEN
                     RAISE EXCEPTION 'not this one';
                   END IF;
                   RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
                 END $$",
                "CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON guarded
                 FOR EACH ROW EXECUTE FUNCTION leave_out()",
                "CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON counted
                 FOR EACH ROW EXECUTE FUNCTION leave_out()",
            ],
        );
    } else {
        run(
            &engine,
            &[
                "CREATE TRIGGER a BEFORE INSERT ON guarded WHEN NEW.name = 'kept'
                 BEGIN SELECT RAISE(IGNORE); END",
                "CREATE TRIGGER b BEFORE UPDATE ON guarded WHEN OLD.name = 'kept'
                 BEGIN SELECT RAISE(IGNORE); END",
                "CREATE TRIGGER c BEFORE DELETE ON guarded WHEN OLD.name = 'kept'
                 BEGIN SELECT RAISE(IGNORE); END",
                "CREATE TRIGGER d BEFORE UPDATE ON counted WHEN OLD.name = 'kept'
                 BEGIN SELECT RAISE(IGNORE); END",
                "CREATE TRIGGER e BEFORE DELETE ON counted WHEN OLD.name = 'kept'
                 BEGIN SELECT RAISE(IGNORE); END",
                "CREATE TRIGGER f BEFORE INSERT ON guarded WHEN NEW.name = 'wrong'
                 BEGIN SELECT RAISE(ABORT, 'not this one'); END",
            ],
        );
    }
    Ok(engine)
}

fn names(engine: &Engine) -> Vec<(i64, String)> {
    committed(engine, text("SELECT id, name FROM guarded ORDER BY id"))
}

/// Two rows, the second of which triggers leave as it is.
fn two(engine: &Engine) -> orm::Result<(Session, [Handle<Guarded>; 2])> {
    let mut session = engine.session();
    let rows = ["free", "free"].map(|name| session.add(Guarded::new(name)));
    session.commit()?;
    session[rows[1]].name = "kept".into();
    session.commit()?;
    Ok((session, rows))
}

/// An error that tells of a trigger, and of this object.
fn tells_of(error: &Error, object: &str) {
    assert_eq!(error.kind(), ErrorKind::Stale, "{error}");
    let message = error.to_string();
    assert!(message.contains("trigger") && message.contains(object), "{message}");
}

fn an_insert_that_is_swallowed_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let rows = ["a", "kept", "b"].map(|name| session.add(Guarded::new(name)));
    let error = session.flush().expect_err("one is left out");
    tells_of(&error, "Guarded(new #1)");
    assert!(error.to_string().contains("2 of 3 rows were inserted"), "{error}");
    session.rollback()?;
    assert_eq!(names(&engine), []);
    // the values are not lost
    for row in rows {
        let mut value = session.take(row)?;
        assert_eq!(value.id, Auto::Unset, "no key of another's row");
        value.name.push('!');
        session.add(value);
    }
    session.commit()?;
    let names: Vec<String> = names(&engine).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["a!", "kept!", "b!"]);
    Ok(())
}

fn an_update_that_is_swallowed_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, rows) = two(&engine)?;
    session[rows[1]].name = "free".into();
    let error = session.flush().expect_err("it is left as it is");
    tells_of(&error, " for Guarded(2): what was read is still there");
    session.rollback()?;
    assert_eq!(session[rows[1]].name, "kept");
    for &row in &rows {
        session[row].name = "other".into();
    }
    let error = session.flush().expect_err("one is left as it is");
    tells_of(&error, "Guarded(2)");
    session.rollback()?;
    session[rows[0]].name = "other".into();
    session.commit()?;
    assert_eq!(names(&engine), [(1, "other".to_owned()), (2, "kept".to_owned())]);
    Ok(())
}

fn a_deletion_that_is_swallowed_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, rows) = two(&engine)?;
    session.delete(rows[1])?;
    let error = session.flush().expect_err("it is kept");
    tells_of(&error, " for Guarded(2): what was read is still there");
    session.rollback()?;
    session.delete(rows[0])?;
    session.delete(rows[1])?;
    let error = session.flush().expect_err("one is kept");
    tells_of(&error, "Guarded(2)");
    session.rollback()?;
    assert_eq!(session.state(rows[1])?, State::Stale, "it is read again when it is asked for");
    assert_eq!(names(&engine).len(), 2);
    Ok(())
}

fn a_versioned_row_that_is_kept_is_told_as_kept(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let row = session.add(Counted::new(1, "kept"));
    session.commit()?;
    session[row].name = "free".into();
    let error = session.flush().expect_err("it is left as it is");
    tells_of(&error, " for Counted(1): what was read is still there");
    session.rollback()?;
    assert_eq!((session[row].version, session[row].name.as_str()), (1, "kept"));
    session.delete(row)?;
    let error = session.flush().expect_err("it is kept");
    tells_of(&error, " for Counted(1): what was read is still there");
    Ok(())
}

fn an_error_of_a_trigger_leaves_all_as_it_was(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, rows) = two(&engine)?;
    session[rows[0]].name = "changed".into();
    let wrong = session.add(Guarded::new("wrong"));
    let error = session.flush().expect_err("the trigger says so");
    assert!(error.to_string().contains("while inserting Guarded(new #2)"), "{error}");
    session.rollback()?;
    assert_eq!(session[rows[0]].name, "free");
    assert_eq!(session.take(wrong)?.name, "wrong");
    assert_eq!(names(&engine), [(1, "free".to_owned()), (2, "kept".to_owned())]);
    Ok(())
}

fn a_trigger_that_changes_a_key_is_told_by_the_next_change(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(
        &engine,
        &[
            "CREATE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN NEW.id := NEW.id + 100; RETURN NEW; END $$",
            "CREATE TRIGGER moved BEFORE INSERT ON counted
             FOR EACH ROW EXECUTE FUNCTION moved()",
        ],
    );
    let mut session = engine.session();
    let row = session.add(Counted::new(1, "elsewhere"));
    session.flush()?;
    session[row].name.push('!');
    let error = session.flush().expect_err("no row has the key that was sent");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(error.to_string().contains("Counted(1)"), "{error}");
    session.rollback()?;
    let rows: Vec<(i64,)> = committed(&engine, text("SELECT id FROM counted"));
    assert_eq!(rows, [], "nothing was kept");
    Ok(())
}
