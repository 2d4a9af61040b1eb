//! Reading again: `refresh`, `expire`, `populate_existing`, and by lists of keys.

use crate::common::{run, statements};
use crate::models::*;
use orm::prelude::*;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    refresh_reads_the_row_now,
    refresh_flushes_first_and_loses_nothing,
    refresh_without_autoflush_gives_up_changes,
    refresh_reads_loaded_collections_again_and_their_members_by_cascade,
    refresh_of_a_row_that_is_gone_says_so,
    refresh_of_an_object_without_a_row_is_an_error,
    a_rollback_after_refresh_puts_back_what_was,
    expire_sends_nothing_and_keeps_changes,
    expire_reaches_collections_by_cascade,
    expire_all_makes_everything_stale,
    expire_keeps_what_was_put_into_collections,
    populate_existing_overwrites_what_was_read_before,
    get_many_keeps_the_order_and_tells_what_is_missing,
    get_many_sends_one_statement_for_what_is_not_known,
    get_many_takes_keys_of_several_columns,
    no_autoflush_is_for_a_closure_only,
);

type Done = orm::Result<()>;

fn blog(db: &TestDatabase) -> orm::Result<(Engine, Session, Handle<Author>, Handle<Article>)> {
    let engine = ready(db);
    let mut session = engine.session();
    let ann = session.add(Author::new("Ann"));
    session.add(Article::new("one", ann));
    session.commit()?;
    // of objects just added collections are known
    let mut session = engine.session();
    let (ann, one) = (session.query(Author).one()?, session.query(Article).one()?);
    session.commit()?;
    Ok((engine, session, ann, one))
}

fn refresh_reads_the_row_now(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, _) = blog(db)?;
    run(&engine, &["UPDATE authors SET name = 'Anna'"]);
    let log = engine.record();
    session.refresh(ann)?;
    assert_eq!(session[ann].name, "Anna");
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(session.state(ann)?, State::Persistent);
    assert!(!session.is_modified(ann)?);
    // also one that was read in this transaction
    assert_eq!(session.query(Author).one()?, ann);
    session.refresh(ann)?;
    assert_eq!(statements(&log).len(), 2);
    Ok(())
}

fn refresh_flushes_first_and_loses_nothing(db: &TestDatabase) -> Done {
    let (_, mut session, ann, _) = blog(db)?;
    session[ann].name = "Anna".into();
    session.refresh(ann)?;
    assert_eq!(session[ann].name, "Anna");
    session.commit()?;
    assert_eq!(session.query(Author).filter(Author.name.eq("Anna")).count()?, 1);
    Ok(())
}

fn refresh_without_autoflush_gives_up_changes(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session[ann].name = "Anna".into();
    session[one].title = "kept".into();
    session.no_autoflush(|session| session.refresh(ann))?;
    assert_eq!(session[ann].name, "Ann");
    assert!(!session.is_modified(ann)?);
    assert_eq!(session[one].title, "kept");
    let log = engine.record();
    session.flush()?;
    assert_eq!(statements(&log).len(), 1, "only of the article");
    session[ann].name = "Anne".into();
    session.commit()?;
    assert_eq!(engine.session().query(Author).filter(Author.name.eq("Anne")).count()?, 1);
    Ok(())
}

fn refresh_reads_loaded_collections_again_and_their_members_by_cascade(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session.load(ann, Author.articles)?;
    session.commit()?;
    run(
        &engine,
        &[
            "UPDATE articles SET title = 'uno'",
            "INSERT INTO articles (title, author_id) SELECT 'two', id FROM authors",
        ],
    );
    session.refresh(ann)?;
    let titles = |session: &Session| -> orm::Result<Vec<String>> {
        let articles = session[ann].articles.get()?;
        Ok(articles.iter().map(|&article| session[article].title.clone()).collect())
    };
    assert_eq!(titles(&session)?, ["two", "uno"]);
    assert_eq!(session[one].title, "uno");
    Ok(())
}

fn refresh_of_a_row_that_is_gone_says_so(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session.load(ann, Author.articles)?;
    session.commit()?;
    run(&engine, &["DELETE FROM articles"]);
    let error = session.refresh(one).expect_err("its row is gone");
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(session.state(one)?, State::Deleted);
    assert!(session[ann].articles.get()?.is_empty());
    session.rollback()?;
    assert_eq!(session.state(one)?, State::Persistent);
    Ok(())
}

