//! Errors a program can act on: the kind, what the database told of it, and what goes on after.

use crate::models::*;
use crate::setup::*;
use orm::engine::IsolationLevel;
use orm::prelude::*;
use orm::{Error, ErrorKind};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

on_each_database!(
    a_unique_violation,
    a_unique_violation_of_a_primary_key,
    a_foreign_key_violation,
    a_foreign_key_violation_of_a_deletion,
    a_broken_foreign_key_is_told_with_its_table,
    a_table_that_others_point_to_is_not_dropped,
    a_not_null_violation,
    a_check_violation,
    a_missing_table,
    a_missing_column,
    errors_name_the_objects_of_the_batch,
    a_serialization_failure_of_two_sessions,
    a_pool_that_stays_empty_times_out,
    an_error_inside_an_error_keeps_the_first,
);
on_postgres!(
    a_deadlock_is_told_to_one_of_two,
    a_lock_that_is_not_free,
    a_statement_that_takes_too_long
);

type Done = orm::Result<()>;

/// The error of a flush, after which the session works again.
fn told(session: &mut Session, kind: ErrorKind) -> Error {
    let begun = Instant::now();
    let error = session.flush().expect_err("refused by the database");
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(1), "within a second");
    assert!(error.sqlstate().is_some());
    assert_eq!(session.flush().expect_err("until rollback").kind(), ErrorKind::SessionFailed);
    session.rollback().expect("always succeeds");
    session.query(count_all()).one().expect("usable after the rollback");
    session.rollback().expect("always succeeds");
    error
}

fn a_unique_violation(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add_all([Parent::new("Ada"), Parent::new("Ada")]);
    let error = told(&mut session, ErrorKind::UniqueViolation);
    // where a database tells the columns, the models tell the constraint
    assert_eq!(error.constraint(), Some("uq_parents_name"), "{error:?}");
    assert_eq!(error.table(), Some("parents"));
    assert!(error.statement().is_some_and(|sql| sql.starts_with("INSERT INTO \"parents\"")));
    Ok(())
}

fn a_unique_violation_of_a_primary_key(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(&engine, &["INSERT INTO pairs (number, letter, label) VALUES (1, 'a', '')"]);
    let mut session = engine.session();
    session.add(Pair::new(1, "a", "again"));
    let error = told(&mut session, ErrorKind::UniqueViolation);
    let by_name = error.constraint() == Some("pk_pairs");
    assert!(by_name || error.columns() == ["number", "letter"], "{error:?}");
    Ok(())
}

fn a_foreign_key_violation(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Child::new("Cy", 3, 99));
    let error = told(&mut session, ErrorKind::ForeignKeyViolation);
    assert_eq!(error.table(), Some("children"), "{error:?}");
    assert_eq!(error.columns(), ["parent_id"]);
    assert!(error.constraint().is_some_and(|name| name.contains("parent")), "{error:?}");
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "roots")]
struct Root {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "stems")]
struct Stem {
    #[orm(primary_key)]
    id: i64,
    #[orm(on_delete = cascade)]
    root: Ref<Root>,
    other: Option<Ref<Root>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "leaves")]
struct Leaf {
    #[orm(primary_key)]
    id: i64,
    stem: Ref<Stem>,
}

/// A database that tells nothing but that a foreign key was broken: the models tell which may be.
fn a_broken_foreign_key_is_told_with_its_table(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((Root, Stem, Leaf))).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Stem { other: Some(8.into()), ..Stem::new(1, 9) });
    let error = session.flush().expect_err("there are no roots");
    assert_eq!((error.kind(), error.table()), (ErrorKind::ForeignKeyViolation, Some("stems")));
    let which =
        "one of `root_id` → `roots`, `other_id` → `roots` points to a row that is not there";
    assert!(error.constraint().is_some() || error.to_string().contains(which), "{error}");
    session.rollback()?;

    let root = session.add(Root::new(1));
    let stem = session.add(Stem::new(2, root));
    session.add(Leaf::new(3, stem));
    session.commit()?;
    let refused =
        select(Root).delete(&mut session).expect_err("the stem goes with it, the leaf can't");
    assert_eq!(refused.kind(), ErrorKind::ForeignKeyViolation);
    let which = "rows of one of `stems` (`other_id`), `leaves` (`stem_id`) still point to it";
    let told = refused.table() == Some("leaves") || refused.to_string().contains(which);
    assert!(told, "{refused}");
    session.rollback()?;

    let refused = select(Stem).delete(&mut session).expect_err("a leaf is on it");
    let which = "rows of `leaves` (`stem_id`) still point to it";
    let told = refused.table() == Some("leaves") || refused.to_string().contains(which);
    assert!(told, "{refused}");
    Ok(())
}

