//! A million children are read in constant memory: streamed with their parents, and as pages of
//! handles with what they include.
//!
//! The peak is told by the operating system for a whole process, so each case runs in one of its
//! own: the test starts itself again, and the process asserts what it needed.

use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};
use std::process::Command;

on_each_database!(a_million_streamed_children, a_million_children_in_pages);

/// Says what the process is to read, and from where.
const URL: &str = "ORM_TEST_MEMORY_URL";

/// Over what the process had before it read.
const MOST_KIB: u64 = 16 * 1024;

const CHILDREN: i64 = 1_000_000;

#[derive(Model, Clone, Debug)]
#[orm(table = "parents")]
struct Parent {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(back_populates = parent)]
    children: Many<Child>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "children")]
struct Child {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    parent: Ref<Parent>,
}

fn a_million_streamed_children(db: &TestDatabase) -> orm::Result<()> {
    filled(db)?;
    in_a_process_of_its_own("streamed", db);
    Ok(())
}

fn a_million_children_in_pages(db: &TestDatabase) -> orm::Result<()> {
    filled(db)?;
    in_a_process_of_its_own("paged", db);
    Ok(())
}

fn engine_of(url: &str) -> orm::Result<Engine> {
    Engine::builder(url).models(Schema::of((Parent, Child))).build()
}

/// A hundred thousand parents of ten children each, made by the database.
fn filled(db: &TestDatabase) -> orm::Result<()> {
    let engine = engine_of(db.url())?;
    engine.create_all()?;
    let mut connection = engine.connect()?;
    connection.execute(text(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000) \
         INSERT INTO parents (id, name) SELECT n, 'the parent number ' || n FROM numbers",
    ))?;
    connection.execute(text(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000) \
         INSERT INTO children (id, name, parent_id) \
         SELECT n, 'the child number ' || n, (n - 1) / 10 + 1 FROM numbers",
    ))?;
    connection.commit()
}

fn in_a_process_of_its_own(case: &str, db: &TestDatabase) {
    let program = std::env::current_exe().expect("the test's own program");
    let done = Command::new(program)
        .args([case, "--exact", "--ignored", "--nocapture"])
        .env(URL, db.url())
        .output()
        .expect("the test's own program runs");
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{told}{}", String::from_utf8_lossy(&done.stderr));
    assert!(told.contains("1 passed"), "{told}");
}

#[test]
#[ignore = "run by the cases of this file, in a process of its own"]
fn streamed() {
    let (engine, mut session) = begun();
    let start = resident();
    let mut seen = 0;
    let query = select(Parent).order_by(Parent.id).include(Parent.children);
    let mut rows = query.stream(&mut session).expect("a stream");
    while let Some(parent) = rows.next(&mut session).expect("a row") {
        for child in parent.children.values().expect("included") {
            assert!(child.name.starts_with("the child"));
            seen += 1;
        }
    }
    assert_eq!(seen, CHILDREN);
    kept_below(start);
    drop(engine);
}

#[test]
#[ignore = "run by the cases of this file, in a process of its own"]
fn paged() {
    let (engine, mut session) = begun();
    let start = resident();
    let mut seen = 0;
    let query = select(Child).order_by(Child.id).include(Child.parent);
    let mut pages = query.pages(&mut session, 1_000).expect("pages");
    while let Some(page) = pages.next(&mut session).expect("a page") {
        let last = *page.last().expect("a page has rows");
        let parent = session.load(last, Child.parent).expect("included");
        assert!(session[parent].name.starts_with("the parent"));
        seen += i64::try_from(page.len()).expect("a thousand");
        session.clear();
    }
    assert_eq!(seen, CHILDREN);
    kept_below(start);
    drop(engine);
}

/// A session that has read already: what is opened once does not count.
fn begun() -> (Engine, Session) {
    let url = std::env::var(URL).expect("the address of the database");
    let engine = engine_of(&url).expect("an engine");
    let mut session = engine.session();
    let first = session.query(Child).order_by(Child.id).include(Child.parent).limit(10).all();
    assert_eq!(first.expect("rows").len(), 10);
    session.commit().expect("nothing to write");
    (engine, session)
}

fn kept_below(start: u64) {
    let needed = of_process("VmHWM:").saturating_sub(start);
    assert!(needed <= MOST_KIB, "{needed} KiB over the start");
}

fn resident() -> u64 {
    of_process("VmRSS:")
}

/// A line of what Linux says of the process, in KiB.
fn of_process(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says it");
    let told = status.lines().find_map(|told| told.strip_prefix(line)).expect("the line");
    told.trim().trim_end_matches(" kB").parse().expect("a number")
}
