//! PostgreSQL: against the `postgres` client used as well as it can be. That is `query`, never
//! `query_raw` (which waits once per row); arrays through `unnest` and `= ANY`; statements prepared
//! once, but large batches unnamed, so that they are planned for their number of rows.

use crate::models::{RawUser, Sum, User, hair, name, raw_users, users};
use crate::rounds::{Gate, Outcome, Report, Variant, check, timed};
use orm::prelude::*;
use orm_test_support::server;
use postgres::types::Type;
use postgres::{Client, NoTls, Statement};
use std::cell::RefCell;
use std::time::Duration;

const MANY: usize = 10_000;
const GETS: usize = 500;

const SELECT: &str = "SELECT id, name, hair_color FROM users";
const INSERT: &str = "INSERT INTO users (name, hair_color) \
     SELECT * FROM unnest($1::text[], $2::text[]) RETURNING id";
const UPDATE: &str = "UPDATE users SET name = v.name \
     FROM unnest($1::bigint[], $2::text[]) AS v(id, name) WHERE users.id = v.id";
const DELETE: &str = "DELETE FROM users WHERE id = ANY($1::bigint[])";

/// A client of the driver with its statements, and an engine on the same database.
struct Place {
    raw: RefCell<Client>,
    /// Prepares the table between runs.
    aside: RefCell<Client>,
    engine: Engine,
    all: Statement,
    some: Statement,
    one: Statement,
}

pub fn measure(report: &mut Report) -> Outcome<()> {
    let place = Place::open()?;
    loads(report, &place)?;
    gets(report, &place)?;
    inserts(report, &place)?;
    changes(report, &place)?;
    deletes(report, &place)?;
    checkouts(report, &place)
}

impl Place {
    fn open() -> Outcome<Place> {
        // by TCP, as most programs connect; the server is gone with this process
        let url = server().tcp_url();
        let engine = Engine::builder(url).models(Schema::of((User,))).build()?;
        engine.drop_all()?;
        engine.create_all()?;
        let mut raw = Client::connect(url, NoTls)?;
        let mut aside = Client::connect(url, NoTls)?;
        aside.batch_execute("ALTER TABLE users SET (autovacuum_enabled = off)")?;
        let all = raw.prepare(SELECT)?;
        let some = raw.prepare(&format!("{SELECT} WHERE id <= $1"))?;
        let one = raw.prepare(&format!("{SELECT} WHERE id = $1"))?;
        Ok(Place { raw: raw.into(), aside: aside.into(), engine, all, some, one })
    }

    /// Rows `1..=count` and nothing else, without dead ones.
    fn fill(&self, count: usize) -> Outcome<()> {
        let mut aside = self.aside.borrow_mut();
        aside.batch_execute("TRUNCATE users RESTART IDENTITY")?;
        let rows = raw_users(count);
        let mut transaction = aside.transaction()?;
        insert(&mut transaction, INSERT, &rows)?;
        transaction.commit()?;
        aside.batch_execute("VACUUM ANALYZE users")?;
        Ok(())
    }

    fn count(&self, condition: &str) -> Outcome<i64> {
        let sql = format!("SELECT count(*) FROM users {condition}");
        Ok(self.aside.borrow_mut().query_one(&sql, &[])?.get(0))
    }
}

fn raw_user(row: &postgres::Row) -> RawUser {
    RawUser { id: row.get(0), name: row.get(1), hair_color: row.get(2) }
}

