//! One key deleted and added in one flush: the row stays, and gets what differs.

use crate::setup::{committed, statements};
use orm::engine::text;
use orm::prelude::*;
use orm::session::Gone;
use orm::{Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    one_update_of_what_differs,
    nothing_differs_and_nothing_is_sent,
    the_old_object_is_gone_and_the_new_one_persistent,
    a_rollback_undoes_both,
    a_savepoint_undoes_both,
    children_of_the_old_one_go_by_their_cascade,
    children_given_to_the_new_one_stay,
    what_pointed_to_the_old_one_points_to_the_new_one,
    where_the_database_deletes_by_itself_the_row_is_deleted_and_inserted,
    links_are_those_of_the_new_one,
    what_is_left_to_the_database_stays,
    an_old_object_that_was_changed_is_compared_by_its_row,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "albums")]
struct Album {
    #[orm(primary_key)]
    number: i64,
    title: String,
    year: Option<i32>,
    #[orm(back_populates = album, cascade(all, delete_orphan))]
    tracks: Many<Track>,
    #[orm(secondary = "album_labels")]
    labels: Many<Label>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tracks")]
struct Track {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    album: Ref<Album>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "labels")]
struct Label {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "rooms")]
struct Room {
    #[orm(primary_key)]
    number: i64,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "chairs")]
struct Chair {
    #[orm(primary_key)]
    id: Auto<i64>,
    room: Option<Ref<Room>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "shelves")]
struct Shelf {
    #[orm(primary_key)]
    number: i64,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(on_delete = cascade)]
    shelf: Ref<Shelf>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Album, Track, Label, Room, Chair, Shelf, Book));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn rooms(engine: &Engine) -> Vec<(i64, String)> {
    committed(engine, text("SELECT number, name FROM rooms ORDER BY number"))
}

fn room(session: &mut Session) -> orm::Result<Handle<Room>> {
    let room = session.add(Room::new(7, "old"));
    session.commit()?;
    Ok(room)
}

