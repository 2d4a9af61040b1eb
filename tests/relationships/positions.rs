//! Collections whose order is kept in a column.

use crate::common::{committed, statements};
use orm::ErrorKind;
use orm::Handle;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_new_list_is_numbered,
    what_is_moved_is_renumbered_and_no_more,
    what_is_put_in_the_middle_shifts_those_behind_it,
    what_is_taken_out_leaves_no_gap,
    what_is_deleted_leaves_no_gap,
    what_moves_to_another_list_is_numbered_there,
    what_is_pushed_into_a_list_that_is_not_loaded_stands_at_its_end,
    a_list_that_is_not_touched_is_not_read,
    a_rollback_puts_the_order_back,
    the_order_of_a_merged_list_is_kept,
    hooks_see_the_places,
    a_narrow_column_is_told,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "lists")]
pub struct List {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = list, cascade(all, delete_orphan), position = place)]
    pub entries: Many<Entry>,
    #[orm(back_populates = list, cascade(all, delete_orphan), order_by(level, text), position = level)]
    pub ranks: Many<Rank>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "entries")]
pub struct Entry {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub text: String,
    #[orm(default = 0)]
    pub place: i32,
    pub list: Ref<List>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "ranks")]
pub struct Rank {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub text: String,
    #[orm(default = 0)]
    pub level: i16,
    pub list: Option<Ref<List>>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((List, Entry, Rank));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn entries(texts: &[&str]) -> Many<Entry> {
    texts.iter().map(|text| Entry::new(*text, Ref::unset())).collect::<Vec<_>>().into()
}

/// A list with these entries, committed and forgotten.
fn list(engine: &Engine, texts: &[&str]) -> orm::Result<i64> {
    let mut session = engine.session();
    let list = session.add(List { entries: entries(texts), ..List::new("list") });
    session.commit()?;
    Ok(*session[list].id.get().expect("flushed"))
}

/// What is in the database.
fn rows(engine: &Engine) -> Vec<(String, i32)> {
    committed(engine, text("SELECT text, place FROM entries ORDER BY list_id, place, id"))
}

fn numbered(texts: &[&str]) -> Vec<(String, i32)> {
    texts.iter().map(|text| (*text).to_owned()).zip(0..).collect()
}

fn updates(log: &orm::engine::StatementLog) -> usize {
    statements(log).iter().filter(|sql| sql.starts_with("UPDATE")).count()
}

fn loaded(session: &mut Session, key: i64) -> orm::Result<(Handle<List>, Vec<Handle<Entry>>)> {
    let list = session.get(List, key)?.expect("there");
    let entries = list.entries(session)?;
    Ok((list, entries))
}

fn a_new_list_is_numbered(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    assert_eq!(rows(&engine), numbered(&["a", "b", "c"]));
    let mut session = engine.session();
    let (_, entries) = loaded(&mut session, key)?;
    let places: Vec<i32> = entries.iter().map(|&entry| session[entry].place).collect();
    assert_eq!(places, [0, 1, 2]);
    Ok(())
}

fn what_is_moved_is_renumbered_and_no_more(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c", "d", "e"])?;
    let mut session = engine.session();
    let (list, entries) = loaded(&mut session, key)?;
    session[list].entries.insert(1, entries[3]); // a d b c e
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(rows(&engine), numbered(&["a", "d", "b", "c", "e"]));
    let places: Vec<i32> = entries.iter().map(|&entry| session[entry].place).collect();
    assert_eq!(places, [0, 2, 3, 1, 4]);
    // the first and the last one are as they were: neither is written
    session[list].entries = entries.clone().into();
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["a", "b", "c", "d", "e"]));
    let log = engine.record();
    session[list].entries = entries.into();
    session.commit()?;
    assert!(statements(&log).is_empty());
    Ok(())
}

fn what_is_put_in_the_middle_shifts_those_behind_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    let mut session = engine.session();
    let (list, _) = loaded(&mut session, key)?;
    let new = session.add(Entry::new("new", list));
    session[list].entries.insert(1, new);
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["a", "new", "b", "c"]));
    let last = session.add(Entry::new("last", Ref::unset()));
    session[list].entries.insert(99, last);
    session[list].entries.push(Entry::new("very last", Ref::unset()));
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["a", "new", "b", "c", "last", "very last"]));
    Ok(())
}

fn what_is_taken_out_leaves_no_gap(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    let mut session = engine.session();
    let (list, entries) = loaded(&mut session, key)?;
    session[list].entries.remove(entries[0]);
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["b", "c"]));
    session.unlink(list, List.entries, entries[1])?;
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["c"]));
    // one that may be without a list keeps what it had
    let ranks = ["x", "y"].map(Rank::new);
    session[list].ranks = ranks.into();
    session.commit()?;
    let first = session[list].ranks.get()?[0];
    session.set(first, Rank.list, None)?;
    session.commit()?;
    let left: Vec<(String, i32)> =
        committed(&engine, text("SELECT text, level FROM ranks WHERE list_id IS NOT NULL"));
    assert_eq!(left, numbered(&["y"]));
    Ok(())
}

