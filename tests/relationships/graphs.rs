//! Whole graphs in one `add`, and their values back after a rollback.

use crate::common::{committed, statements};
use crate::models::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_graph_is_one_add,
    values_in_references_are_added,
    nested_values_of_another_owner_contradict,
    an_association_object_by_its_two_references,
    an_association_object_with_a_key_of_its_own,
    a_reference_left_unset_is_an_error_before_sql,
    take_gives_a_graph_back,
    take_keeps_what_is_there,
);

type Done = orm::Result<()>;

fn ezz() -> Author {
    Author {
        articles: vec![
            Article { tags: vec![Tag::new("a"), Tag::new("b")].into(), ..article("one") },
            article("two"),
        ]
        .into(),
        profile: Profile::new("bio").into(),
        ..Author::new("Ezz")
    }
}

fn a_graph_is_one_add(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let ezz = session.add(ezz());
    session.commit()?;
    assert_eq!(statements(&log).len(), 5, "authors, profiles, articles, tags, links");
    let articles = session[ezz].articles.get()?.to_vec();
    assert_eq!(articles.len(), 2);
    assert!(session[articles[0]].author == ezz);
    let profile = session[ezz].profile.get()?.expect("there");
    assert!(session[profile].author == ezz);
    let tags = session[articles[0]].tags.get()?.to_vec();
    assert_eq!(session[tags[1]].articles.get()?, [articles[0]]);
    assert!(session[articles[1]].tags.get()?.is_empty());
    assert!(statements(&log).is_empty());
    Ok(())
}

fn values_in_references_are_added(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let one = session.add(Article {
        tags: vec![Tag { articles: vec![article("two")].into(), ..Tag::new("t") }].into(),
        ..Article::new("one", Author::new("Ezz"))
    });
    let tag = session.load(one, Article.tags)?[0];
    let other = session[tag].articles.get()?.to_vec();
    assert_eq!(other.len(), 2);
    let two = other.into_iter().find(|&article| article != one).expect("nested");
    let ezz = one.author(&mut session)?;
    session.set(two, Article.author, ezz)?;
    session.commit()?;
    let rows: Vec<(String, String)> = committed(
        &engine,
        text(
            "SELECT a.title, p.name FROM articles a JOIN authors p ON p.id = a.author_id ORDER BY 1",
        ),
    );
    assert_eq!(rows, [("one".into(), "Ezz".into()), ("two".into(), "Ezz".into())]);
    Ok(())
}

fn nested_values_of_another_owner_contradict(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let bo = session.add(Author::new("Bo"));
    session.add(Author { articles: vec![Article::new("x", bo)].into(), ..Author::new("Ezz") });
    let error = session.flush().expect_err("of Ezz and of Bo").to_string();
    assert!(error.contains("Author(new #0)") && error.contains("Author(new #1)"), "{error}");
    assert!(log.is_empty());
    Ok(())
}

fn an_association_object_by_its_two_references(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let firm = session.add(Firm::new("Acme"));
    let worker = session.add(Worker {
        jobs: vec![
            Job::new(Ref::unset(), firm, "smith"),
            Job::new(Ref::unset(), Firm::new("B"), "x"),
        ]
        .into(),
        ..Worker::new("Wu")
    });
    session.commit()?;
    let key = (*session[worker].id.get().expect("set"), *session[firm].id.get().expect("set"));
    let jobs = session[worker].jobs.get()?.to_vec();
    assert_eq!(session.get(Job, key)?, Some(jobs[0]));
    assert_eq!(session.load(firm, Firm.jobs)?, [jobs[0]]);
    session[worker].jobs.remove(jobs[1]);
    session[jobs[0]].role = "master".into();
    session.commit()?;
    let rows: Vec<(i64, i64, String)> = committed(&engine, text("SELECT * FROM jobs"));
    assert_eq!(rows, [(key.0, key.1, "master".into())]);
    session.delete(worker)?;
    session.commit()?;
    assert!(session[firm].jobs.get()?.is_empty());
    assert_eq!(session.query(Job).count()?, 0);
    Ok(())
}

fn an_association_object_with_a_key_of_its_own(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let firm = session.add(Firm::new("Acme"));
    let worker = session.add(Worker::new("Wu"));
    for wage in [3, 1, 2] {
        session.push(worker, Worker.contracts, Contract::new(wage, Ref::unset(), firm))?;
    }
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let worker = session.query(Worker).include(Worker.contracts.then(Contract.firm)).one()?;
    let contracts = session[worker].contracts.get()?.to_vec();
    let wages: Vec<i32> = contracts.iter().map(|&contract| session[contract].wage).collect();
    assert_eq!(wages, [1, 2, 3]);
    let firm = contracts[0].firm(&mut session)?;
    assert_eq!(session[firm].name, "Acme");
    Ok(())
}

fn a_reference_left_unset_is_an_error_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let lonely = session.add(article("x"));
    let error = session.flush().expect_err("no author").to_string();
    assert!(error.contains("`Article.author`"), "{error}");
    assert!(log.is_empty());
    let ezz = session.add(Author::new("Ezz"));
    session[ezz].articles.push(lonely);
    session.commit()
}

fn take_gives_a_graph_back(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    for flushed in [false, true] {
        let author = session.add(ezz());
        if flushed {
            session.flush()?;
        } else {
            assert_eq!(session.load(author, Author.articles)?.len(), 2);
        }
        session.rollback()?;
        let value = session.take(author)?;
        assert!(value.id.get().is_none());
        assert_eq!(value.articles.values()?.len(), 2);
        assert_eq!(value.articles.values()?[0].tags.values()?.len(), 2);
        assert!(value.profile.value()?.is_some());
        let again = session.add(value);
        session.flush()?;
        assert_eq!(session[again].articles.get()?.len(), 2);
        assert_eq!(session.query(Tag).count()?, 2);
        session.rollback()?;
    }
    Ok(())
}

fn take_keeps_what_is_there(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let author = session.add(Author::new("Ezz"));
    let tag = session.add(Tag::new("t"));
    session.commit()?;
    let one = session.push(author, Author.articles, article("one"))?;
    session.link(one, Article.tags, tag)?;
    session.flush()?;
    session.rollback()?;
    assert!(session.load(author, Author.articles)?.is_empty());
    let value = session.take(one)?;
    let again = session.add(value);
    session.commit()?;
    assert!(session[again].author == author);
    assert_eq!(session[author].articles.get()?, [again]);
    assert_eq!(session.load(tag, Tag.articles)?, [again]);
    let rows: Vec<(i64,)> = committed(&engine, text("SELECT count(*) FROM article_tags"));
    assert_eq!(rows, [(1,)]);
    Ok(())
}