fn a_foreign_key_violation_of_a_deletion(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(
        &engine,
        &[
            "INSERT INTO parents (id, name) VALUES (1, 'Ada')",
            "INSERT INTO children (id, name, age, parent_id) VALUES (5, 'Cy', 3, 1)",
        ],
    );
    let mut session = engine.session();
    let parent = session.get(Parent, 1)?.expect("there");
    session.delete(parent)?;
    told(&mut session, ErrorKind::ForeignKeyViolation);
    assert_eq!(session.get(Parent, 1)?, Some(parent));
    Ok(())
}

fn a_table_that_others_point_to_is_not_dropped(db: &TestDatabase) -> Done {
    let all = Engine::builder(db.url()).models(Schema::of((Root, Stem, Leaf))).build()?;
    all.create_all()?;
    let mut session = all.session();
    let root = session.add(Root::new(1));
    let stem = session.add(Stem::new(1, root));
    session.add(Leaf::new(1, stem));
    session.commit()?;
    drop(session);
    let engine = Engine::builder(db.url()).models(Schema::of(Stem)).build()?;
    let error = engine.drop_all().expect_err("a leaf points to it");
    let names_it = error.to_string().contains("on table leaves depends on table stems");
    assert!(names_it || error.kind() == ErrorKind::ForeignKeyViolation, "{error}");
    assert!(error.to_string().contains("register the models of what points to it"), "{error}");
    assert_eq!(all.session().query(Leaf).count()?, 1, "nothing was dropped");
    all.drop_all()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "checked")]
struct Checked {
    #[orm(primary_key)]
    id: Auto<i64>,
    age: Option<i32>,
    name: Option<String>,
}

fn checked(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::new(db.url())?;
    let key = if engine.dialect().features.identity_columns { "serial" } else { "integer" };
    let mut connection = engine.connect()?;
    let sql = format!(
        "CREATE TABLE checked (id {key} PRIMARY KEY, age integer CONSTRAINT grown_up CHECK (age >= 18), \
         name text NOT NULL)"
    );
    connection.execute(text(orm::engine::AssertSafe(sql)))?;
    connection.commit()?;
    Ok(engine)
}

fn a_not_null_violation(db: &TestDatabase) -> Done {
    let engine = checked(db)?;
    let mut session = engine.session();
    session.add(Checked { age: Some(20), ..Checked::new() });
    let error = told(&mut session, ErrorKind::NotNullViolation);
    assert_eq!(error.columns(), ["name"]);
    assert_eq!(error.table(), Some("checked"));
    Ok(())
}

fn a_check_violation(db: &TestDatabase) -> Done {
    let engine = checked(db)?;
    let mut session = engine.session();
    let child = session.add(Checked { age: Some(20), name: Some("n".into()), ..Checked::new() });
    session.commit()?;
    session[child].age = Some(3);
    let error = told(&mut session, ErrorKind::CheckViolation);
    assert_eq!(error.constraint(), Some("grown_up"));
    assert_eq!(session[child].age, Some(20));
    Ok(())
}

fn a_missing_table(db: &TestDatabase) -> Done {
    let engine = Engine::new(db.url())?;
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    told(&mut session, ErrorKind::UndefinedTable);
    let error = session.query(Parent).all().expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    assert!(error.to_string().contains("parents"), "{error}");
    assert!(error.to_string().contains("`engine.create_all()`"), "{error}");
    Ok(())
}

fn a_missing_column(db: &TestDatabase) -> Done {
    let engine = Engine::new(db.url())?;
    run(&engine, &["CREATE TABLE parents (id integer)"]);
    let mut session = engine.session();
    let error = session.query(Parent).all().expect_err("it has no name");
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn);
    assert!(error.to_string().contains("name"), "{error}");
    // of a registered model: tables that are there are left as they are
    let engine = engine_of(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    for error in [engine.session().query(Parent).all().err(), session.flush().err()] {
        let error = error.expect("it has no name");
        assert!(error.to_string().contains("`create_all` makes tables"), "{error}");
    }
    Ok(())
}

fn errors_name_the_objects_of_the_batch(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ada = session.add(Parent::new("Ada"));
    session.add(Parent::new("Bo"));
    session.commit()?;
    session[ada].name = "Bo".into();
    let error = session.flush().expect_err("there is one");
    assert!(error.to_string().contains("while updating Parent(1)"), "{error}");
    Ok(())
}

