//! `passive_deletes`: what becomes of children that are not in memory is left to the database.

use crate::common::{committed, run, statements};
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    children_that_are_not_in_memory_are_left_to_the_database,
    children_in_memory_are_deleted_with_it_and_told,
    the_session_does_its_part_for_children_in_memory,
    without_it_they_are_loaded_for_what_they_own,
    what_the_database_refuses_leaves_the_objects_as_they_were,
    keys_that_are_emptied_are_told_to_those_in_memory,
    where_the_row_is_taken_over_its_children_are_deleted_all_the_same,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "archives")]
struct Archive {
    #[orm(primary_key)]
    name: String,
    #[orm(back_populates = archive, cascade(delete), passive_deletes)]
    folders: Many<Folder>,
    #[orm(back_populates = archive, cascade(delete))]
    drawers: Many<Drawer>,
    #[orm(back_populates = archive, passive_deletes)]
    visitors: Many<Visitor>,
}

/// The database deletes it with its archive, and would not delete its sheets.
#[derive(Model, Clone, Debug)]
#[orm(table = "folders")]
struct Folder {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(on_delete = cascade)]
    archive: Ref<Archive>,
    #[orm(back_populates = folder, cascade(delete))]
    sheets: Many<Sheet>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "sheets")]
struct Sheet {
    #[orm(primary_key)]
    id: Auto<i64>,
    folder: Ref<Folder>,
}

/// The same, and its archive does not say `passive_deletes`.
#[derive(Model, Clone, Debug)]
#[orm(table = "drawers")]
struct Drawer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(on_delete = cascade)]
    archive: Ref<Archive>,
    #[orm(back_populates = drawer, cascade(delete))]
    pens: Many<Pen>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "pens")]
struct Pen {
    #[orm(primary_key)]
    id: Auto<i64>,
    drawer: Ref<Drawer>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "visitors")]
struct Visitor {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(on_delete = set_null)]
    archive: Option<Ref<Archive>>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Archive, Folder, Sheet, Drawer, Pen, Visitor));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    run(&engine, &["INSERT INTO archives (name) VALUES ('a')"]);
    Ok(engine)
}

fn count(engine: &Engine, sql: &'static str) -> i64 {
    committed::<(i64,)>(engine, text(sql))[0].0
}

const FOLDERS: &str = "INSERT INTO folders (id, archive_name) VALUES (1, 'a'), (2, 'a'), (3, 'a')";
const DELETED: [&str; 2] = [
    "DELETE FROM \"archives\" WHERE \"name\" = ANY($1::TEXT[])",
    "DELETE FROM \"archives\" WHERE \"archives\".\"name\" = ?1",
];

fn deleted(engine: &Engine) -> &'static str {
    DELETED[usize::from(!engine.dialect().features.array_parameters)]
}

fn children_that_are_not_in_memory_are_left_to_the_database(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &[FOLDERS, "INSERT INTO visitors (id, archive_name) VALUES (1, 'a')"]);
    let mut session = engine.session();
    let archive = session.get(Archive, "a")?.expect("there");
    session.load(archive, Archive.drawers)?; // empty: nothing to ask for
    session.delete(archive)?;
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log), [deleted(&engine)]);
    assert_eq!(count(&engine, "SELECT count(*) FROM folders"), 0);
    assert_eq!(count(&engine, "SELECT count(*) FROM visitors WHERE archive_name IS NULL"), 1);
    Ok(())
}

fn children_in_memory_are_deleted_with_it_and_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &[FOLDERS]);
    let mut session = engine.session();
    let archive = session.get(Archive, "a")?.expect("there");
    session.load(archive, Archive.drawers)?;
    let known = session.get(Folder, 2)?.expect("there");
    session.load(known, Folder.sheets)?;
    session.commit()?;
    let new = session.add(Folder::new(archive));
    session.delete(archive)?;
    let log = engine.record();
    session.flush()?;
    assert_eq!(statements(&log), [deleted(&engine)]);
    assert_eq!(session.state(known)?, State::Deleted);
    assert!(!session.contains(new), "it is never inserted");
    session.rollback()?;
    assert_eq!(session.state(known)?, State::Persistent);
    assert_eq!(session.load(archive, Archive.folders)?.len(), 3);
    // a collection that is loaded is no different
    session.delete(archive)?;
    session.commit()?;
    assert!(!session.contains(known));
    assert_eq!(count(&engine, "SELECT count(*) FROM folders"), 0);
    Ok(())
}

