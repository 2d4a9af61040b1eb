//! SQL expressions as values: `session.set(counter, Counter.n, Counter.n + 1)`.

use crate::setup::{committed, run, statements};
use orm::engine::text;
use orm::prelude::*;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    an_expression_is_sent_by_the_flush_and_its_value_comes_back,
    until_the_flush_the_object_reads_what_is_known,
    objects_set_to_the_same_go_in_one_update,
    a_later_change_of_the_field_counts,
    a_value_set_is_in_the_object_at_once,
    a_new_row_is_inserted_and_then_set,
    a_rollback_drops_it,
    a_savepoint_drops_it,
    a_query_sends_it_first,
    other_changes_of_the_row_go_with_it,
    a_versioned_row_is_checked_once,
    a_row_that_is_gone_is_stale,
    expressions_that_cant_be_are_told_before_sql,
    two_sessions_at_once_keep_both_increments,
    a_key_of_several_columns,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "counters")]
struct Counter {
    #[orm(primary_key)]
    id: i64,
    #[orm(default = 0)]
    n: i32,
    name: Option<String>,
    #[orm(default = 0, on_update = 7)]
    changed: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "guarded_counters")]
struct Guarded {
    #[orm(primary_key)]
    id: i64,
    n: i64,
    #[orm(version)]
    version: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tallies")]
struct Tally {
    #[orm(primary_key)]
    day: i32,
    #[orm(primary_key)]
    place: String,
    n: i32,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Counter, Guarded, Tally));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

/// Counters that are committed, with the session that has them.
fn counters(engine: &Engine, count: i64) -> orm::Result<(Session, Vec<Handle<Counter>>)> {
    let mut session = engine.session();
    let counters = session.add_all((1..=count).map(|id| Counter { n: 10, ..Counter::new(id) }));
    session.commit()?;
    Ok((session, counters))
}

fn numbers(engine: &Engine) -> Vec<(i64, i32)> {
    committed(engine, text("SELECT id, n FROM counters ORDER BY id"))
}

fn an_expression_is_sent_by_the_flush_and_its_value_comes_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    run(&engine, &["UPDATE counters SET n = 100"]);
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    assert!(session.is_modified(counters[0])?);
    assert_eq!(session.dirty(Counter), counters);
    session.commit()?;
    assert_eq!(session[counters[0]].n, 101, "of what the row was, whoever changed it");
    assert!(!session.is_modified(counters[0])?);
    assert_eq!(numbers(&engine), [(1, 101)]);
    Ok(())
}

fn until_the_flush_the_object_reads_what_is_known(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    session[counters[0]].n = 50;
    session.set(counters[0], Counter.n, Counter.n * 2)?;
    assert_eq!(session[counters[0]].n, 10, "the plain change does not count any more");
    session.commit()?;
    assert_eq!(session[counters[0]].n, 20);
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    session.set(counters[0], Counter.n, Counter.n + 5)?;
    session.commit()?;
    assert_eq!(session[counters[0]].n, 25, "the last one of two");
    Ok(())
}

fn objects_set_to_the_same_go_in_one_update(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let all = session.add_all((1..=3).map(|id| Guarded::new(id, 10 * id)));
    let tallies = session.add_all((1..=2).map(|day| Tally::new(day, "a", 0)));
    session.commit()?;
    for &tally in &tallies {
        session.set(tally, Tally.n, Tally.n + 1)?;
    }
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 1, "{sent:?}");
    let log = engine.record();
    for &guarded in &all[..2] {
        session.set(guarded, Guarded.n, Guarded.n + 1)?;
    }
    session.set(all[2], Guarded.n, Guarded.n + 2)?;
    session.commit()?;
    let sent = statements(&log);
    let set = sent.iter().filter(|sql| sql.contains("\"n\" = \"guarded_counters\".\"n\" + "));
    assert_eq!(set.count(), 2, "{sent:?}");
    let values: Vec<i64> = all.iter().map(|&guarded| session[guarded].n).collect();
    assert_eq!(values, [11, 21, 32]);
    Ok(())
}

fn a_later_change_of_the_field_counts(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 2)?;
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    session[counters[0]].n = 3;
    session.set(counters[1], Counter.n, Counter.n + 1)?;
    session.set(counters[1], Counter.n, 10)?;
    session.commit()?;
    assert_eq!(numbers(&engine), [(1, 3), (2, 10)]);
    Ok(())
}

fn a_value_set_is_in_the_object_at_once(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    session.set(counters[0], Counter.n, 4)?;
    session.set(counters[0], Counter.name, "four")?;
    assert_eq!(session[counters[0]].n, 4);
    assert_eq!(session[counters[0]].name.as_deref(), Some("four"));
    session.commit()?;
    session.set(counters[0], Counter.name, None)?;
    assert_eq!(session[counters[0]].name, None);
    session.commit()?;
    let rows: Vec<(i32, Option<String>)> = committed(&engine, text("SELECT n, name FROM counters"));
    assert_eq!(rows, [(4, None)]);
    Ok(())
}

