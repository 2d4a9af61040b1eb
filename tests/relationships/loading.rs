//! `session.load`, `include`, pages and plain trees.

use crate::common::{run, statements};
use crate::models::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm::session::LoadMode;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    nothing_is_sent_for_what_is_known,
    a_load_gives_each_kind,
    what_several_owners_led_to_is_loaded_once,
    forbidden_loads_say_what_to_include,
    a_load_never_overwrites_what_was_changed,
    an_include_with_a_tuple_of_paths,
    paths_of_several_calls_are_one_plan,
    an_include_through_composite_keys,
    an_include_where_a_join_repeats_the_owner,
    pages_carry_what_is_included,
    streams_carry_what_is_included,
    plain_trees_hold_values,
    an_orphan_not_flushed_is_not_loaded_again,
);

type Done = orm::Result<()>;

fn blog(engine: &Engine) -> Done {
    engine.create_all()?;
    run(
        engine,
        &[
            "INSERT INTO authors (id, name) VALUES (1, 'E'), (2, 'Bo'), (3, 'none')",
            "INSERT INTO articles (id, title, author_id) VALUES (1, 'b', 1), (2, 'a', 1), (3, 'c', 2)",
            "INSERT INTO tags (id, name) VALUES (1, 'y'), (2, 'x'), (3, 'unused')",
            "INSERT INTO article_tags (article_id, tag_id) VALUES (1, 1), (1, 2), (3, 1)",
            "INSERT INTO profiles (id, bio, author_id) VALUES (1, 'of E', 1), (2, 'of none', NULL)",
        ],
    );
    Ok(())
}

fn nothing_is_sent_for_what_is_known(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session();
    let profiles = session.query(Profile).order_by(Profile.id).all()?;
    let author = session.get(Author, 1)?.expect("there");
    let log = engine.record();
    assert_eq!(session.load(profiles[0], Profile.author)?, Some(author));
    assert_eq!(session.load(profiles[1], Profile.author)?, None);
    let new = session.add(Author::new("new"));
    assert!(session.load(new, Author.articles)?.is_empty());
    assert_eq!(session.load(new, Author.profile)?, None);
    assert!(log.is_empty());
    Ok(())
}

fn a_load_gives_each_kind(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session();
    let authors = session.query(Author).order_by(Author.id).all()?;
    assert!(session[authors[0]].articles.get().is_err(), "not loaded is not empty");
    let log = engine.record();
    let articles = authors[0].articles(&mut session)?;
    let titles: Vec<&str> = articles.iter().map(|&a| session[a].title.as_str()).collect();
    assert_eq!(titles, ["a", "b"]);
    assert!(authors[2].articles(&mut session)?.is_empty());
    assert_eq!(authors[1].articles(&mut session)?.len(), 1);
    let profile = authors[0].profile(&mut session)?.expect("there");
    assert_eq!(session[profile].bio, "of E");
    assert_eq!(authors[1].profile(&mut session)?, None);
    assert!(articles[0].tags(&mut session)?.is_empty());
    let tags = articles[1].tags(&mut session)?;
    let names: Vec<&str> = tags.iter().map(|&tag| session[tag].name.as_str()).collect();
    assert_eq!(names, ["x", "y"]);
    assert_eq!(articles[0].author(&mut session)?, authors[0]);
    assert_eq!(statements(&log).len(), 3);
    let y = tags[1];
    assert_eq!(y.articles(&mut session)?.len(), 2);
    Ok(())
}

fn what_several_owners_led_to_is_loaded_once(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    run(
        &engine,
        &[
            "DELETE FROM article_tags",
            "INSERT INTO article_tags (article_id, tag_id) VALUES (1, 1), (2, 2), (3, 2)",
        ],
    );
    let mut session = engine.session();
    let articles = session.query(Article).order_by(Article.id).all()?;
    let y = articles[0].tags(&mut session)?[0];
    let x = articles[1].tags(&mut session)?[0];
    assert_eq!(articles[2].tags(&mut session)?, [x]);
    let log = engine.record();
    assert_eq!(y.articles(&mut session)?, [articles[0]]);
    assert_eq!(x.articles(&mut session)?.len(), 2, "read with the other tag");
    assert_eq!(statements(&log).len(), 1);
    Ok(())
}