fn the_session_does_its_part_for_children_in_memory(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &[FOLDERS, "INSERT INTO sheets (id, folder_id) VALUES (1, 2), (2, 2)"]);
    let mut session = engine.session();
    let archive = session.get(Archive, "a")?.expect("there");
    session.load(archive, Archive.drawers)?;
    let known = session.get(Folder, 2)?.expect("there");
    session.delete(archive)?;
    let log = engine.record();
    session.commit()?;
    let log = statements(&log);
    let verbs: Vec<&str> = log.iter().filter_map(|text| text.split(' ').next()).collect();
    // on SQLite rows are deleted one by one
    assert_eq!(verbs.first(), Some(&"SELECT"), "{log:?}");
    assert!(verbs[1..].iter().all(|verb| *verb == "DELETE"), "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some(deleted(&engine)));
    assert!(!session.contains(known));
    assert_eq!(count(&engine, "SELECT count(*) FROM sheets"), 0);
    assert_eq!(count(&engine, "SELECT count(*) FROM folders"), 0);
    Ok(())
}

fn without_it_they_are_loaded_for_what_they_own(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(
        &engine,
        &[
            "INSERT INTO drawers (id, archive_name) VALUES (1, 'a'), (2, 'a')",
            "INSERT INTO pens (id, drawer_id) VALUES (1, 1), (2, 2)",
        ],
    );
    let mut session = engine.session();
    let archive = session.get(Archive, "a")?.expect("there");
    session.delete(archive)?;
    session.commit()?;
    assert_eq!(count(&engine, "SELECT count(*) FROM pens"), 0);
    assert_eq!(count(&engine, "SELECT count(*) FROM drawers"), 0);
    Ok(())
}

fn what_the_database_refuses_leaves_the_objects_as_they_were(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &[FOLDERS, "INSERT INTO sheets (id, folder_id) VALUES (1, 3)"]);
    let mut session = engine.session();
    let archive = session.get(Archive, "a")?.expect("there");
    let known = session.get(Folder, 2)?.expect("there");
    session.commit()?;
    session.delete(archive)?;
    let error = session.flush().expect_err("the folder that is not in memory has a sheet");
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    session.rollback()?;
    assert_eq!(session.state(archive)?, State::Persistent);
    assert_eq!(session.state(known)?, State::Persistent);
    assert_eq!(count(&engine, "SELECT count(*) FROM folders"), 3);
    Ok(())
}

fn keys_that_are_emptied_are_told_to_those_in_memory(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &["INSERT INTO visitors (id, archive_name) VALUES (1, 'a'), (2, 'a')"]);
    let mut session = engine.session();
    let archive = session.get(Archive, "a")?.expect("there");
    session.load(archive, Archive.drawers)?;
    let known = session.get(Visitor, 1)?.expect("there");
    session.commit()?;
    session.delete(archive)?;
    let log = engine.record();
    session.flush()?;
    assert_eq!(statements(&log), [deleted(&engine)]);
    assert!(session[known].archive.is_none());
    session.rollback()?;
    assert!(session[known].archive.is_some());
    Ok(())
}

fn where_the_row_is_taken_over_its_children_are_deleted_all_the_same(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &[FOLDERS]);
    let mut session = engine.session();
    let old = session.get(Archive, "a")?.expect("there");
    session.delete(old)?;
    session.add(Archive::new("a"));
    session.commit()?;
    // nothing is deleted in the database, so what would have been is done here
    assert_eq!(count(&engine, "SELECT count(*) FROM archives"), 1);
    assert_eq!(count(&engine, "SELECT count(*) FROM folders"), 0);
    Ok(())
}