fn a_new_row_is_inserted_and_then_set(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let new = session.add(Counter { n: 5, ..Counter::new(1) });
    session.set(new, Counter.n, Counter.n + 1)?;
    session.commit()?;
    assert_eq!(session[new].n, 6);
    assert_eq!(numbers(&engine), [(1, 6)]);
    session.delete(new)?;
    let instead = session.add(Counter::new(1));
    session.set(instead, Counter.n, Counter.n + 1)?;
    session.commit()?;
    assert_eq!(session[instead].n, 1, "of what the object has");
    Ok(())
}

fn a_rollback_drops_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    session.rollback()?;
    assert!(!session.is_modified(counters[0])?);
    session.commit()?;
    assert_eq!(numbers(&engine), [(1, 10)]);
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    session.flush()?;
    assert_eq!(session[counters[0]].n, 11);
    session.rollback()?;
    assert_eq!(session[counters[0]].n, 10);
    Ok(())
}

fn a_savepoint_drops_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    let undone: orm::Result<()> = session.savepoint(|session| {
        assert_eq!(session[counters[0]].n, 11, "sent before it");
        session.set(counters[0], Counter.n, Counter.n + 1)?;
        Err(orm::Error::new(ErrorKind::InvalidState, "undo it"))
    });
    undone.expect_err("undone");
    session.commit()?;
    assert_eq!(session[counters[0]].n, 11);
    assert_eq!(numbers(&engine), [(1, 11)]);
    Ok(())
}

fn a_query_sends_it_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 2)?;
    session.set(counters[1], Counter.n, Counter.n + 1)?;
    assert_eq!(session.query(Counter).filter(Counter.n.gt(10)).all()?, [counters[1]]);
    assert_eq!(session[counters[1]].n, 11);
    Ok(())
}

fn other_changes_of_the_row_go_with_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    session[counters[0]].name = Some("changed".into());
    session.set(counters[0], Counter.n, Counter.n + 1)?;
    session.commit()?;
    let row = &session[counters[0]];
    assert_eq!((row.n, row.name.as_deref(), row.changed), (11, Some("changed"), 7));
    let mut session = engine.session();
    let fresh = session.get(Counter, 1)?.expect("there");
    assert_eq!((session[fresh].n, session[fresh].changed), (11, 7));
    Ok(())
}

fn a_versioned_row_is_checked_once(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let guarded = session.add(Guarded::new(1, 10));
    session.commit()?;
    session.set(guarded, Guarded.n, Guarded.n + 1)?;
    session.commit()?;
    assert_eq!((session[guarded].n, session[guarded].version), (11, 2));
    run(&engine, &["UPDATE guarded_counters SET version = 3"]);
    session.set(guarded, Guarded.n, Guarded.n + 1)?;
    let error = session.commit().expect_err("changed since it was read");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    assert_eq!((session[guarded].n, session[guarded].version), (11, 2));
    Ok(())
}

fn a_row_that_is_gone_is_stale(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 3)?;
    run(&engine, &["DELETE FROM counters WHERE id = 2"]);
    session = session.autoflush(true);
    for &counter in &counters {
        session.set(counter, Counter.name, Counter.name)?;
        session.set(counter, Counter.n, Counter.n + 1)?;
    }
    let error = session.commit().expect_err("one row is gone");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(error.to_string().contains(" for Counter(2):"), "{error}");
    session.rollback()?;
    assert_eq!(session[counters[0]].n, 10);
    assert_eq!(session.state(counters[1])?, State::Stale, "it is read again when it is asked for");
    assert_eq!(session.get(Counter, 2)?, None);
    Ok(())
}

fn expressions_that_cant_be_are_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, counters) = counters(&engine, 1)?;
    let guarded = session.add(Guarded::new(1, 10));
    session.commit()?;
    let log = engine.record();
    let error = session.set(counters[0], Counter.id, Counter.id + 1).expect_err("the key");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("`Counter.id` can't be set to an expression"), "{error}");
    let error =
        session.set(guarded, Guarded.version, Guarded.version + 1).expect_err("the version");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let error = session.set(counters[0], Counter.n, Tally.n + 1).expect_err("another table");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(error.to_string().contains("columns of `tallies`"), "{error}");
    session.commit()?;
    assert!(log.is_empty(), "nothing was kept of them");
    Ok(())
}

fn two_sessions_at_once_keep_both_increments(db: &TestDatabase) -> Done {
    const TIMES: i32 = 20;
    let engine = ready(db)?;
    counters(&engine, 1)?;
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let engine = engine.clone();
            std::thread::spawn(move || -> orm::Result<()> {
                let mut session = engine.session();
                let counter = session.get(Counter, 1)?.expect("there");
                session.commit()?;
                for _ in 0..TIMES {
                    session.set(counter, Counter.n, Counter.n + 1)?;
                    session.commit()?;
                }
                Ok(())
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic")?;
    }
    assert_eq!(numbers(&engine), [(1, 10 + 2 * TIMES)]);
    Ok(())
}

fn a_key_of_several_columns(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let tallies =
        session.add_all([Tally::new(1, "a", 1), Tally::new(1, "b", 2), Tally::new(2, "a", 3)]);
    session.commit()?;
    session.set(tallies[1], Tally.n, Tally.n + 10)?;
    session.set(tallies[2], Tally.n, Tally.n + 10)?;
    session.commit()?;
    let values: Vec<i32> = tallies.iter().map(|&tally| session[tally].n).collect();
    assert_eq!(values, [1, 12, 13]);
    Ok(())
}