fn what_is_deleted_leaves_no_gap(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    let mut session = engine.session();
    let (list, entries) = loaded(&mut session, key)?;
    session.delete(entries[1])?;
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["a", "c"]));
    session.delete(list)?;
    session.commit()?;
    assert!(rows(&engine).is_empty());
    Ok(())
}

fn what_moves_to_another_list_is_numbered_there(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (one, other) = (list(&engine, &["a", "b"])?, list(&engine, &["c", "d"])?);
    let mut session = engine.session();
    let (_, of_one) = loaded(&mut session, one)?;
    let (other, _) = loaded(&mut session, other)?;
    session.set(of_one[0], Entry.list, other)?;
    session.commit()?;
    let expected = [numbered(&["b"]), numbered(&["c", "d", "a"])].concat();
    assert_eq!(rows(&engine), expected);
    Ok(())
}

fn what_is_pushed_into_a_list_that_is_not_loaded_stands_at_its_end(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let keys = [list(&engine, &["a", "b"])?, list(&engine, &["c"])?];
    let mut session = engine.session();
    for key in keys {
        let list = session.get(List, key)?.expect("there");
        session.push(list, List.entries, Entry::new("new", list))?;
    }
    session.add(Entry::new("by key", keys[1]));
    let log = engine.record();
    session.commit()?;
    let reads = statements(&log).iter().filter(|sql| sql.starts_with("SELECT")).count();
    assert_eq!(reads, 1, "one for all lists");
    let expected = [numbered(&["a", "b", "new"]), numbered(&["c", "new", "by key"])].concat();
    assert_eq!(rows(&engine), expected);
    Ok(())
}

fn a_list_that_is_not_touched_is_not_read(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    let mut session = engine.session();
    let found = session.query(Entry).order_by(Entry.place).all()?;
    session[found[1]].text = "B".into();
    session.delete(found[0])?;
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert!(sent.iter().all(|sql| !sql.starts_with("SELECT")), "{sent:?}");
    // the gap is closed with the next change of the list
    assert_eq!(rows(&engine), [("B".to_owned(), 1), ("c".to_owned(), 2)]);
    let (list, entries) = loaded(&mut session, key)?;
    session[list].entries.insert(0, entries[1]);
    let log = engine.record();
    session.commit()?;
    assert_eq!(updates(&log), 1);
    assert_eq!(rows(&engine), numbered(&["c", "B"]));
    Ok(())
}

fn a_rollback_puts_the_order_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    let mut session = engine.session();
    let (list, entries) = loaded(&mut session, key)?;
    session[list].entries.insert(0, entries[2]);
    session.flush()?;
    assert_eq!(session[entries[2]].place, 0);
    session.rollback()?;
    assert_eq!(session[entries[2]].place, 2);
    assert_eq!(list.entries(&mut session)?, entries);
    assert_eq!(rows(&engine), numbered(&["a", "b", "c"]));
    Ok(())
}

fn the_order_of_a_merged_list_is_kept(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let key = list(&engine, &["a", "b", "c"])?;
    let mut value =
        select(List).filter(List.id.eq(key)).include(List.entries).one(&mut engine.connect()?)?;
    let mut entries = value.entries.values()?.to_vec();
    entries.rotate_left(1);
    entries.insert(1, Entry::new("new", key));
    value.entries = entries.into();
    let mut session = engine.session();
    session.merge(value)?;
    session.commit()?;
    assert_eq!(rows(&engine), numbered(&["b", "new", "c", "a"]));
    Ok(())
}

fn hooks_see_the_places(db: &TestDatabase) -> Done {
    drop(ready(db)?);
    let engine = Engine::builder(db.url())
        .models(Schema::of((List, Entry, Rank)))
        .before_insert(|entry: &mut Entry| {
            entry.text = format!("{} {}", entry.place, entry.text);
            Ok(())
        })
        .build()?;
    list(&engine, &["a", "b"])?;
    assert_eq!(rows(&engine), numbered(&["0 a", "1 b"]));
    Ok(())
}

fn a_narrow_column_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ranks: Vec<Rank> = (0..=i32::from(i16::MAX) + 1).map(|_| Rank::new("x")).collect();
    session.add(List { ranks: ranks.into(), ..List::new("long") });
    let error = session.flush().expect_err("it can't be counted");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
    assert!(error.to_string().starts_with("`List.ranks` of List(new #0) holds more"), "{error}");
    Ok(())
}
