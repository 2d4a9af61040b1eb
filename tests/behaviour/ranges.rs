//! What a column's type can't hold is refused by the database, whoever writes it.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_sqlite};

on_each_database!(
    a_sum_that_leaves_the_column_is_refused,
    text_that_leaves_the_column_is_refused,
    the_ends_of_a_range_are_stored,
    a_declared_check_tells_its_table,
);
on_sqlite!(a_range_that_a_check_keeps_names_the_column);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "ranges", check("total % 2 = 0", name = "even"))]
struct Range {
    #[orm(primary_key)]
    id: Auto<i32>,
    small: i16,
    n: i32,
    maybe: Option<i32>,
    total: i64,
    flag: bool,
}

fn one_row(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Range)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Range::new(7, 7, 8, true));
    session.commit()?;
    Ok(engine)
}

fn a_sum_that_leaves_the_column_is_refused(db: &TestDatabase) -> Done {
    let engine = one_row(db)?;
    let mut session = engine.session();
    let range = session.query(Range).one()?;
    let statement = select(Range);
    for done in [
        statement.update(&mut session, Range.n.set(Range.n + i32::MAX)),
        {
            session.rollback()?;
            statement.update(&mut session, Range.small.set(Range.small + i16::MAX))
        },
        {
            session.rollback()?;
            statement.update(&mut session, Range.n.set(Range.n - i32::MAX - 9))
        },
    ] {
        let error = done.expect_err("out of range");
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
    }
    session.rollback()?;
    session.refresh(range)?;
    assert_eq!((session[range].n, session[range].small), (7, 7), "the row can be read");
    Ok(())
}

fn text_that_leaves_the_column_is_refused(db: &TestDatabase) -> Done {
    let engine = one_row(db)?;
    let mut connection = engine.connect()?;
    for sql in ["UPDATE ranges SET n = 2147483648", "UPDATE ranges SET small = -32769"] {
        let error = connection.execute(text(sql)).expect_err("out of range");
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
        connection.rollback()?;
    }
    Ok(())
}

fn the_ends_of_a_range_are_stored(db: &TestDatabase) -> Done {
    let engine = one_row(db)?;
    let mut session = engine.session();
    let least = session
        .add(Range { maybe: Some(i32::MIN), ..Range::new(i16::MIN, i32::MIN, i64::MIN, false) });
    let most = session
        .add(Range { maybe: Some(i32::MAX), ..Range::new(i16::MAX, i32::MAX, i64::MAX - 1, true) });
    session.commit()?;
    for range in [least, most] {
        let before = session[range].clone();
        session.refresh(range)?;
        assert_eq!(format!("{before:?}"), format!("{:?}", session[range]));
    }
    Ok(())
}

fn a_declared_check_tells_its_table(db: &TestDatabase) -> Done {
    let engine = one_row(db)?;
    let mut session = engine.session();
    session.add(Range::new(1, 1, 1, true));
    let error = session.flush().expect_err("odd");
    assert_eq!(error.kind(), ErrorKind::CheckViolation, "{error:?}");
    assert_eq!((error.constraint(), error.table()), (Some("ck_ranges_even"), Some("ranges")));
    Ok(())
}

fn a_range_that_a_check_keeps_names_the_column(db: &TestDatabase) -> Done {
    let engine = one_row(db)?;
    let mut session = engine.session();
    for (sql, column) in [
        ("UPDATE ranges SET small = 40000", "small"),
        ("UPDATE ranges SET maybe = -3000000000", "maybe"),
        ("UPDATE ranges SET flag = 2", "flag"),
        ("UPDATE ranges SET n = 'many'", "n"),
    ] {
        let error = session.execute(text(sql)).expect_err("out of range");
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
        assert_eq!((error.table(), error.columns()), (Some("ranges"), &[column.to_owned()][..]));
        assert!(error.to_string().contains(&format!("`{column}` of `ranges` takes")), "{error}");
        session.rollback()?;
    }
    let kept: Vec<(i64,)> = committed(&engine, text("SELECT count(*) FROM ranges WHERE n = 7"));
    assert_eq!(kept, [(1,)]);
    Ok(())
}
