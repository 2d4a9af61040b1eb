//! Many-to-many: exactly the pairs that changed.

use crate::common::{committed, run, statements};
use crate::models::*;
use orm::prelude::*;
use orm::{ErrorKind, Handle};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_tag_removed_from_one_article_stays_on_the_others,
    linked_twice_is_linked_once,
    linked_and_unlinked_is_nothing,
    changes_that_take_each_other_back_without_knowing,
    a_change_in_a_set_of_a_thousand,
    a_pair_that_is_gone_is_stale,
    a_pending_object_that_is_deleted_takes_its_links_along,
    friends_one_way,
    followers_both_ways,
    links_by_composite_keys,
);

type Done = orm::Result<()>;

fn pairs(engine: &Engine) -> Vec<(String, String)> {
    let sql = text(
        "SELECT a.title, t.name FROM article_tags l JOIN articles a ON a.id = l.article_id \
         JOIN tags t ON t.id = l.tag_id ORDER BY 1, 2",
    );
    committed(engine, sql)
}

fn owned(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|&(one, other)| (one.into(), other.into())).collect()
}

fn tagged(session: &mut Session) -> orm::Result<(Vec<Handle<Article>>, Vec<Handle<Tag>>)> {
    let ezz = session.add(Author::new("E"));
    let tags = session.add_all(["x", "y"].map(Tag::new));
    let articles = session.add_all(["a", "b"].map(|title| Article::new(title, ezz)));
    for &article in &articles {
        for &tag in &tags {
            session.link(article, Article.tags, tag)?;
        }
    }
    session.commit()?;
    Ok((articles, tags))
}

fn a_tag_removed_from_one_article_stays_on_the_others(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let (articles, tags) = tagged(&mut engine.session())?;
    drop((articles, tags));
    for way in 0..4 {
        let mut session = engine.session();
        let a = session.query(Article).filter(Article.title.eq("a")).one()?;
        let x = session.query(Tag).filter(Tag.name.eq("x")).one()?;
        match way {
            0 => session.unlink(a, Article.tags, x)?,
            1 => session.unlink(x, Tag.articles, a)?,
            2 => {
                session.load(a, Article.tags)?;
                session[a].tags.remove(x);
            }
            _ => {
                session.load(x, Tag.articles)?;
                session[x].articles.remove(a);
            }
        }
        session.commit()?;
        assert_eq!(pairs(&engine), owned(&[("a", "y"), ("b", "x"), ("b", "y")]), "way {way}");
        session.link(x, Tag.articles, a)?;
        session.commit()?;
        assert_eq!(pairs(&engine).len(), 4);
    }
    Ok(())
}

fn linked_twice_is_linked_once(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (articles, tags) = tagged(&mut session)?;
    let tag = session.add(Tag::new("z"));
    session.link(articles[0], Article.tags, tag)?;
    session.link(tag, Tag.articles, articles[0])?;
    session[articles[0]].tags.push(tag);
    session[tag].articles.push(articles[0]);
    session[articles[1]].tags.push(tag);
    session[tag].articles.push(articles[1]);
    session.link(articles[0], Article.tags, tags[0])?; // is linked in the database
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2, "the tag and its pairs");
    assert_eq!(session[tag].articles.get()?.len(), 2);
    assert_eq!(pairs(&engine).len(), 6);
    drop(session);
    let mut session = engine.session();
    let (a, x) = (session.get(Article, 1)?.expect("a"), session.get(Tag, 1)?.expect("x"));
    session.link(a, Article.tags, x)?; // nothing is loaded: it may be linked
    session.commit()?;
    assert_eq!(pairs(&engine).len(), 6);
    Ok(())
}

fn linked_and_unlinked_is_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (articles, tags) = tagged(&mut session)?;
    let z = session.add(Tag::new("z"));
    session.commit()?;
    let log = engine.record();
    session.unlink(articles[0], Article.tags, tags[0])?;
    session.link(tags[0], Tag.articles, articles[0])?;
    session.link(articles[0], Article.tags, z)?;
    session[articles[0]].tags.remove(z);
    session[articles[1]].tags = vec![tags[1], tags[0]].into();
    session.commit()?;
    assert!(log.is_empty(), "{:?}", log.take());
    Ok(())
}

fn changes_that_take_each_other_back_without_knowing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    tagged(&mut engine.session())?;
    let mut session = engine.session();
    let (a, x) = (session.get(Article, 1)?.expect("a"), session.get(Tag, 1)?.expect("x"));
    session.link(a, Article.tags, x)?;
    session.unlink(a, Article.tags, x)?;
    session.commit()?;
    assert_eq!(pairs(&engine).len(), 3, "it is unlinked, as said last");
    session.link(a, Article.tags, x)?;
    session.unlink(a, Article.tags, x)?;
    session.commit()?;
    session.link(a, Article.tags, x)?;
    session.commit()?;
    session.unlink(a, Article.tags, x)?;
    session.link(a, Article.tags, x)?;
    session.commit()?;
    assert_eq!(pairs(&engine).len(), 4);
    Ok(())
}