fn a_serialization_failure_of_two_sessions(db: &TestDatabase) -> Done {
    ready(db);
    let engine = Engine::builder(db.url()).isolation_level(IsolationLevel::Serializable).build()?;
    run(&engine, &["INSERT INTO parents (id, name) VALUES (1, 'Ada'), (2, 'Bo')"]);
    let (mut one, mut other) = (engine.session(), engine.session());
    let in_one = one.get(Parent, 1)?.expect("there");
    one.get(Parent, 2)?;
    let in_other = other.get(Parent, 2)?.expect("there");
    other.get(Parent, 1)?;
    // each writes what the other has read
    one[in_one].note = Some("one".into());
    one.commit()?;
    other[in_other].note = Some("other".into());
    let error = other.commit().expect_err("not as one after the other");
    assert_eq!(error.kind(), ErrorKind::SerializationFailure, "{error:?}");
    assert!(error.is_retryable());
    other.rollback()?;
    assert_eq!(other[in_other].note, None);
    let again = other.get(Parent, 2)?.expect("there");
    other[again].note = Some("again".into());
    other.commit()?;
    let notes: Vec<(String,)> = committed(&engine, text("SELECT note FROM parents ORDER BY id"));
    assert_eq!(notes, ["one", "again"].map(|note| (note.to_owned(),)));
    Ok(())
}

fn a_pool_that_stays_empty_times_out(db: &TestDatabase) -> Done {
    ready(db);
    let engine =
        Engine::builder(db.url()).pool_size(1).pool_timeout(Duration::from_millis(200)).build()?;
    let mut holder = engine.session();
    holder.query(Parent).all()?;
    let other = engine.clone();
    let mut waiting = std::thread::spawn(move || {
        let mut session = other.session();
        let error = session.query(Parent).all().expect_err("none is free");
        (session, error)
    })
    .join()
    .expect("no panic");
    assert_eq!(waiting.1.kind(), ErrorKind::PoolTimeout);
    holder.rollback()?;
    waiting.0.rollback()?;
    assert_eq!(waiting.0.query(Parent).count()?, 0);
    Ok(())
}

fn an_error_inside_an_error_keeps_the_first(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Child::new("Cy", 3, 99));
    let first = session.flush().expect_err("refused");
    let second = session.commit().expect_err("it has failed");
    let third = session.query(Parent).all().expect_err("it has failed");
    for later in [second, third] {
        assert_eq!(later.kind(), ErrorKind::SessionFailed);
        assert!(later.to_string().contains(&first.to_string()), "{later}");
    }
    Ok(())
}

fn a_deadlock_is_told_to_one_of_two(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(&engine, &["INSERT INTO parents (id, name) VALUES (1, 'Ada'), (2, 'Bo')"]);
    let barrier = Arc::new(Barrier::new(2));
    let threads: Vec<_> = [(1, 2), (2, 1)]
        .into_iter()
        .map(|(first, second)| {
            let (engine, barrier) = (engine.clone(), Arc::clone(&barrier));
            std::thread::spawn(move || -> orm::Result<()> {
                let mut session = engine.session();
                let object = session.get(Parent, first)?.expect("there");
                session[object].note = Some("mine".into());
                session.flush()?;
                barrier.wait();
                let object = session.get(Parent, second)?.expect("there");
                session[object].note = Some("mine".into());
                session.commit()
            })
        })
        .collect();
    let ends: Vec<_> = threads.into_iter().map(|t| t.join().expect("no panic")).collect();
    let errors: Vec<Error> = ends.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].kind(), ErrorKind::Deadlock);
    assert!(errors[0].is_retryable());
    Ok(())
}

fn a_lock_that_is_not_free(db: &TestDatabase) -> Done {
    let engine = ready(db);
    run(&engine, &["INSERT INTO parents (id, name) VALUES (1, 'Ada')"]);
    let mut holder = engine.connect()?;
    holder.execute(text("SELECT * FROM parents FOR UPDATE"))?;
    let mut connection = engine.connect()?;
    connection.execute(text("SET LOCAL lock_timeout = '50ms'"))?;
    let error = connection.execute(text("UPDATE parents SET note = 'x'")).expect_err("locked");
    assert_eq!(error.kind(), ErrorKind::LockNotAvailable);
    Ok(())
}

fn a_statement_that_takes_too_long(db: &TestDatabase) -> Done {
    ready(db);
    let engine = Engine::builder(db.url()).statement_timeout(Duration::from_millis(200)).build()?;
    run(&engine, &["INSERT INTO parents (id, name) VALUES (1, 'Ada')"]);
    let mut holder = Engine::new(db.url())?.connect()?;
    holder.execute(text("SELECT * FROM parents FOR UPDATE"))?;
    let mut session = engine.session();
    let parent = session.get(Parent, 1)?.expect("there");
    session[parent].note = Some("waits".into());
    let error = session.commit().expect_err("it waits too long");
    assert_eq!(error.kind(), ErrorKind::StatementTimeout, "{error:?}");
    holder.rollback()?;
    session.rollback()?;
    session[parent].note = Some("goes".into());
    session.commit()
}