fn refresh_of_an_object_without_a_row_is_an_error(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session().autoflush(false);
    let ann = session.add(Author::new("Ann"));
    let error = session.refresh(ann).expect_err("pending");
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
    session.flush()?;
    session.refresh(ann)?;
    session.delete(ann)?;
    let error = session.refresh(ann).expect_err("to be deleted");
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
    session.expire(ann)?;
    assert_eq!(session.state(ann)?, State::ToBeDeleted, "stays as it is");
    Ok(())
}

fn a_rollback_after_refresh_puts_back_what_was(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, _) = blog(db)?;
    run(&engine, &["UPDATE authors SET name = 'Anna'"]);
    session[ann].name = "changed".into();
    session.no_autoflush(|session| session.refresh(ann))?;
    assert_eq!(session[ann].name, "Anna");
    session.rollback()?;
    assert_eq!(session[ann].name, "Ann", "what it was when the transaction began");
    session.refresh(ann)?;
    assert_eq!(session[ann].name, "Anna");
    Ok(())
}

fn expire_sends_nothing_and_keeps_changes(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session[ann].name = "Anna".into();
    let log = engine.record();
    session.expire(ann)?;
    session.expire(one)?;
    assert!(log.is_empty());
    assert_eq!(session.state(ann)?, State::Stale);
    assert_eq!((session[ann].name.as_str(), session[one].title.as_str()), ("Anna", "one"));
    run(&engine, &["UPDATE articles SET title = 'uno'"]);
    let id = session[one].id;
    log.take();
    assert_eq!(session.get(Article, id)?, Some(one));
    assert_eq!(session[one].title, "uno");
    assert!(log.take().iter().any(|sql| sql.starts_with("UPDATE")), "the change is flushed");
    session.commit()?;
    assert_eq!(engine.session().query(Author).filter(Author.name.eq("Anna")).count()?, 1);
    let pending = session.add(Author::new("Bo"));
    session.expire(pending)?;
    assert_eq!(session.state(pending)?, State::Pending);
    Ok(())
}

fn expire_reaches_collections_by_cascade(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session.load(ann, Author.articles)?;
    session.commit()?;
    session.expire(ann)?;
    assert_eq!(session.state(one)?, State::Stale, "cascade(all)");
    assert!(session[ann].articles.get().is_err(), "not loaded any more");
    run(&engine, &["INSERT INTO articles (title, author_id) SELECT 'two', id FROM authors"]);
    assert_eq!(session.load(ann, Author.articles)?.len(), 2);
    let shelf = session.add(Shelf::new("s"));
    let book = session.push(shelf, Shelf.books, Book::new("b"))?;
    session.flush()?;
    session.expire(shelf)?;
    assert_eq!(session.state(book)?, State::Persistent, "nothing said");
    Ok(())
}

fn expire_all_makes_everything_stale(db: &TestDatabase) -> Done {
    let (_, mut session, ann, one) = blog(db)?;
    let pending = session.add(Author::new("Bo"));
    session.expire_all()?;
    assert_eq!((session.state(ann)?, session.state(one)?), (State::Stale, State::Stale));
    assert_eq!(session.state(pending)?, State::Pending);
    session.commit()?;
    assert_eq!(session.state(pending)?, State::Persistent);
    Ok(())
}

fn expire_keeps_what_was_put_into_collections(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, one) = blog(db)?;
    session.load(ann, Author.articles)?;
    let two = session.push(ann, Author.articles, article("two"))?;
    let tag = session.add(Tag::new("t"));
    session.load(one, Article.tags)?;
    session.link(one, Article.tags, tag)?;
    session.expire(ann)?;
    session.expire(one)?;
    session.commit()?;
    let mut fresh = engine.session();
    assert_eq!(fresh.query(Article).filter(Article.author.eq(1)).count()?, 2);
    assert_eq!(fresh.query(Tag).filter(Tag.articles.any(|a| a.title.eq("one"))).count()?, 1);
    assert_eq!(session.load(ann, Author.articles)?, [one, two]);
    assert_eq!(session.load(one, Article.tags)?, [tag]);
    Ok(())
}

