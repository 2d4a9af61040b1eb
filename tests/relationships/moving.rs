//! Children between owners, loaded and not.

use crate::common::{committed, statements};
use crate::models::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_child_moves_between_owners_whatever_is_loaded,
    a_collection_is_replaced,
    a_collection_that_is_not_loaded_is_replaced,
    a_child_moved_away_survives_its_old_parent,
    pushing_into_what_is_not_loaded_merges_with_rows,
);

type Done = orm::Result<()>;

fn clubs(engine: &Engine) -> Done {
    let mut session = engine.session();
    let member = |name: &str| Member::new(name, Ref::unset());
    session.add(Club { members: vec![member("a"), member("b")].into(), ..Club::new("one") });
    session.add(Club { members: vec![member("c")].into(), ..Club::new("other") });
    session.commit()
}

fn names(engine: &Engine) -> Vec<(String, String)> {
    let sql =
        text("SELECT c.name, m.name FROM members m JOIN clubs c ON c.id = m.club_id ORDER BY 1, 2");
    committed(engine, sql)
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|&(one, other)| (one.into(), other.into())).collect()
}

fn a_child_moves_between_owners_whatever_is_loaded(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for (first_loaded, second_loaded) in
        [(false, false), (false, true), (true, false), (true, true)]
    {
        clubs(&engine)?;
        let mut session = engine.session();
        let owner = |session: &mut Session, name: &str| {
            session.query(Club).filter(Club.name.eq(name)).one()
        };
        let (one, other) = (owner(&mut session, "one")?, owner(&mut session, "other")?);
        let moved = session.query(Member).filter(Member.name.eq("a")).one()?;
        for (club, loaded) in [(one, first_loaded), (other, second_loaded)] {
            if loaded {
                session.load(club, Club.members)?;
            }
        }
        let log = engine.record();
        session.link(other, Club.members, moved)?;
        assert!(log.is_empty());
        session.commit()?;
        assert_eq!(statements(&log).len(), 1, "one UPDATE");
        assert!(session[moved].club == other);
        assert_eq!(session.load(one, Club.members)?.len(), 1);
        assert_eq!(session.load(other, Club.members)?.len(), 2);
        assert_eq!(names(&engine), pairs(&[("one", "b"), ("other", "a"), ("other", "c")]));
        session.query(Member).delete()?;
        session.query(Club).delete()?;
        session.commit()?;
    }
    Ok(())
}

fn a_collection_is_replaced(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let book = |title: &str| Book::new(title);
    let shelf = session.add(Shelf { books: vec![book("a"), book("b")].into(), ..Shelf::new("s") });
    session.commit()?;
    let kept = session[shelf].books.get()?[0];
    session[shelf].books = vec![kept].into();
    session[shelf].books.push(book("c"));
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2, "INSERT of c, UPDATE of b");
    assert_eq!(session.query(Book).filter(Book.shelf.eq(shelf)).count()?, 2);
    assert_eq!(session.query(Book).filter(Book.shelf.is_null()).count()?, 1);
    Ok(())
}

fn a_collection_that_is_not_loaded_is_replaced(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let tags = vec![Tag::new("x"), Tag::new("y")];
    session.add(Author {
        articles: vec![article("a"), Article { tags: tags.into(), ..article("b") }].into(),
        ..Author::new("Ezz")
    });
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let ezz = session.query(Author).one()?;
    let b = session.query(Article).filter(Article.title.eq("b")).one()?;
    let y = session.query(Tag).filter(Tag.name.eq("y")).one()?;
    session[ezz].articles = vec![b].into();
    session[ezz].articles.push(article("c"));
    session[b].tags = vec![y].into();
    session[b].tags.push(Tag::new("z"));
    session.commit()?;
    let titles: Vec<(String,)> = committed(&engine, text("SELECT title FROM articles ORDER BY 1"));
    assert_eq!(titles, [("b".into(),), ("c".into(),)]);
    let tags: Vec<(String,)> = committed(
        &engine,
        text("SELECT name FROM tags t JOIN article_tags l ON l.tag_id = t.id ORDER BY 1"),
    );
    assert_eq!(tags, [("y".into(),), ("z".into(),)]);
    Ok(())
}

fn a_child_moved_away_survives_its_old_parent(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for by_field in [false, true] {
        let mut session = engine.session();
        let ezz = session.add(Author { articles: vec![article("a")].into(), ..Author::new("E") });
        let bo = session.add(Author::new("Bo"));
        session.commit()?;
        let moved = session[ezz].articles.get()?[0];
        if by_field {
            session[moved].author = bo.into();
        } else {
            session[ezz].articles.remove(moved);
            session[bo].articles.push(moved);
        }
        session.delete(ezz)?;
        session.commit()?;
        assert!(session[moved].author == bo);
        assert_eq!(session.query(Article).filter(Article.author.eq(bo)).count()?, 1);
    }
    Ok(())
}

fn pushing_into_what_is_not_loaded_merges_with_rows(db: &TestDatabase) -> Done {
    let engine = ready(db);
    clubs(&engine)?;
    let mut session = engine.session().autoflush(false);
    let club = session.get(Club, 1)?.expect("there");
    let b = session.query(Member).filter(Member.name.eq("b")).one()?;
    let c = session.query(Member).filter(Member.name.eq("c")).one()?;
    let log = engine.record();
    let new = session.push(club, Club.members, Member::new("new", Ref::unset()))?;
    session.link(club, Club.members, c)?;
    session.unlink(club, Club.members, b)?;
    assert!(log.is_empty());
    let a = session.query(Member).filter(Member.name.eq("a")).one()?;
    log.take();
    let loaded = session.load(club, Club.members)?;
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(loaded.len(), 3, "{loaded:?}");
    for there in [a, c, new] {
        assert!(loaded.contains(&there));
    }
    session.delete(b)?;
    session.commit()?;
    assert_eq!(session[club].members.get()?.len(), 3, "not doubled");
    Ok(())
}
