//! Writing under criteria: statements are under them, a flush is not; what comes from outside reaches no
//! hidden row.

use super::*;
use crate::common::committed;
use orm::ErrorKind;
use orm_test_support::{on_each_database, on_postgres};

on_each_database!(
    a_deleted_owner_takes_its_hidden_children_along,
    a_deleted_owner_takes_children_along_that_were_loaded_under_criteria,
    a_hidden_child_stays_where_its_collection_is_replaced,
    a_flush_writes_objects_that_are_hidden,
    a_merged_value_reaches_no_hidden_row,
    links_of_hidden_objects_stay,
);

on_postgres!(a_hidden_row_that_the_database_wrote_is_read_again);

type Done = orm::Result<()>;

fn names(engine: &Engine, sql: &'static str) -> Vec<String> {
    let rows: Vec<(String,)> = committed(engine, text(sql));
    rows.into_iter().map(|(name,)| name).collect()
}

const PAPERS: &str = "SELECT name FROM papers ORDER BY name";

fn a_deleted_owner_takes_its_hidden_children_along(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let ann = session.get(Writer, 1)?.expect("shown");
    session.delete(ann)?;
    session.commit()?;
    assert_eq!(names(&engine, PAPERS), ["c"]);
    assert_eq!(names(&engine, "SELECT name FROM cards"), ["card"]);
    Ok(())
}

fn a_deleted_owner_takes_children_along_that_were_loaded_under_criteria(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let ann = session.get(Writer, 1)?.expect("shown");
    assert_eq!(ann.papers(&mut session)?.len(), 2);
    assert_eq!(ann.card(&mut session)?, None);
    session.delete(ann)?;
    session.flush()?;
    session.rollback()?;
    // what the flush has read is under the criteria for the program
    assert_eq!(session.get(Paper, 2)?, None);
    assert_eq!(ann.papers(&mut session)?.len(), 2);
    session.delete(ann)?;
    session.commit()?;
    assert_eq!(names(&engine, PAPERS), ["c"]);
    assert_eq!(names(&engine, "SELECT name FROM cards"), ["card"]);
    Ok(())
}

fn a_hidden_child_stays_where_its_collection_is_replaced(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let paper = session.get(Paper, 1)?.expect("shown");
    let other = session.add(Topic::new("other"));
    session[paper].topics = [other].into();
    session.commit()?;
    let links = "SELECT name FROM paper_topics JOIN topics ON topic_id = id WHERE paper_id = 1 ORDER BY name";
    assert_eq!(names(&engine, links), ["HIDDEN y", "other"]);
    Ok(())
}

fn a_flush_writes_objects_that_are_hidden(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let bo = session.without_criteria(|session| session.get(Writer, 2))?.expect("there");
    session[bo].name = "HIDDEN Bob".into();
    session.commit()?;
    assert_eq!(names(&engine, "SELECT name FROM writers WHERE id = 2"), ["HIDDEN Bob"]);
    let card = session.add(Card { hidden: true, ..Card::new("HIDDEN too", bo) });
    session.commit()?;
    session[card].name = "HIDDEN again".into();
    session.flush()?;
    session.delete(card)?;
    session.commit()?;
    assert_eq!(names(&engine, "SELECT name FROM cards WHERE writer_id = 2"), [""; 0]);
    Ok(())
}

fn a_merged_value_reaches_no_hidden_row(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let given = || Writer { id: 2.into(), ..Writer::new("from outside") };
    let mut session = engine.session();
    session.merge(given())?;
    // for the session there is no such row; the database knows that there is
    assert_eq!(session.commit().expect_err("its key is taken").kind(), ErrorKind::UniqueViolation);
    session.rollback()?;
    session.without_criteria(|session| session.get(Writer, 2))?.expect("there");
    let refused = session.merge(given()).and_then(|_| session.commit());
    assert_eq!(refused.expect_err("another object has the key").kind(), ErrorKind::InvalidState);
    session.rollback()?;
    assert_eq!(names(&engine, "SELECT name FROM writers WHERE id = 2"), ["HIDDEN Bo"]);
    session.without_criteria(|session| session.merge(given()))?;
    session.commit()?;
    assert_eq!(names(&engine, "SELECT name FROM writers WHERE id = 2"), ["from outside"]);
    Ok(())
}

fn links_of_hidden_objects_stay(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let paper = session.get(Paper, 1)?.expect("shown");
    let topics = paper.topics(&mut session)?;
    assert_eq!(topics.len(), 1);
    session.unlink(paper, Paper.topics, topics[0])?;
    session.commit()?;
    let links = "SELECT name FROM paper_topics JOIN topics ON topic_id = id WHERE paper_id = 1";
    assert_eq!(names(&engine, links), ["HIDDEN y"]);
    // deleted with the paper, which nothing may point to then
    session.delete(paper)?;
    session.commit()?;
    assert_eq!(names(&engine, links), [""; 0]);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "shelves")]
struct Shelf {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "volumes")]
struct Volume {
    #[orm(primary_key)]
    id: i64,
    hidden: bool,
    #[orm(on_delete = set_null)]
    shelf: Option<Ref<Shelf>>,
    #[orm(version = xmin)]
    written_by: Auto<i64>,
}

fn a_hidden_row_that_the_database_wrote_is_read_again(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url())
        .models(Schema::of((Shelf, Volume)))
        .criterion(SHOWN, Volume, |volume| !volume.hidden)
        .build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let shelf = session.add(Shelf::new(1));
    let volume = session.add(Volume { shelf: Some(shelf.into()), ..Volume::new(1, true) });
    session.commit()?;
    session.delete(shelf)?;
    session.commit()?; // ON DELETE SET NULL writes the volume's row
    session[volume].hidden = false;
    session.commit()?;
    assert_eq!(session.get(Volume, 1)?, Some(volume));
    Ok(())
}
