//! Keys that a program gives and changes: links and trees follow by ON UPDATE CASCADE.

use crate::setup::{committed, statements};
use orm::State;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    links_follow_a_changed_key,
    a_tree_follows_changed_keys,
    a_row_that_was_moved_before_is_not_in_the_way,
    a_key_set_by_a_statement_makes_objects_stale,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "songs")]
struct Song {
    #[orm(primary_key, length = 20)]
    code: String,
    #[orm(secondary = "song_genres", back_populates = songs, order_by = code)]
    genres: Many<Genre>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "genres")]
struct Genre {
    #[orm(primary_key, length = 20)]
    code: String,
    #[orm(secondary = "song_genres", back_populates = genres)]
    songs: Many<Song>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "folders")]
struct Folder {
    #[orm(primary_key, length = 20)]
    path: String,
    size: i32,
    #[orm(on_update = cascade)]
    above: Option<Ref<Folder>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "lands")]
struct Land {
    #[orm(primary_key, length = 20)]
    code: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "villages")]
struct Village {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    land: Ref<Land>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Song, Genre, Folder, Land, Village));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn links_follow_a_changed_key(db: &TestDatabase) -> Done {
    let links = || text("SELECT song_code, genre_code FROM song_genres ORDER BY 1, 2");
    let engine = ready(db)?;
    let mut session = engine.session();
    let song = session.add(Song::new("one"));
    let genres = session.add_all(["folk", "jazz", "pop"].map(Genre::new));
    session.link(song, Song.genres, genres[0])?;
    session.link(song, Song.genres, genres[1])?;
    session.commit()?;
    session[song].code = "two".into();
    session[genres[0]].code = "country".into();
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2);
    let rows: Vec<(String, String)> = committed(&engine, links());
    assert_eq!(rows, [("two".into(), "country".into()), ("two".into(), "jazz".into())]);
    // together with links that come and go
    session[song].code = "three".into();
    session.unlink(song, Song.genres, genres[1])?;
    session.link(song, Song.genres, genres[2])?;
    session.commit()?;
    let rows: Vec<(String, String)> = committed(&engine, links());
    assert_eq!(rows, [("three".into(), "country".into()), ("three".into(), "pop".into())]);
    assert_eq!(session.load(song, Song.genres)?, [genres[0], genres[2]]);
    Ok(())
}

fn a_tree_follows_changed_keys(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let root = session.add(Folder::new("a", 1));
    let below = session.add(Folder { above: Some(root.into()), ..Folder::new("b", 2) });
    let last = session.add(Folder { above: Some(below.into()), ..Folder::new("c", 3) });
    session.commit()?;
    session[root].path = "A".into();
    session.commit()?;
    session[root].path = "AA".into();
    session[below].path = "BB".into();
    session.commit()?;
    session[last].size = 4;
    session[below].size = 5;
    session.commit()?;
    let rows: Vec<(String, i32, Option<String>)> =
        committed(&engine, text("SELECT path, size, above_path FROM folders ORDER BY size"));
    assert_eq!(
        rows,
        [
            ("AA".into(), 1, None),
            ("c".into(), 4, Some("BB".into())),
            ("BB".into(), 5, Some("AA".into())),
        ]
    );
    assert_eq!(session.get(Folder, "BB")?, Some(below));
    assert!(session[below].above.as_ref().is_some_and(|above| *above == root));
    Ok(())
}

fn a_row_that_was_moved_before_is_not_in_the_way(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [old, other] = ["old", "other"].map(|code| session.add(Land::new(code)));
    let village = session.add(Village::new("Au", old));
    session.commit()?;
    session.set(village, Village.land, other)?;
    session.flush()?;
    session[old].code = "new".into();
    session.commit()?;
    session.set(village, Village.land, old)?;
    session.commit()?;
    let rows: Vec<(String,)> = committed(&engine, text("SELECT land_code FROM villages"));
    assert_eq!(rows, [("new".into(),)]);
    Ok(())
}

fn a_key_set_by_a_statement_makes_objects_stale(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let top = session.add(Folder::new("a", 1));
    let below = session.add(Folder { above: Some(top.into()), ..Folder::new("a/b", 2) });
    session.commit()?;
    let moved = session.query(Folder).filter(Folder.path.eq("a")).update(Folder.path.set("z"))?;
    assert_eq!(moved, 1);
    assert_eq!(session.state(top)?, State::Stale);
    assert_eq!(session.get(Folder, "a")?, None, "its row is under another key");
    let found = session.get(Folder, "z")?.expect("there");
    assert_eq!(session[found].size, 1);
    assert_eq!(session.get(Folder, "a/b")?, Some(below));
    assert!(session[below].above.as_ref().is_some_and(|above| *above == found));
    session[found].size = 7;
    session.commit()?;
    let rows: Vec<(String, i32)> =
        committed(&engine, text("SELECT path, size FROM folders ORDER BY path"));
    assert_eq!(rows, [("a/b".to_owned(), 2), ("z".to_owned(), 7)]);
    Ok(())
}