fn forbidden_loads_say_what_to_include(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let author = session.query(Author).order_by(Author.id).first()?.expect("there");
    let error = session.load(author, Author.articles).expect_err("forbidden");
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    let told = "`Author.articles` is not loaded and loading is forbidden; write \
                `.include(Author.articles)` in the query of `Author`";
    assert_eq!(error.to_string(), told);
    let author = session.query(Author).order_by(Author.id).include(Author.articles).first()?;
    let author = author.expect("there");
    assert_eq!(session.load(author, Author.articles)?.len(), 2);
    // a flush reads what it needs
    session.delete(author)?;
    session.commit()
}

fn a_load_never_overwrites_what_was_changed(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session().autoflush(false);
    let author = session.get(Author, 1)?.expect("there");
    let article = session.get(Article, 1)?.expect("there");
    let bo = session.get(Author, 2)?.expect("there");
    session[article].title = "mine".into();
    session.set(article, Article.author, bo)?;
    session[author].name = "mine".into();
    run(&engine, &[]);
    assert_eq!(session.load(author, Author.articles)?.len(), 1);
    assert_eq!(session.load(bo, Author.articles)?.len(), 2);
    session.query(Article).include(Article.author).all()?;
    assert_eq!(session[article].title, "mine");
    assert!(session[article].author == bo);
    assert_eq!(session[author].name, "mine");
    session.commit()
}

fn an_include_with_a_tuple_of_paths(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session();
    let log = engine.record();
    let query = select(Author)
        .order_by(Author.id)
        .include((Author.articles.then((Article.tags, Article.author)), Author.profile));
    let authors = query.all(&mut session)?;
    assert_eq!(statements(&log).len(), 4, "the authors of articles are here");
    assert!(session[authors[0]].profile.get()?.is_some());
    let article = session[authors[0]].articles.get()?[1];
    assert_eq!(session[article].tags.get()?.len(), 2);
    query.all(&mut session)?;
    assert_eq!(statements(&log).len(), 1, "what is loaded is not loaded again");
    Ok(())
}

fn paths_of_several_calls_are_one_plan(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let query = select(Author)
        .order_by(Author.id)
        .include(Author.articles.then(Article.tags))
        .include(Author.articles.then(Article.author));
    let log = engine.record();
    let authors = query.all(&mut engine.connect()?)?;
    assert_eq!(statements(&log).len(), 4);
    let article = &authors[0].articles.values()?[1];
    assert_eq!(article.tags.values()?.len(), 2, "the second path keeps what the first one read");
    assert!(article.author.value().is_ok());
    Ok(())
}

fn an_include_through_composite_keys(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    for code in 0..40 {
        let towns = (0..code % 3).map(|n| Town::new(format!("t{code}.{n}"))).collect::<Vec<_>>();
        session.add(Region { towns: towns.into(), ..Region::new("de", code, "r") });
        session.add(Region::new("fr", code, "r"));
    }
    session.add(Town::new("nowhere"));
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let log = engine.record();
    let regions = session.query(Region).include(Region.towns.then(Town.region)).all()?;
    assert_eq!(statements(&log).len(), 2);
    for region in regions {
        let Region { country, code, .. } = session[region].clone();
        let expected = if country == "de" { code % 3 } else { 0 };
        assert_eq!(session[region].towns.get()?.len(), usize::try_from(expected).expect("few"));
        for town in session[region].towns.get()?.to_vec() {
            assert_eq!(session.load(town, Town.region)?, Some(region));
        }
    }
    drop(session);
    let mut session = engine.session();
    let towns = session.query(Town).order_by(Town.id).include(Town.region).all()?;
    let none = towns.iter().filter(|&&town| session[town].region.is_none()).count();
    assert_eq!(none, 1);
    let mut connection = engine.connect()?;
    let towns = select(Town)
        .filter(Town.name.eq("t1.0"))
        .include(Town.region.then(Region.towns))
        .all(&mut connection)?;
    let region = towns[0].region.as_ref().expect("there is one").value()?;
    assert_eq!(region.towns.values()?.len(), 1);
    Ok(())
}