fn a_change_in_a_set_of_a_thousand(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let tags: Vec<Tag> = (0..1000).map(|n| Tag::new(format!("{n:04}"))).collect();
    let a = session.add(Article { tags: tags.into(), ..Article::new("a", Author::new("E")) });
    session.commit()?;
    let first = session[a].tags.get()?[0];
    session[a].tags.remove(first);
    session[a].tags.push(Tag::new("new"));
    session.flush()?;
    session.rollback()?;
    let new = session.add(Tag::new("new"));
    session.flush()?;
    session[a].tags.remove(first);
    session[a].tags.push(new);
    let log = engine.record();
    session.flush()?;
    let log = statements(&log);
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[0].starts_with("DELETE") && log[1].starts_with("INSERT"), "{log:?}");
    session.commit()?;
    assert_eq!(pairs(&engine).len(), 1000);
    Ok(())
}

fn a_pair_that_is_gone_is_stale(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (articles, tags) = tagged(&mut session)?;
    run(&engine, &["DELETE FROM article_tags WHERE article_id = 1 AND tag_id = 1"]);
    session.unlink(articles[0], Article.tags, tags[0])?;
    let error = session.commit().expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(error.to_string().contains("Article(1) – Tag(1)"), "{error}");
    session.rollback()?;
    assert_eq!(session[articles[0]].tags.get()?, tags);
    Ok(())
}

fn a_pending_object_that_is_deleted_takes_its_links_along(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (articles, tags) = tagged(&mut session)?;
    let z = session.add(Tag::new("z"));
    session.link(articles[0], Article.tags, z)?;
    session.delete(z)?;
    session.commit()?;
    assert_eq!(session[articles[0]].tags.get()?, tags);
    Ok(())
}

fn friends_one_way(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let people = session.add_all(["a", "b", "c"].map(Person::new));
    session.link(people[0], Person.friends, people[1])?;
    session.link(people[0], Person.friends, people[2])?;
    session.link(people[2], Person.friends, people[0])?;
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let people = session.query(Person).order_by(Person.name).all()?;
    assert_eq!(session.load(people[0], Person.friends)?, [people[1], people[2]]);
    assert!(session.load(people[1], Person.friends)?.is_empty());
    let liked = session
        .query(Person.name)
        .filter(Person.friends.any(|friend| friend.name.eq("a")))
        .all()?;
    assert_eq!(liked, ["c"]);
    session.delete(people[0])?;
    session.commit()?;
    assert!(session.load(people[2], Person.friends)?.is_empty());
    let rows: Vec<(i64,)> = committed(&engine, text("SELECT count(*) FROM friends"));
    assert_eq!(rows, [(0,)]);
    Ok(())
}

fn followers_both_ways(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let people = session.add_all(["a", "b", "c"].map(Person::new));
    session.link(people[0], Person.following, people[1])?;
    session.link(people[1], Person.followers, people[2])?;
    session.link(people[0], Person.following, people[0])?;
    session.commit()?;
    assert_eq!(session[people[1]].followers.get()?, [people[0], people[2]]);
    assert_eq!(session[people[0]].followers.get()?, [people[0]]);
    let rows: Vec<(i64, i64)> =
        committed(&engine, text("SELECT left_id, right_id FROM follows ORDER BY 1, 2"));
    assert_eq!(rows, [(1, 1), (1, 2), (3, 2)]);
    drop(session);
    let mut session = engine.session();
    let people = session
        .query(Person)
        .order_by(Person.name)
        .include((Person.followers, Person.following))
        .all()?;
    assert_eq!(session[people[1]].followers.get()?, [people[0], people[2]]);
    assert_eq!(session[people[2]].following.get()?, [people[1]]);
    session[people[1]].followers.remove(people[0]);
    session.commit()?;
    assert_eq!(session[people[0]].following.get()?, [people[0]]);
    Ok(())
}

fn links_by_composite_keys(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let region = |code: i32| Region::new("de", code, format!("r{code}"));
    let regions = session.add_all([region(1), region(2)]);
    let river = session.push(regions[0], Region.rivers, River::new("Elbe"))?;
    session.link(river, River.regions, regions[1])?;
    session.commit()?;
    session.unlink(regions[0], Region.rivers, river)?;
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let regions = session.query(Region).order_by(Region.code).include(Region.rivers).all()?;
    assert!(session[regions[0]].rivers.get()?.is_empty());
    let river = session[regions[1]].rivers.get()?[0];
    assert_eq!(session.load(river, River.regions)?, [regions[1]]);
    Ok(())
}
