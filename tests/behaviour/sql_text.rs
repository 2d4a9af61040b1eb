//! SQL text on a session: in its transaction, behind what is pending.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    text_sees_what_is_pending,
    text_is_undone_with_its_transaction,
    objects_are_told_nothing_of_a_text,
    an_error_of_a_text_ends_the_transaction,
    a_text_that_does_not_fit_sends_nothing,
);

type Done = orm::Result<()>;

const COUNT: &str = "SELECT count(*) FROM parents";

fn text_sees_what_is_pending(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    assert_eq!(session.execute(text(COUNT))?.scalar::<i64>()?, 1);
    let found = text("SELECT name FROM parents WHERE name = :name").bind("name", "Ada");
    assert_eq!(session.execute(found)?.one::<(String,)>()?, ("Ada".to_owned(),));
    let mut session = engine.session().autoflush(false);
    session.add(Parent::new("Bo"));
    assert_eq!(session.execute(text(COUNT))?.scalar::<i64>()?, 0, "flushed by hand there");
    Ok(())
}

fn text_is_undone_with_its_transaction(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let insert =
        text("INSERT INTO parents (name) VALUES (:name)").bind_rows(["name"], [("Ada",), ("Bo",)]);
    assert_eq!(session.execute(&insert)?.rows_affected(), 2);
    assert!(session.in_transaction());
    session.rollback()?;
    assert_eq!(session.query(Parent).count()?, 0);
    session.execute(&insert)?;
    session.commit()?;
    assert_eq!(committed::<(i64,)>(&engine, text(COUNT)), [(2,)]);
    let undone = session.savepoint(|session| {
        session.execute(text("DELETE FROM parents"))?;
        Err::<(), _>(orm::Error::custom(std::fmt::Error))
    });
    assert!(undone.is_err());
    assert_eq!(session.query(Parent).count()?, 2);
    Ok(())
}

fn objects_are_told_nothing_of_a_text(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ada = session.add(Parent::new("Ada"));
    session.execute(text("UPDATE parents SET note = 'written'"))?;
    assert_eq!(session[ada].note, None);
    session.expire_all()?;
    assert_eq!(session.get(Parent, session[ada].id)?, Some(ada));
    assert_eq!(session[ada].note.as_deref(), Some("written"));
    Ok(())
}

fn an_error_of_a_text_ends_the_transaction(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let error = session.execute(text("SELECT 1 FROM nowhere")).expect_err("no such table");
    assert_eq!(error.kind(), ErrorKind::UndefinedTable, "{error:?}");
    let error = session.execute(text(COUNT)).expect_err("until rollback");
    assert_eq!(error.kind(), ErrorKind::SessionFailed);
    session.rollback()?;
    assert_eq!(session.execute(text(COUNT))?.scalar::<i64>()?, 0);
    Ok(())
}

fn a_text_that_does_not_fit_sends_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let error = session.execute(text("SELECT :a")).expect_err("nothing is bound");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error:?}");
    assert!(statements(&log).is_empty());
    assert_eq!(session.query(Parent).count()?, 0, "goes on");
    Ok(())
}