fn populate_existing_overwrites_what_was_read_before(db: &TestDatabase) -> Done {
    let (engine, mut session, ann, _) = blog(db)?;
    let mut session2 = engine.session();
    session.commit()?;
    assert_eq!(session2.query(Author).one().map(|ann| session2[ann].name.clone())?, "Ann");
    session2.commit()?;
    session.query(Author).one()?;
    session.no_autoflush(|session| -> Done {
        session[ann].name = "changed".into();
        assert_eq!(session.query(Author).one()?, ann);
        assert_eq!(session[ann].name, "changed", "kept");
        session.query(Author).populate_existing().one()?;
        assert_eq!(session[ann].name, "Ann", "given up");
        Ok(())
    })?;
    assert!(!session.is_modified(ann)?);
    session.delete(ann)?;
    session.no_autoflush(|session| session.query(Author).populate_existing().one())?;
    assert_eq!(session.state(ann)?, State::ToBeDeleted);
    Ok(())
}

fn get_many_keeps_the_order_and_tells_what_is_missing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let tags = session.add_all(["a", "b", "c"].map(Tag::new));
    session.commit()?;
    let ids: Vec<i64> = tags.iter().filter_map(|&tag| session[tag].id.get().copied()).collect();
    let wanted = [ids[2], 1000, ids[0], ids[2]];
    let found = session.get_many(Tag, wanted)?;
    assert_eq!(found, [Some(tags[2]), None, Some(tags[0]), Some(tags[2])]);
    session.delete(tags[0])?;
    assert_eq!(session.get_many(Tag, [ids[0], ids[1]])?, [None, Some(tags[1])]);
    session.commit()?;
    session.expire_all()?;
    run(&engine, &["DELETE FROM tags WHERE name = 'b'"]);
    assert_eq!(session.get_many(Tag, [ids[1], ids[2]])?, [None, Some(tags[2])]);
    assert_eq!(session.state(tags[1])?, State::Deleted);
    assert_eq!(session.get_many(Tag, Vec::<i64>::new())?, []);
    let error = session.get_many(Tag, [Auto::<i64>::Unset]).expect_err("no key");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    Ok(())
}

fn get_many_sends_one_statement_for_what_is_not_known(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add_all((0..2_500).map(|n| Shelf::new(n.to_string())));
    session.commit()?;
    let mut fresh = engine.session();
    let known = fresh.get(Shelf, 7)?;
    let log = engine.record();
    let found = fresh.get_many(Shelf, 1..=2_500)?;
    assert_eq!(statements(&log).len(), 1);
    assert!(found.iter().all(Option::is_some) && found[6] == known);
    // they are loaded together, and further together
    for shelf in found.into_iter().flatten().filter(|&shelf| Some(shelf) != known) {
        fresh.load(shelf, Shelf.books)?;
    }
    assert_eq!(statements(&log).len(), 3);
    fresh.get_many(Shelf, 1..=2_500)?;
    assert!(log.is_empty(), "all are known");
    Ok(())
}

fn get_many_takes_keys_of_several_columns(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let one = session.add(Region::new("nl", 1, "one"));
    session.add(Region::new("nl", 2, "two"));
    session.commit()?;
    let mut fresh = engine.session();
    let found = fresh.get_many(Region, [("nl", 2), ("be", 1), ("nl", 1)])?;
    let names: Vec<_> = found.iter().map(|found| found.map(|h| fresh[h].name.clone())).collect();
    assert_eq!(names, [Some("two".into()), None, Some("one".into())]);
    assert_eq!(session.get_many(Region, [("nl", 1)])?, [Some(one)]);
    Ok(())
}

fn no_autoflush_is_for_a_closure_only(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Author::new("Ann"));
    assert_eq!(session.no_autoflush(|session| session.query(Author).count())?, 0);
    assert_eq!(session.query(Author).count()?, 1);
    let mut session = engine.session().autoflush(false);
    session.no_autoflush(|_| ());
    session.add(Author::new("Bo"));
    assert_eq!(session.query(Author).count()?, 0, "as it was before");
    Ok(())
}