fn one_update_of_what_differs(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Album { year: Some(1999), ..Album::new(1, "title") });
    session.commit()?;
    session.delete(old)?;
    session.add(Album { year: Some(2000), ..Album::new(1, "title") });
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    let sent: Vec<&String> = sent.iter().filter(|sql| sql.contains(r#" "albums""#)).collect();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert!(sent[0].starts_with(r#"UPDATE "albums" SET "year" = "#), "{sent:#?}");
    assert!(!sent[0].contains("title"), "{sent:#?}");
    Ok(())
}

fn nothing_differs_and_nothing_is_sent(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = room(&mut session)?;
    session.delete(old)?;
    let new = session.add(Room::new(7, "old"));
    let log = engine.record();
    session.commit()?;
    assert!(statements(&log).is_empty());
    assert_eq!(session.get(Room, 7)?, Some(new));
    Ok(())
}

fn the_old_object_is_gone_and_the_new_one_persistent(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = room(&mut session)?;
    session.delete(old)?;
    let new = session.add(Room::new(7, "new"));
    session.flush()?;
    assert_eq!((session.state(old)?, session.state(new)?), (State::Deleted, State::Persistent));
    assert_eq!(session[old].name, "old", "it reads until the transaction ends");
    assert_eq!(session.get(Room, 7)?, Some(new));
    session.commit()?;
    assert_eq!(session.state(old)?, State::Gone(Gone::Deleted));
    assert_eq!(session.get(Room, 7)?, Some(new));
    session[new].name = "newer".into();
    session.commit()?;
    assert_eq!(rooms(&engine), [(7, "newer".to_owned())]);
    Ok(())
}

fn a_rollback_undoes_both(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = room(&mut session)?;
    session.delete(old)?;
    let new = session.add(Room::new(7, "new"));
    session.flush()?;
    session.rollback()?;
    assert_eq!(session.state(old)?, State::Persistent);
    assert_eq!(session.state(new)?, State::Gone(Gone::RolledBack));
    assert_eq!(session.get(Room, 7)?, Some(old));
    assert_eq!(session.take(new)?.name, "new");
    session[old].name = "kept".into();
    session.commit()?;
    assert_eq!(rooms(&engine), [(7, "kept".to_owned())]);
    Ok(())
}

fn a_savepoint_undoes_both(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = room(&mut session)?;
    let undone = session.savepoint(|session| -> orm::Result<()> {
        session.delete(old)?;
        session.add(Room::new(7, "new"));
        session.flush()?;
        Err(orm::Error::custom(std::io::Error::other("no")))
    });
    assert!(undone.is_err());
    assert_eq!(session.state(old)?, State::Persistent);
    assert_eq!(session.get(Room, 7)?, Some(old));
    session.delete(old)?;
    let new = session.add(Room::new(7, "new"));
    session.commit()?;
    assert_eq!(session.get(Room, 7)?, Some(new));
    assert_eq!(rooms(&engine), [(7, "new".to_owned())]);
    Ok(())
}

fn album(session: &mut Session) -> orm::Result<(Handle<Album>, Handle<Track>)> {
    let album = session.add(Album::new(1, "old"));
    let track = session.push(album, Album.tracks, Track::new("one", Ref::unset()))?;
    session.commit()?;
    Ok((album, track))
}

fn children_of_the_old_one_go_by_their_cascade(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    album(&mut session)?;
    // nothing is in memory: the children are found for it
    let mut session = engine.session();
    let old = session.get(Album, 1)?.expect("it is there");
    session.delete(old)?;
    let tracks = [Track::new("two", Ref::unset())].into();
    let new = session.add(Album { tracks, ..Album::new(1, "new") });
    session.commit()?;
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM tracks"));
    assert_eq!(names, [("two".into(),)]);
    assert_eq!(new.tracks(&mut session)?.len(), 1);
    Ok(())
}

fn children_given_to_the_new_one_stay(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (old, track) = album(&mut session)?;
    session.delete(old)?;
    let new = session.add(Album::new(1, "new"));
    session[track].album = new.into();
    session.commit()?;
    assert_eq!(session.state(track)?, State::Persistent);
    assert!(session[track].album == new);
    let rows: Vec<(String, i64)> =
        committed(&engine, text("SELECT name, album_number FROM tracks"));
    assert_eq!(rows, [("one".into(), 1)]);
    Ok(())
}

fn what_pointed_to_the_old_one_points_to_the_new_one(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = room(&mut session)?;
    let chair = session.add(Chair { room: Some(old.into()), ..Chair::new() });
    session.commit()?;
    session.delete(old)?;
    let new = session.add(Room::new(7, "new"));
    session.flush()?;
    assert!(session[chair].room == new);
    session.rollback()?;
    assert!(session[chair].room == old);
    session.delete(old)?;
    let new = session.add(Room::new(7, "new"));
    session.commit()?;
    assert!(session[chair].room == new);
    session[chair].room = None;
    session.commit()?;
    let rows: Vec<(i64,)> =
        committed(&engine, text("SELECT count(*) FROM chairs WHERE room_number IS NULL"));
    assert_eq!(rows, [(1,)]);
    Ok(())
}

fn where_the_database_deletes_by_itself_the_row_is_deleted_and_inserted(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Shelf::new(1, "old"));
    let book = session.add(Book::new(old));
    session.commit()?;
    session.delete(old)?;
    let new = session.add(Shelf::new(1, "new"));
    let log = engine.record();
    session.flush()?;
    let sent = statements(&log);
    let verbs: Vec<&str> = sent.iter().filter_map(|sql| sql.split(' ').next()).collect();
    assert_eq!(verbs, ["DELETE", "INSERT"], "{sent:#?}");
    assert_eq!(session.state(book)?, State::Deleted);
    session.rollback()?;
    assert_eq!(session.get(Shelf, 1)?, Some(old));
    assert_eq!(session.state(new)?, State::Gone(Gone::RolledBack));
    assert_eq!(session.state(book)?, State::Persistent);
    Ok(())
}

fn links_are_those_of_the_new_one(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (old, _) = album(&mut session)?;
    let (loud, quiet) = (session.add(Label::new("loud")), session.add(Label::new("quiet")));
    session.link(old, Album.labels, loud)?;
    session.commit()?;
    session.delete(old)?;
    let new = session.add(Album::new(1, "new"));
    session.link(new, Album.labels, quiet)?;
    session.commit()?;
    let names: Vec<(String,)> = committed(
        &engine,
        text("SELECT name FROM labels JOIN album_labels ON label_id = id WHERE album_number = 1"),
    );
    assert_eq!(names, [("quiet".into(),)]);
    Ok(())
}

fn what_is_left_to_the_database_stays(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let label = session.add(Label { id: 5.into(), ..Label::new("old") });
    session.commit()?;
    session.delete(label)?;
    let new = session.add(Label { id: 5.into(), ..Label::new("new") });
    session.commit()?;
    assert_eq!(session[new].id, 5);
    let rows: Vec<(i64, String)> = committed(&engine, text("SELECT id, name FROM labels"));
    assert_eq!(rows, [(5, "new".to_owned())]);
    Ok(())
}

fn an_old_object_that_was_changed_is_compared_by_its_row(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = room(&mut session)?;
    session[old].name = "changed".into();
    session.delete(old)?;
    session.add(Room::new(7, "changed"));
    session.commit()?;
    assert_eq!(rooms(&engine), [(7, "changed".to_owned())]);
    Ok(())
}