fn an_include_where_a_join_repeats_the_owner(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session();
    let authors = session
        .query(Author)
        .join(Author.articles)
        .order_by(Author.id)
        .include(Author.articles)
        .all()?;
    assert_eq!(authors.len(), 3);
    assert_eq!(session[authors[0]].articles.get()?.len(), 2);
    assert_eq!(session[authors[2]].articles.get()?.len(), 1);
    let mut connection = engine.connect()?;
    let authors =
        select(Author).join(Author.articles).include(Author.articles).all(&mut connection)?;
    assert!(authors.iter().all(|author| author.articles.values().is_ok_and(|all| !all.is_empty())));
    Ok(())
}

fn pages_carry_what_is_included(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session();
    let log = engine.record();
    let query = select(Article).order_by(Article.id).include((Article.tags, Article.author));
    let mut pages = query.pages(&mut session, 2)?;
    let mut seen = Vec::new();
    while let Some(page) = pages.next(&mut session)? {
        for article in page {
            let tags = session[article].tags.get()?.len();
            let author = session.load(article, Article.author)?;
            seen.push((session[article].title.clone(), session[author].name.clone(), tags));
            session[article].title.push('!');
        }
    }
    assert_eq!(
        seen,
        [("b".into(), "E".into(), 2), ("a".into(), "E".into(), 0), ("c".into(), "Bo".into(), 1)]
    );
    let selects = statements(&log).iter().filter(|sql| sql.starts_with("SELECT")).count();
    assert!(selects <= 4 + 1, "{selects}");
    session.commit()
}

fn streams_carry_what_is_included(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session();
    let log = engine.record();
    let query = select(Author).order_by(Author.id).include(Author.articles.then(Article.tags));
    let mut seen = Vec::new();
    let mut rows = query.stream(&mut session)?;
    while let Some(author) = rows.next(&mut session)? {
        for article in author.articles.values()? {
            seen.push((author.name.clone(), article.title.clone(), article.tags.values()?.len()));
        }
    }
    let expected = [("E", "a", 0), ("E", "b", 2), ("Bo", "c", 1)];
    assert_eq!(seen, expected.map(|(a, b, n)| (a.to_owned(), b.to_owned(), n)));
    let selects = statements(&log).iter().filter(|sql| sql.starts_with("SELECT")).count();
    assert!(selects <= 2 + 1, "one for each relationship and batch: {selects}");
    let mut connection = engine.connect()?;
    let mut rows = query.stream(&mut connection)?;
    let first = rows.next(&mut connection)?.expect("there");
    assert_eq!(first.articles.values()?.len(), 2);
    rows.close(&mut connection)
}

fn plain_trees_hold_values(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut connection = engine.connect()?;
    let log = engine.record();
    let authors = select(Author)
        .order_by(Author.id)
        .include((Author.articles.then((Article.tags, Article.author)), Author.profile))
        .all(&mut connection)?;
    assert_eq!(statements(&log).len(), 5);
    let article = &authors[0].articles.values()?[1];
    assert_eq!(article.tags.values()?.len(), 2);
    assert_eq!(article.author.value()?.name, "E");
    assert_eq!(authors[0].profile.value()?.map(|profile| profile.bio.as_str()), Some("of E"));
    assert!(authors[1].profile.value()?.is_none());
    assert!(authors[2].articles.values()?.is_empty());
    assert!(article.tags.values()?[0].articles.values().is_err(), "not asked for");
    Ok(())
}

fn an_orphan_not_flushed_is_not_loaded_again(db: &TestDatabase) -> Done {
    let engine = ready(db);
    blog(&engine)?;
    let mut session = engine.session().autoflush(false);
    let author = session.get(Author, 1)?.expect("there");
    let article = session.get(Article, 1)?.expect("there");
    session.unlink(author, Author.articles, article)?;
    assert_eq!(session.load(author, Author.articles)?.len(), 1);
    session.commit()?;
    assert_eq!(session.query(Article).filter(Article.author.eq(1)).count()?, 1);
    Ok(())
}
