//! Children taken out of collections.

use crate::common::{committed, statements};
use crate::models::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    an_orphan_points_to_nothing_where_it_can,
    an_orphan_is_deleted_where_declared,
    an_orphan_put_back_is_saved,
    a_pending_orphan_is_never_inserted,
    an_orphan_that_cant_be_is_an_error_and_can_be_mended,
    an_orphan_whose_owner_goes_is_told_too,
);

type Done = orm::Result<()>;

fn an_orphan_points_to_nothing_where_it_can(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let shelf = session.add(Shelf { books: vec![Book::new("a")].into(), ..Shelf::new("s") });
    session.commit()?;
    let book = session[shelf].books.get()?[0];
    assert!(session[shelf].books.remove(book));
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1);
    assert!(session[book].shelf.is_none());
    let rows: Vec<(Option<i64>,)> = committed(&engine, text("SELECT shelf_id FROM books"));
    assert_eq!(rows, [(None,)]);
    Ok(())
}

fn an_orphan_is_deleted_where_declared(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let tagged = Article { tags: vec![Tag::new("t")].into(), ..article("a") };
    let ezz = session.add(Author { articles: vec![tagged].into(), ..Author::new("E") });
    session.commit()?;
    let orphan = session[ezz].articles.get()?[0];
    let tag = session[orphan].tags.get()?[0];
    session.unlink(ezz, Author.articles, orphan)?;
    assert!(session[ezz].articles.get()?.is_empty());
    session.commit()?;
    assert!(matches!(session.state(orphan)?, State::Gone(_)));
    assert!(session[tag].articles.get()?.is_empty(), "it left the other collection too");
    assert_eq!(session.query(Article).count()?, 0);
    assert_eq!(session.query(Tag).count()?, 1);
    Ok(())
}

fn an_orphan_put_back_is_saved(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ezz = session.add(Author { articles: vec![article("a")].into(), ..Author::new("E") });
    let bo = session.add(Author::new("Bo"));
    session.commit()?;
    let child = session[ezz].articles.get()?[0];
    let log = engine.record();
    session.unlink(ezz, Author.articles, child)?;
    session.link(ezz, Author.articles, child)?;
    session[ezz].articles.remove(child);
    session.load(ezz, Author.articles)?; // looked at in between
    session[ezz].articles.push(child);
    session.commit()?;
    assert!(log.is_empty(), "{:?}", log.take());
    session[ezz].articles.remove(child);
    session.load(ezz, Author.articles)?;
    session[bo].articles.push(child);
    session.commit()?;
    assert!(session[child].author == bo);
    session[bo].articles.clear();
    session.load(bo, Author.articles)?;
    session[child].author = ezz.into();
    session.commit()?;
    assert_eq!(session[ezz].articles.get()?, [child]);
    Ok(())
}

fn a_pending_orphan_is_never_inserted(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ezz = session.add(Author::new("E"));
    let tagged = Article { tags: vec![Tag::new("t")].into(), ..article("a") };
    let child = session.push(ezz, Author.articles, tagged)?;
    session[ezz].articles.remove(child);
    session.commit()?;
    assert!(matches!(session.state(child)?, State::Gone(_)));
    assert_eq!(session.query(Article).count()?, 0);
    let tag = session.query(Tag).one()?;
    assert!(session[tag].articles.get()?.is_empty());
    Ok(())
}

fn an_orphan_that_cant_be_is_an_error_and_can_be_mended(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let members = ["a", "b", "c"].map(|name| Member::new(name, Ref::unset()));
    let club = session.add(Club { members: members.into(), ..Club::new("one") });
    let other = session.add(Club::new("other"));
    session.commit()?;
    let members = session[club].members.get()?.to_vec();
    session[club].members.clear();
    let log = engine.record();
    let error = session.flush().expect_err("NOT NULL");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("`Club.members`"), "{error}");
    assert!(log.is_empty());
    session[members[0]].club = other.into();
    assert!(session.flush().is_err(), "two are left");
    session.delete(members[1])?;
    session[club].members.push(members[2]);
    session.commit()?;
    assert_eq!(session[club].members.get()?, [members[2]]);
    assert_eq!(session[other].members.get()?, [members[0]]);
    Ok(())
}

fn an_orphan_whose_owner_goes_is_told_too(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let members = vec![Member::new("a", Ref::unset())];
    let club = session.add(Club { members: members.into(), ..Club::new("one") });
    session.commit()?;
    let member = session[club].members.get()?[0];
    session[club].members.clear();
    session.delete(club)?;
    let log = engine.record();
    let error = session.flush().expect_err("it has no club").to_string();
    assert!(error.contains("`Club.members`"), "{error}");
    assert!(log.is_empty());
    session.delete(member)?;
    session.commit()
}
