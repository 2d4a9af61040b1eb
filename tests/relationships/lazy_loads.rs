//! Loads where they are asked for: what costs nothing, what is forbidden, what is reported.

use crate::common::{run, statements};
use crate::models::*;
use orm::prelude::*;
use orm::session::LoadMode;
use orm::{ErrorKind, Handle};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    the_report_names_the_call_and_the_relationship,
    a_session_that_is_not_watched_reports_nothing,
    what_is_known_is_not_forbidden,
    a_flush_loads_what_it_needs_where_loading_is_forbidden,
    a_path_of_six_relationships,
    no_strategy_overwrites_a_changed_object,
);

type Done = orm::Result<()>;
/// How an author's articles are read.
type Load = fn(&mut Session, Handle<Author>) -> orm::Result<Vec<Handle<Article>>>;

fn blog(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = ready(db);
    run(
        &engine,
        &[
            "INSERT INTO authors (id, name) VALUES (1, 'E'), (2, 'Bo'), (3, 'none')",
            "INSERT INTO articles (id, title, author_id) VALUES (1, 'b', 1), (2, 'a', 1), (3, 'c', 2)",
            "INSERT INTO tags (id, name) VALUES (1, 'y'), (2, 'x'), (3, 'unused')",
            "INSERT INTO article_tags (article_id, tag_id) VALUES (1, 1), (1, 2), (3, 1)",
            "INSERT INTO profiles (id, bio, author_id) VALUES (1, 'of E', 1), (2, 'of none', NULL)",
        ],
    );
    Ok(engine)
}

fn the_report_names_the_call_and_the_relationship(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().watch_lazy_loads(100);
    let mut line = 0;
    for id in 1..=3 {
        let author = session.get(Author, id)?.expect("there");
        line = line!() + 1;
        author.articles(&mut session)?;
    }
    let articles = session.query(Article).include(Article.tags).all()?;
    for article in articles {
        session.load(article, Article.tags)?;
    }
    let profile = session.get(Profile, 1)?.expect("there");
    session.load(profile, Profile.author)?;
    let loads = session.lazy_loads();
    assert_eq!(loads.len(), 1, "what was included or is here is no lazy load: {loads:?}");
    let load = &loads[0];
    assert_eq!((load.model, load.relationship), ("Author", "articles"));
    assert_eq!((load.calls, load.statements), (3, 3));
    assert_eq!((load.at.file(), load.at.line()), (file!(), line));
    let told = load.to_string();
    assert!(
        told.contains("lazy_loads.rs:") && told.contains(".include(Author.articles)"),
        "{told}"
    );

    // a cohort sends one statement, however often it is asked
    let mut session = engine.session().watch_lazy_loads(0);
    for author in session.query(Author).all()? {
        session.load(author, Author.profile)?;
    }
    let loads = session.lazy_loads();
    assert_eq!((loads[0].calls, loads[0].statements), (3, 1));
    Ok(())
}

fn a_session_that_is_not_watched_reports_nothing(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let author = session.get(Author, 1)?.expect("there");
    session.load(author, Author.articles)?;
    assert!(session.lazy_loads().is_empty());
    let watched = Engine::builder(db.url()).watch_lazy_loads(10).build()?;
    let mut session = watched.session();
    let author = session.get(Author, 1)?.expect("there");
    session.load(author, Author.articles)?;
    assert_eq!(session.lazy_loads().len(), 1);
    Ok(())
}

fn what_is_known_is_not_forbidden(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let profiles = session.query(Profile).order_by(Profile.id).all()?;
    let log = engine.record();
    assert_eq!(session.load(profiles[1], Profile.author)?, None, "a NULL key");
    let error = session.load(profiles[0], Profile.author).expect_err("forbidden");
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert!(error.to_string().contains(".include(Profile.author)"), "{error}");
    assert!(log.is_empty());
    let author = session.get(Author, 1)?;
    log.take();
    assert_eq!(session.load(profiles[0], Profile.author)?, author, "it is here by now");
    assert!(log.is_empty());
    Ok(())
}

fn a_flush_loads_what_it_needs_where_loading_is_forbidden(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    run(&engine, &["UPDATE profiles SET author_id = NULL"]);
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let author = session.get(Author, 1)?.expect("there");
    session.delete(author)?;
    session.commit()?;
    assert_eq!(session.query(Article).count()?, 1, "its articles went with it");
    Ok(())
}

fn a_path_of_six_relationships(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let path = || {
        let back = Article.tags.then(Tag.articles.then(Article.author));
        Tag.articles.then(Article.author.then(Author.articles.then(back)))
    };
    let query = select(Tag).filter(Tag.id.eq(2)).include(path());
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let log = engine.record();
    let tag = query.one(&mut session)?;
    // the tag, its articles, their author, his articles, their tags, the articles of these, and
    // the author of those that was not here
    let log_of = statements(&log);
    assert_eq!(log_of.len(), 7, "{log_of:#?}");
    let mut names = Vec::new();
    for article in session.load(tag, Tag.articles)? {
        let author = session.load(article, Article.author)?;
        for article in session.load(author, Author.articles)? {
            for tag in session.load(article, Article.tags)? {
                for article in session.load(tag, Tag.articles)? {
                    let last = session.load(article, Article.author)?;
                    names.push(format!("{}/{}", session[tag].name, session[last].name));
                }
            }
        }
    }
    assert_eq!(names, ["x/E", "y/E", "y/Bo"]);
    assert!(statements(&log).is_empty());

    let tag = query.one(&mut engine.connect()?)?;
    assert_eq!(statements(&log).len(), 7);
    let author = tag.articles.values()?[0].author.value()?;
    let article = &author.articles.values()?[1];
    let far = &article.tags.values()?[1].articles.values()?[1];
    assert_eq!(far.author.value()?.name, "Bo");
    Ok(())
}

fn no_strategy_overwrites_a_changed_object(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let strategies: [(&str, Load); 4] = [
        ("lazy", |session, author| session.load(author, Author.articles)),
        ("select-in", |session, author| {
            session.query(Author).include(Author.articles).all()?;
            session.load(author, Author.articles)
        }),
        ("joined", |session, author| {
            session.query(Author).include(Author.articles.joined()).all()?;
            session.load(author, Author.articles)
        }),
        ("part", |session, _| {
            let part = Author.articles.filter(Article.id.ge(0));
            let rows = session.query((Author, part)).filter(Author.id.eq(1)).all()?;
            Ok(rows.into_iter().flat_map(|(_, articles)| articles).collect())
        }),
    ];
    for (name, load) in strategies {
        let mut session = engine.session().autoflush(false);
        let author = session.get(Author, 1)?.expect("there");
        let article = session.get(Article, 1)?.expect("there");
        session[article].title = "mine".into();
        session[author].name = "mine".into();
        let found = load(&mut session, author)?;
        assert!(found.contains(&article) && found.len() == 2, "{name}");
        assert_eq!(session[article].title, "mine", "{name}");
        assert_eq!(session[author].name, "mine", "{name}");
    }
    Ok(())
}
