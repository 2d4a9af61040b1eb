//! Streams: rows in constant memory, several at once, the session free in the loop.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_stream_gives_all_rows_in_order,
    a_stream_on_a_connection_gives_all_rows_in_order,
    two_streams_alternate,
    objects_change_while_a_stream_is_read,
    a_stream_ends_with_its_transaction,
    a_stream_can_be_closed,
    a_stream_of_nothing_is_empty,
    for_each_lends_the_session,
    a_stream_of_another_session_is_refused,
    a_stream_of_tuples_and_expressions,
    an_error_in_a_stream_is_told,
);

type Done = orm::Result<()>;

const ROWS: i32 = 3_500;

fn many(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.add_all((0..ROWS).map(|age| Child::new(format!("child {age}"), age, parent)));
    session.commit()?;
    Ok(engine)
}

fn a_stream_gives_all_rows_in_order(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let mut rows = select(Child).order_by(Child.age.desc()).stream(&mut session)?;
    let mut expected = ROWS;
    while let Some(child) = rows.next(&mut session)? {
        expected -= 1;
        assert_eq!(child.age, expected);
    }
    assert_eq!(expected, 0);
    assert!(rows.next(&mut session)?.is_none(), "and stays at its end");
    assert!(log.len() < 12, "in batches: {:?}", log.take());
    Ok(())
}

fn a_stream_on_a_connection_gives_all_rows_in_order(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut connection = engine.connect()?;
    let mut rows = select(Child).order_by(Child.age).stream(&mut connection)?;
    let mut seen = 0;
    while let Some(child) = rows.next(&mut connection)? {
        assert_eq!(child.age, seen);
        seen += 1;
    }
    assert_eq!(seen, ROWS);
    Ok(())
}

fn two_streams_alternate(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    let mut up = select(Child.age).order_by(Child.age).stream(&mut session)?;
    let mut down = select(Child.age).order_by(Child.age.desc()).stream(&mut session)?;
    let mut pairs = 0;
    while let (Some(low), Some(high)) = (up.next(&mut session)?, down.next(&mut session)?) {
        assert_eq!(low + high, ROWS - 1);
        pairs += 1;
    }
    assert_eq!(pairs, ROWS);
    Ok(())
}

fn objects_change_while_a_stream_is_read(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    let mut rows = select((Child.id, Child.age)).order_by(Child.age).stream(&mut session)?;
    let mut seen = 0;
    while let Some((id, age)) = rows.next(&mut session)? {
        assert_eq!(age, seen, "the stream does not see the changes");
        seen += 1;
        if age % 500 == 0 {
            let child = session.get(Child, id)?.expect("there");
            session[child].age = -age - 1;
            session.add(Parent::new(format!("added at {age}")));
            session.flush()?;
        }
    }
    assert_eq!(seen, ROWS);
    session.commit()?;
    assert_eq!(session.query(Child).filter(Child.age.lt(0)).count()?, 7);
    assert_eq!(session.query(Parent).count()?, 8);
    Ok(())
}

fn a_stream_ends_with_its_transaction(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    for commits in [true, false] {
        let mut rows = select(Child.age).stream(&mut session)?;
        let mut short = select(Child.age).limit(3).stream(&mut session)?;
        for _ in 0..2 {
            assert!(rows.next(&mut session)?.is_some() && short.next(&mut session)?.is_some());
        }
        if commits {
            session.commit()?;
        } else {
            session.rollback()?;
        }
        for stream in [&mut rows, &mut short] {
            let error = stream.next(&mut session).expect_err("what was read ahead is not given");
            assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
            assert!(error.to_string().contains("ask for the rest anew"), "{error}");
        }
    }
    let mut connection = engine.connect()?;
    let mut rows = select(Child.age).stream(&mut connection)?;
    rows.next(&mut connection)?;
    connection.rollback()?;
    assert_eq!(rows.next(&mut connection).expect_err("ended").kind(), ErrorKind::Closed);
    assert_eq!(session.query(Child).count()?, i64::from(ROWS));
    Ok(())
}

fn a_stream_can_be_closed(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    for _ in 0..3 {
        let mut rows = select(Child.age).stream(&mut session)?;
        rows.next(&mut session)?;
        rows.close(&mut session)?;
    }
    session.commit()
}

fn a_stream_of_nothing_is_empty(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let mut rows = select(Child).stream(&mut session)?;
    assert!(rows.next(&mut session)?.is_none());
    assert!(rows.next(&mut session)?.is_none());
    Ok(())
}

fn for_each_lends_the_session(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    let statement = select(Child).filter(Child.age.ge(ROWS - 3)).order_by(Child.age);
    session.for_each(&statement, |session, child| {
        session.add(Parent::new(child.name));
        Ok(())
    })?;
    session.commit()?;
    assert_eq!(session.query(Parent).count()?, 4);
    let stop = session.for_each(&statement, |_, _| Err(orm::Error::custom(std::fmt::Error)));
    assert!(stop.expect_err("stopped").downcast::<std::fmt::Error>().is_ok());
    Ok(())
}

fn a_stream_of_another_session_is_refused(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    let mut rows = select(Child.age).stream(&mut session)?;
    let mut other = engine.session();
    let error = rows.next(&mut other).expect_err("of another session");
    assert_eq!(error.kind(), ErrorKind::Closed);
    Ok(())
}

fn a_stream_of_tuples_and_expressions(db: &TestDatabase) -> Done {
    let engine = many(db)?;
    let mut session = engine.session();
    let statement = select((Child.name, Child.age * 2, Child.parent, Parent))
        .filter(Child.parent.eq(Parent.id) & Child.age.in_([1, 2]))
        .order_by(Child.age);
    let mut rows = statement.stream(&mut session)?;
    let mut seen = Vec::new();
    while let Some((name, double, _, parent)) = rows.next(&mut session)? {
        seen.push((name, double, parent.name));
    }
    let expected = [("child 1", 2, "Ada"), ("child 2", 4, "Ada")];
    assert_eq!(seen, expected.map(|(a, n, b)| (a.to_owned(), n, b.to_owned())));
    Ok(())
}

fn an_error_in_a_stream_is_told(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).build()?;
    let mut session = engine.session();
    let error = select(Child).stream(&mut session).err();
    let error = error.expect("there is no such table");
    assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    session.rollback()
}
