//! How the unit of work grows: ten times the objects, and one change among very many. On SQLite in
//! memory, where nothing but our own cost grows, and on PostgreSQL.

use crate::models::{User, users};
use crate::rounds::{Gate, Outcome, Report, Variant, check, timed};
use orm::prelude::*;
use orm_test_support::server;
use std::time::Duration;

const FEW: usize = 10;
const SOME: usize = 10_000;
const MANY: usize = 100_000;
const VERY_MANY: usize = 1_000_000;
const COMMITS: usize = 50;

pub fn measure(report: &mut Report) -> Outcome<()> {
    let postgres = Engine::builder(server().tcp_url()).models(Schema::of((User,))).build()?;
    let sqlite = Engine::builder("sqlite::memory:").models(Schema::of((User,))).build()?;
    flushes(report, "growth: insert on PostgreSQL", &postgres)?;
    flushes(report, "growth: insert on SQLite", &sqlite)?;
    changes(report, "growth: change on PostgreSQL", &postgres)?;
    changes(report, "growth: change on SQLite", &sqlite)?;
    one_change(report)?;
    bytes_of_objects(report)
}

/// An empty table.
fn emptied(engine: &Engine) -> Outcome<()> {
    engine.drop_all()?;
    engine.create_all()?;
    Ok(())
}

fn flushes(report: &mut Report, what: &str, engine: &Engine) -> Outcome<()> {
    let insert = |count: usize| -> Outcome<Duration> {
        emptied(engine)?;
        let objects = users(count);
        let (time, mut session) = timed(|| {
            let mut session = engine.session();
            session.add_all(objects);
            session.commit()?;
            Ok(session)
        })?;
        check(session.query(User).count()? == count as i64, "rows")?;
        Ok(time)
    };
    ten_times(report, what, insert)
}

fn changes(report: &mut Report, what: &str, engine: &Engine) -> Outcome<()> {
    let change = |count: usize| -> Outcome<Duration> {
        emptied(engine)?;
        let mut session = engine.session();
        let handles = session.add_all(users(count));
        session.commit()?;
        for &user in &handles {
            session[user].name.push('!');
        }
        let (time, mut session) = timed(|| {
            session.commit()?;
            Ok(session)
        })?;
        let changed = session.query(User).filter(User.name.ends_with("!")).count()?;
        check(changed == count as i64, "rows")?;
        Ok(time)
    };
    ten_times(report, what, change)
}

fn ten_times(
    report: &mut Report,
    what: &str,
    run: impl Fn(usize) -> Outcome<Duration>,
) -> Outcome<()> {
    report.compare(
        what,
        1,
        vec![
            Variant::new("10,000 objects", Gate::None, || run(SOME)),
            Variant::new("100,000 objects", Gate::Ratio(12.0), || run(MANY)),
        ],
    )
}

/// An engine with so many rows of its own.
fn filled(count: usize) -> Outcome<Engine> {
    let engine = Engine::builder("sqlite::memory:").models(Schema::of((User,))).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add_all(users(count));
    session.commit()?;
    Ok(engine)
}

fn one_change(report: &mut Report) -> Outcome<()> {
    let what = "growth: commits of one change on SQLite";
    if !report.wants(what) {
        return Ok(());
    }
    let (few, very_many) = (filled(FEW)?, filled(VERY_MANY)?);
    let mut sessions = [few.session(), very_many.session()];
    let handles = [sessions[0].query(User).all()?, sessions[1].query(User).all()?];
    for session in &mut sessions {
        session.commit()?;
    }
    let [of_few, of_many] = &mut sessions;
    let commits = |session: &mut Session, handles: &[orm::Handle<User>]| -> Outcome<Duration> {
        let (time, ()) = timed(|| {
            for number in 0..COMMITS {
                let user = handles[number * 7919 % handles.len()];
                session[user].name.push('!');
                session.commit()?;
                session[user].name.pop();
                session.commit()?;
            }
            Ok(())
        })?;
        Ok(time)
    };
    report.compare(
        what,
        2 * COMMITS,
        vec![
            Variant::new("among 10 loaded", Gate::None, || commits(of_few, &handles[0])),
            Variant::new("among 1,000,000 loaded", Gate::Ratio(1.25), || {
                commits(of_many, &handles[1])
            }),
        ],
    )
}

/// What a tracked object takes, beside what the plain value takes: resident memory of a million, each
/// way in a process of its own, so that nothing is laid where something else lay before.
fn bytes_of_objects(report: &mut Report) -> Outcome<()> {
    let what = "memory of one in a million";
    if !report.wants(what) {
        return Ok(());
    }
    let file = std::env::temp_dir().join(format!("orm-benches-{}.db", std::process::id()));
    let url = format!("sqlite:{}", file.display());
    let made = Engine::builder(&url).models(Schema::of((User,))).build()?;
    made.create_all()?;
    let mut session = made.session();
    session.add_all(users(VERY_MANY));
    session.commit()?;
    drop((session, made));
    for (way, name) in [("plain", "value"), ("tracked", "tracked object, with its handle")] {
        let told = std::process::Command::new(std::env::current_exe()?)
            .args([RESIDENT, way, &url])
            .output()?;
        check(told.status.success(), &String::from_utf8_lossy(&told.stderr))?;
        let bytes: usize = String::from_utf8(told.stdout)?.trim().parse()?;
        report.fact(what, name, &format!("{} bytes", bytes / VERY_MANY));
    }
    std::fs::remove_file(file)?;
    Ok(())
}

/// What this program is called with, to tell what loading took: then `plain` or `tracked`, and the URL.
pub const RESIDENT: &str = "--resident";

/// Loads all rows one way and prints how many bytes that took.
pub fn tell_resident(way: &str, url: &str) -> Outcome<()> {
    let engine = Engine::builder(url).models(Schema::of((User,))).build()?;
    let mut connection = engine.connect()?;
    // the caches of the database are there before anything is counted
    check(select(User).count(&mut connection)? == VERY_MANY as i64, "rows")?;
    let before = resident()?;
    let after = if way == "plain" {
        let values = select(User).all(&mut connection)?;
        check(values.len() == VERY_MANY, "values")?;
        resident()?
    } else {
        drop(connection);
        let mut session = engine.session();
        let handles = session.query(User).all()?;
        check(handles.len() == VERY_MANY, "handles")?;
        resident()?
    };
    println!("{}", after - before);
    Ok(())
}

/// Resident memory of this process in bytes, as Linux tells it.
fn resident() -> Outcome<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<usize>()? * 1024)
}
