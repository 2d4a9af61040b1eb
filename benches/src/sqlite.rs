//! SQLite in memory: against `rusqlite` used as well as it can be, with cached statements and
//! multi-row VALUES whose ids follow from the last one. There is no server here: what is measured is
//! the mapper's own cost.

use crate::models::{RawUser, Sum, User, raw_users, users};
use crate::rounds::{Gate, Outcome, Report, Variant, check, timed};
use orm::prelude::*;
use rusqlite::{Connection, params_from_iter};
use std::fmt::Write as _;

const MANY: usize = 10_000;
const GETS: usize = 5_000;
const ROWS_PER_INSERT: usize = 100;
const SELECT: &str = "SELECT id, name, hair_color FROM users";

pub fn measure(report: &mut Report) -> Outcome<()> {
    loads(report)?;
    gets(report)?;
    inserts(report)
}

fn database() -> Outcome<(Connection, Engine)> {
    let raw = Connection::open_in_memory()?;
    raw.execute_batch(
        "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, hair_color TEXT)",
    )?;
    let engine = Engine::builder("sqlite::memory:").models(Schema::of((User,))).build()?;
    engine.create_all()?;
    Ok((raw, engine))
}

fn filled() -> Outcome<(Connection, Engine)> {
    let (raw, engine) = database()?;
    insert(&raw, &mut raw_users(MANY))?;
    let mut session = engine.session();
    session.add_all(users(MANY));
    session.commit()?;
    drop(session);
    Ok((raw, engine))
}

fn raw_user(row: &rusqlite::Row<'_>) -> rusqlite::Result<RawUser> {
    Ok(RawUser { id: row.get(0)?, name: row.get(1)?, hair_color: row.get(2)? })
}

fn loads(report: &mut Report) -> Outcome<()> {
    let (raw, engine) = filled()?;
    let whole = Sum::of_rows(MANY);
    report.compare(
        "SQLite: load 10,000",
        1,
        vec![
            Variant::new("rusqlite", Gate::None, || {
                let (time, sum) = timed(|| {
                    let mut statement = raw.prepare_cached(SELECT)?;
                    let users: Vec<RawUser> =
                        statement.query_map([], raw_user)?.collect::<Result<_, _>>()?;
                    let mut sum = Sum::default();
                    users.iter().for_each(|user| sum.raw(user));
                    Ok(sum)
                })?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
            Variant::new("connection, plain values", Gate::Ratio(1.25), || {
                let mut connection = engine.connect()?;
                let (time, sum) = timed(|| {
                    let users = select(User).all(&mut connection)?;
                    let mut sum = Sum::default();
                    users.iter().for_each(|user| sum.user(user));
                    Ok(sum)
                })?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
            Variant::new("fresh session, handles", Gate::Ratio(1.25), || {
                let (time, sum) = timed(|| {
                    let mut session = engine.session();
                    let users = select(User).all(&mut session)?;
                    let mut sum = Sum::default();
                    users.iter().for_each(|&user| sum.user(&session[user]));
                    Ok(sum)
                })?;
                check(sum == whole, "checksum")?;
                Ok(time)
            }),
        ],
    )
}

fn gets(report: &mut Report) -> Outcome<()> {
    let (raw, engine) = filled()?;
    let keys = || (0..GETS).map(|number| (number * 7919 % MANY) as i64 + 1);
    let right: i64 = keys().sum();
    report.compare(
        "SQLite: get by key",
        GETS,
        vec![
            Variant::new("rusqlite", Gate::None, || {
                let (time, ids) = timed(|| {
                    let mut ids = 0;
                    for key in keys() {
                        let mut statement =
                            raw.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
                        ids += statement.query_row([key], raw_user)?.id;
                    }
                    Ok(ids)
                })?;
                check(ids == right, "keys")?;
                Ok(time)
            }),
            Variant::new("session", Gate::Ratio(1.5), || {
                let mut session = engine.session();
                let (time, ids) = timed(|| {
                    let mut ids = 0;
                    for key in keys() {
                        let user = session.get(User, key)?.ok_or("no row")?;
                        ids += session[user].id.get().copied().unwrap_or_default();
                    }
                    Ok(ids)
                })?;
                check(ids == right, "keys")?;
                Ok(time)
            }),
        ],
    )
}

fn inserts(report: &mut Report) -> Outcome<()> {
    let (raw, engine) = database()?;
    report.compare(
        "SQLite: insert 10,000",
        1,
        vec![
            Variant::new("rusqlite", Gate::None, || {
                raw.execute_batch("DELETE FROM users")?;
                let mut rows = raw_users(MANY);
                let (time, rows) = timed(|| {
                    raw.execute_batch("BEGIN")?;
                    insert(&raw, &mut rows)?;
                    raw.execute_batch("COMMIT")?;
                    Ok(rows)
                })?;
                let count: i64 =
                    raw.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
                check(count == MANY as i64 && rows.iter().all(|row| row.id > 0), "rows and ids")?;
                Ok(time)
            }),
            Variant::new("session: add, commit", Gate::Ratio(1.25), || {
                let mut connection = engine.connect()?;
                connection.execute(text("DELETE FROM users"))?;
                connection.commit()?;
                drop(connection);
                let objects = users(MANY);
                let (time, (mut session, handles)) = timed(|| {
                    let mut session = engine.session();
                    let handles = session.add_all(objects);
                    session.commit()?;
                    Ok((session, handles))
                })?;
                check(handles.iter().all(|&user| session[user].id.get().is_some()), "ids")?;
                check(session.query(User).count()? == MANY as i64, "rows")?;
                Ok(time)
            }),
        ],
    )
}

/// Multi-row VALUES; the ids of one statement follow one another.
fn insert(raw: &Connection, rows: &mut [RawUser]) -> Outcome<()> {
    for part in rows.chunks_mut(ROWS_PER_INSERT) {
        let mut sql = String::from("INSERT INTO users (name, hair_color) VALUES ");
        for row in 0..part.len() {
            let between = if row > 0 { ", " } else { "" };
            write!(sql, "{between}(?{}, ?{})", row * 2 + 1, row * 2 + 2)?;
        }
        let mut statement = raw.prepare_cached(&sql)?;
        let values = part.iter().flat_map(|row| [Some(&row.name), row.hair_color.as_ref()]);
        statement.execute(params_from_iter(values))?;
        let first = raw.last_insert_rowid() - part.len() as i64 + 1;
        for (row, id) in part.iter_mut().zip(first..) {
            row.id = id;
        }
    }
    Ok(())
}