fn insert<S: postgres::ToStatement + ?Sized>(
    transaction: &mut postgres::Transaction<'_>,
    statement: &S,
    rows: &[RawUser],
) -> Outcome<Vec<i64>> {
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let hair: Vec<Option<&str>> = rows.iter().map(|row| row.hair_color.as_deref()).collect();
    let rows = transaction.query(statement, &[&names, &hair])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn loads(report: &mut Report, place: &Place) -> Outcome<()> {
    place.fill(MANY)?;
    let whole = Sum::of_rows(MANY);
    let mut connection = place.engine.connect()?;
    // the transaction is open before anything is timed
    select(User).count(&mut connection)?;
    report.compare(
        "load 10,000",
        1,
        vec![
            Variant::new("postgres", Gate::None, || {
                let mut raw = place.raw.borrow_mut();
                let (time, sum) = timed(|| {
                    let rows = raw.query(&place.all, &[])?;
                    let users: Vec<RawUser> = rows.iter().map(raw_user).collect();
                    let mut sum = Sum::default();
                    users.iter().for_each(|user| sum.raw(user));
                    Ok(sum)
                })?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
            Variant::new("connection, plain values", Gate::Ratio(1.0), || {
                let (time, sum) = timed(|| {
                    let users = select(User).all(&mut connection)?;
                    let mut sum = Sum::default();
                    users.iter().for_each(|user| sum.user(user));
                    Ok(sum)
                })?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
            Variant::new("fresh session, handles", Gate::Ratio(1.15), || {
                let (time, sum) = timed(|| {
                    let mut session = place.engine.session();
                    let users = select(User).all(&mut session)?;
                    let mut sum = Sum::default();
                    users.iter().for_each(|&user| sum.user(&session[user]));
                    Ok(sum)
                })?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
        ],
    )?;
    load_few(report, place, connection)
}

fn load_few(report: &mut Report, place: &Place, mut connection: orm::Connection) -> Outcome<()> {
    const TIMES: usize = 200;
    let few = Sum::of_rows(10);
    report.compare(
        "load 10",
        TIMES,
        vec![
            Variant::new("postgres", Gate::None, || {
                let mut raw = place.raw.borrow_mut();
                repeated(TIMES, &few, |sum| {
                    let rows = raw.query(&place.some, &[&10_i64])?;
                    let users: Vec<RawUser> = rows.iter().map(raw_user).collect();
                    users.iter().for_each(|user| sum.raw(user));
                    Ok(())
                })
            }),
            Variant::new("connection, plain values", Gate::Ratio(1.05), || {
                repeated(TIMES, &few, |sum| {
                    let users = select(User).filter(User.id.le(10)).all(&mut connection)?;
                    users.iter().for_each(|user| sum.user(user));
                    Ok(())
                })
            }),
        ],
    )
}

fn repeated(
    times: usize,
    right: &Sum,
    mut work: impl FnMut(&mut Sum) -> Outcome<()>,
) -> Outcome<Duration> {
    let (time, sums) = timed(|| {
        let mut sums = Vec::with_capacity(times);
        for _ in 0..times {
            let mut sum = Sum::default();
            work(&mut sum)?;
            sums.push(sum);
        }
        Ok(sums)
    })?;
    check(sums.iter().all(|sum| sum == right), "checksum")?;
    Ok(time)
}

/// Keys in an order that is not the table's, each once.
fn keys(count: usize) -> impl Iterator<Item = i64> {
    (0..count).map(|number| (number * 7919 % MANY) as i64 + 1)
}

fn gets(report: &mut Report, place: &Place) -> Outcome<()> {
    place.fill(MANY)?;
    report.compare(
        "get by key in an open transaction",
        GETS,
        vec![
            Variant::new("postgres", Gate::None, || {
                let mut raw = place.raw.borrow_mut();
                raw.batch_execute("BEGIN")?;
                let time = each_key(|key| {
                    let row = raw.query_opt(&place.one, &[&key])?.ok_or("no row")?;
                    Ok(raw_user(&row).id)
                })?;
                raw.batch_execute("ROLLBACK")?;
                Ok(time)
            }),
            Variant::new("session", Gate::Ratio(1.05), || {
                let mut session = place.engine.session();
                session.query(User).count()?;
                each_key(|key| {
                    let user = session.get(User, key)?.ok_or("no row")?;
                    Ok(session[user].id.get().copied().unwrap_or_default())
                })
            }),
        ],
    )?;
    report.compare(
        "get by key in a fresh session",
        GETS,
        vec![
            Variant::new("postgres, in a transaction", Gate::None, || {
                let mut raw = place.raw.borrow_mut();
                each_key(|key| {
                    let mut transaction = raw.transaction()?;
                    let row = transaction.query_opt(&place.one, &[&key])?.ok_or("no row")?;
                    let id = raw_user(&row).id;
                    transaction.rollback()?;
                    Ok(id)
                })
            }),
            Variant::new("postgres, without one", Gate::None, || {
                let mut raw = place.raw.borrow_mut();
                each_key(|key| {
                    let row = raw.query_opt(&place.one, &[&key])?.ok_or("no row")?;
                    Ok(raw_user(&row).id)
                })
            }),
            Variant::new("session", Gate::Ratio(1.05), || {
                each_key(|key| {
                    let mut session = place.engine.session();
                    let user = session.get(User, key)?.ok_or("no row")?;
                    Ok(session[user].id.get().copied().unwrap_or_default())
                })
            }),
        ],
    )?;
    hits(report, place)
}

fn each_key(mut get: impl FnMut(i64) -> Outcome<i64>) -> Outcome<Duration> {
    let (time, ids) = timed(|| keys(GETS).map(&mut get).sum::<Outcome<i64>>())?;
    check(ids == keys(GETS).sum(), "keys")?;
    Ok(time)
}

/// What is in memory already. Compared with a look-up in a map of the standard library.
fn hits(report: &mut Report, place: &Place) -> Outcome<()> {
    let rows: Vec<RawUser> =
        place.raw.borrow_mut().query(&place.all, &[])?.iter().map(raw_user).collect();
    let map: std::collections::HashMap<i64, RawUser> =
        rows.into_iter().map(|user| (user.id, user)).collect();
    let session = RefCell::new(place.engine.session());
    let handles = session.borrow_mut().query(User).order_by(User.id).all()?;
    let statements = place.engine.statistics().statements;
    let right: i64 = keys(MANY).sum();
    report.compare(
        "object in memory",
        MANY,
        vec![
            Variant::new("HashMap of std", Gate::None, || {
                let (time, sum) = timed(|| Ok(keys(MANY).map(|key| map[&key].id).sum::<i64>()))?;
                check(sum == right, "keys")?;
                Ok(time)
            }),
            Variant::new("session.get(User, key)", Gate::Nanoseconds(100.0), || {
                let mut session = session.borrow_mut();
                let (time, found) = timed(|| {
                    let mut found = 0;
                    for key in keys(MANY) {
                        found += usize::from(session.get(User, key)?.is_some());
                    }
                    Ok(found)
                })?;
                check(found == MANY, "number of objects")?;
                Ok(time)
            }),
            Variant::new("session[handle]", Gate::None, || {
                let session = session.borrow();
                let (time, sum) = timed(|| {
                    let id = |key: i64| session[handles[key as usize - 1]].id.get().copied();
                    Ok(keys(MANY).filter_map(id).sum::<i64>())
                })?;
                check(sum == right, "keys")?;
                Ok(time)
            }),
        ],
    )?;
    check(place.engine.statistics().statements == statements, "statements were sent")
}

fn inserts(report: &mut Report, place: &Place) -> Outcome<()> {
    for (what, count, gate) in
        [("insert 1", 1, 1.0), ("insert 1,000", 1_000, 1.1), ("insert 10,000", MANY, 1.1)]
    {
        // one row is inserted many times in a run, so that a run is long enough to be timed
        let times = (100 / count).max(1);
        let prepared = place.raw.borrow_mut().prepare(INSERT)?;
        report.compare(
            what,
            times,
            vec![
                Variant::new("postgres", Gate::None, || {
                    place.fill(0)?;
                    let mut raw = place.raw.borrow_mut();
                    let sets = vec![raw_users(count); times];
                    let (time, kept) = timed(|| {
                        let mut kept = Vec::with_capacity(times);
                        for mut rows in sets {
                            let mut transaction = raw.transaction()?;
                            let ids = insert(&mut transaction, &prepared, &rows)?;
                            transaction.commit()?;
                            for (row, id) in rows.iter_mut().zip(ids) {
                                row.id = id;
                            }
                            kept.push(rows);
                        }
                        Ok(kept)
                    })?;
                    check(kept.iter().flatten().all(|row| row.id > 0), "ids")?;
                    check(place.count("")? == (count * times) as i64, "rows")?;
                    Ok(time)
                }),
                Variant::new("session: add, commit", Gate::Ratio(gate), || {
                    place.fill(0)?;
                    let sets = vec![users(count); times];
                    let before = place.engine.statistics().statements;
                    let (time, kept) = timed(|| {
                        let mut kept = Vec::with_capacity(times);
                        for users in sets {
                            let mut session = place.engine.session();
                            let handles = session.add_all(users);
                            session.commit()?;
                            kept.push((session, handles));
                        }
                        Ok(kept)
                    })?;
                    let sent = place.engine.statistics().statements - before;
                    check(sent == 3 * times as u64, "BEGIN, INSERT and COMMIT for each")?;
                    for (session, handles) in &kept {
                        check(handles.iter().all(|&user| session[user].id.get().is_some()), "ids")?;
                    }
                    check(place.count("")? == (count * times) as i64, "rows")?;
                    Ok(time)
                }),
            ],
        )?;
    }
    Ok(())
}

fn changes(report: &mut Report, place: &Place) -> Outcome<()> {
    for (what, count) in [("change 1,000", 1_000), ("change 10,000", MANY)] {
        report.compare(
            what,
            1,
            vec![
                Variant::new("postgres", Gate::None, || {
                    place.fill(count)?;
                    let mut raw = place.raw.borrow_mut();
                    let mut rows: Vec<RawUser> =
                        raw.query(&place.all, &[])?.iter().map(raw_user).collect();
                    let (time, _) = timed(|| {
                        for row in &mut rows {
                            row.name.push('!');
                        }
                        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
                        let mut transaction = raw.transaction()?;
                        let types =
                            [(&ids as _, Type::INT8_ARRAY), (&names as _, Type::TEXT_ARRAY)];
                        let changed = transaction.execute_typed(UPDATE, &types)?;
                        transaction.commit()?;
                        check(changed == count as u64, "rows changed")
                    })?;
                    check(place.count("WHERE name LIKE '%!'")? == count as i64, "rows")?;
                    Ok(time)
                }),
                Variant::new("session: change, commit", Gate::Ratio(1.15), || {
                    place.fill(count)?;
                    let mut session = place.engine.session();
                    let users = session.query(User).all()?;
                    session.commit()?;
                    let (time, _) = timed(|| {
                        for &user in &users {
                            session[user].name.push('!');
                        }
                        session.commit()?;
                        Ok(())
                    })?;
                    check(place.count("WHERE name LIKE '%!'")? == count as i64, "rows")?;
                    Ok(time)
                }),
            ],
        )?;
    }
    Ok(())
}

fn deletes(report: &mut Report, place: &Place) -> Outcome<()> {
    const DELETED: usize = 1_000;
    let statement = place.raw.borrow_mut().prepare(DELETE)?;
    let left = (MANY - DELETED) as i64;
    report.compare(
        "delete 1,000 of 10,000",
        1,
        vec![
            Variant::new("postgres", Gate::None, || {
                place.fill(MANY)?;
                let mut raw = place.raw.borrow_mut();
                let rows: Vec<RawUser> =
                    raw.query(&place.some, &[&(DELETED as i64)])?.iter().map(raw_user).collect();
                let (time, _) = timed(|| {
                    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                    let mut transaction = raw.transaction()?;
                    transaction.execute(&statement, &[&ids])?;
                    transaction.commit()?;
                    Ok(())
                })?;
                check(place.count("")? == left, "rows")?;
                Ok(time)
            }),
            Variant::new("session: delete, commit", Gate::Ratio(1.2), || {
                place.fill(MANY)?;
                let mut session = place.engine.session();
                let users = session.query(User).filter(User.id.le(DELETED as i64)).all()?;
                session.commit()?;
                let (time, _) = timed(|| {
                    for user in users {
                        session.delete(user)?;
                    }
                    session.commit()?;
                    Ok(())
                })?;
                check(place.count("")? == left, "rows")?;
                Ok(time)
            }),
        ],
    )
}

fn checkouts(report: &mut Report, place: &Place) -> Outcome<()> {
    const TIMES: usize = 1_000;
    drop(place.engine.connect()?);
    report.compare(
        "connection out of the pool and back",
        TIMES,
        vec![Variant::new("engine.connect()", Gate::Nanoseconds(1_000.0), || {
            let (time, ()) = timed(|| {
                for _ in 0..TIMES {
                    drop(place.engine.connect()?);
                }
                Ok(())
            })?;
            Ok(time)
        })],
    )?;
    let _ = (name(1), hair(1));
    Ok(())
}
