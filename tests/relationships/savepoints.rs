//! Rollback, whole and to a savepoint: values, collections, references and links on both sides.

use crate::common::committed;
use crate::models::*;
use orm::prelude::*;
use orm::{Error, ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    rollback_restores_both_sides,
    rollback_forgets_collections_read_with_rows_undone,
    a_savepoint_restores_values_collections_and_links,
    nested_savepoints_hand_their_books_on,
    an_error_of_the_program_inside_leaves_the_session_usable,
    an_error_of_the_database_inside_leaves_the_session_usable,
    an_error_swallowed_inside_undoes_the_savepoint,
    a_commit_inside_is_refused,
    a_transaction_closure_commits_or_rolls_back,
);

type Done = orm::Result<()>;

struct Blog {
    session: Session,
    ezz: Handle<Author>,
    bo: Handle<Author>,
    article: Handle<Article>,
    tag: Handle<Tag>,
}

fn blog(engine: &Engine) -> orm::Result<Blog> {
    let mut session = engine.session();
    let tagged = Article { tags: vec![Tag::new("t")].into(), ..article("a") };
    let ezz = session.add(Author { articles: vec![tagged].into(), ..Author::new("E") });
    let bo = session.add(Author::new("Bo"));
    session.commit()?;
    let article = session[ezz].articles.get()?[0];
    let tag = session[article].tags.get()?[0];
    Ok(Blog { session, ezz, bo, article, tag })
}

impl Blog {
    fn assert_as_it_was(&self) -> Done {
        let Blog { session, ezz, bo, article, tag } = self;
        assert_eq!(session[*ezz].name, "E");
        assert_eq!(session[*ezz].articles.get()?, [*article]);
        assert!(session[*bo].articles.get()?.is_empty());
        assert!(session[*article].author == *ezz);
        assert_eq!(session[*article].tags.get()?, [*tag]);
        assert_eq!(session[*tag].articles.get()?, [*article]);
        assert_eq!(session.state(*tag)?, State::Persistent);
        Ok(())
    }

    fn change_everything(&mut self) -> Done {
        let Blog { session, ezz, bo, article, tag } = self;
        session[*ezz].name = "changed".into();
        session.set(*article, Article.author, *bo)?;
        session.unlink(*article, Article.tags, *tag)?;
        session.push(*article, Article.tags, Tag::new("new"))?;
        session.push(*ezz, Author.articles, Article::new("new", *ezz))?;
        session.delete(*tag)
    }
}

fn rollback_restores_both_sides(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for flushed in [false, true] {
        let mut blog = blog(&engine)?;
        blog.change_everything()?;
        if flushed {
            blog.session.flush()?;
            blog.change_again()?;
        }
        blog.session.rollback()?;
        blog.assert_as_it_was()?;
        blog.session.commit()?;
        blog.session.query(Author).all()?;
        blog.session.query(Article).delete()?;
        blog.session.query(Tag).delete()?;
        blog.session.commit()?;
    }
    Ok(())
}

impl Blog {
    fn change_again(&mut self) -> Done {
        let Blog { session, ezz, bo, article, .. } = self;
        session[*bo].name = "again".into();
        session[*ezz].articles.clear();
        session.set(*article, Article.author, *ezz)
    }
}

fn rollback_forgets_collections_read_with_rows_undone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    drop(blog(&engine)?);
    let mut session = engine.session();
    let known = session.get(Author, 1)?.expect("there");
    session.commit()?;
    let new = session.add(Article::new("new", known));
    session.link(new, Article.tags, session_tag(&engine)).expect_err("of another session");
    session.flush()?;
    let tag = session.query(Tag).one()?;
    session.link(new, Article.tags, tag)?;
    assert_eq!(session.load(known, Author.articles)?.len(), 2);
    assert_eq!(session.load(tag, Tag.articles)?.len(), 2);
    session.rollback()?;
    let articles = session.load(known, Author.articles)?;
    assert_eq!(articles.len(), 1);
    assert_eq!(session[articles[0]].title, "a");
    assert_eq!(session.load(tag, Tag.articles)?, articles);
    Ok(())
}

fn session_tag(engine: &Engine) -> Handle<Tag> {
    engine.session().add(Tag::new("foreign"))
}

fn a_savepoint_restores_values_collections_and_links(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut blog = blog(&engine)?;
    let before = blog.session.add(Tag::new("before"));
    let mut added = None;
    let ids = (blog.ezz, blog.bo, blog.article, blog.tag);
    let done = blog.session.savepoint(|session| {
        let (ezz, bo, article, tag) = ids;
        session[ezz].name = "changed".into();
        session.set(article, Article.author, bo)?;
        session.unlink(article, Article.tags, tag)?;
        session.link(article, Article.tags, before)?;
        added = Some(session.push(ezz, Author.articles, Article::new("new", ezz))?);
        session.flush()?;
        session[bo].name = "not flushed".into();
        session.delete(tag)?;
        Err::<(), _>(Error::custom("no"))
    });
    assert!(done.is_err());
    blog.assert_as_it_was()?;
    assert!(matches!(blog.session.state(added.expect("pushed"))?, State::Gone(_)));
    assert_eq!(blog.session.state(before)?, State::Persistent, "pending before, flushed before");
    blog.session.commit()?;
    assert_eq!(blog.session.query(Tag).count()?, 2);
    assert_eq!(blog.session.query(Article).count()?, 1);
    Ok(())
}

fn nested_savepoints_hand_their_books_on(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for outer_fails in [false, true] {
        let mut blog = blog(&engine)?;
        let (ezz, bo, article) = (blog.ezz, blog.bo, blog.article);
        let done = blog.session.savepoint(|session| {
            session[ezz].name = "outer".into();
            session.savepoint(|session| {
                session[ezz].name = "inner".into();
                session.set(article, Article.author, bo)?;
                session.push(bo, Author.articles, Article::new("new", bo)).map(drop)
            })?;
            let failed = session.savepoint(|session| {
                session[bo].name = "undone".into();
                session.flush()?;
                Err::<(), _>(Error::custom("no"))
            });
            assert!(failed.is_err());
            assert_eq!(session[bo].name, "Bo");
            assert_eq!(session[ezz].name, "inner");
            if outer_fails { Err(Error::custom("no")) } else { Ok(()) }
        });
        assert_eq!(done.is_err(), outer_fails);
        if outer_fails {
            blog.assert_as_it_was()?;
        } else {
            assert_eq!(blog.session[bo].articles.get()?.len(), 2);
            blog.session.rollback()?;
            blog.assert_as_it_was()?;
        }
        blog.session.query(Article).delete()?;
        blog.session.query(Tag).delete()?;
        blog.session.commit()?;
    }
    Ok(())
}

fn an_error_of_the_program_inside_leaves_the_session_usable(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut blog = blog(&engine)?;
    let (ezz, bo) = (blog.ezz, blog.bo);
    let club = blog
        .session
        .add(Club { members: vec![Member::new("m", Ref::unset())].into(), ..Club::new("c") });
    let error = blog.session.savepoint(|session| {
        session[club].members.clear();
        session.flush()
    });
    assert_eq!(error.expect_err("NOT NULL").kind(), ErrorKind::InvalidState);
    blog.session[bo].name = "after".into();
    blog.session.commit()?;
    assert_eq!(blog.session[club].members.get()?.len(), 1);
    assert_eq!(blog.session[ezz].articles.get()?.len(), 1);
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM authors ORDER BY id"));
    assert_eq!(names, [("E".into(),), ("after".into(),)]);
    Ok(())
}

fn an_error_of_the_database_inside_leaves_the_session_usable(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut blog = blog(&engine)?;
    let (ezz, tag) = (blog.ezz, blog.tag);
    blog.session[ezz].name = "before".into();
    let error = blog.session.savepoint(|session| {
        session[ezz].name = "inside".into();
        session.add(Tag::new("t"));
        session.flush()
    });
    assert_eq!(error.expect_err("twice").kind(), ErrorKind::UniqueViolation);
    assert_eq!(blog.session[ezz].name, "before");
    let error = blog.session.savepoint(|session| {
        session.savepoint(|session| {
            session.add(Tag::new("t"));
            Ok(())
        })
    });
    assert_eq!(error.expect_err("twice").kind(), ErrorKind::UniqueViolation);
    blog.session[tag].name = "after".into();
    blog.session.commit()?;
    let names: Vec<(String, String)> =
        committed(&engine, text("SELECT a.name, t.name FROM authors a, tags t WHERE a.id = 1"));
    assert_eq!(names, [("before".into(), "after".into())]);
    Ok(())
}

fn an_error_swallowed_inside_undoes_the_savepoint(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut blog = blog(&engine)?;
    let done = blog.session.savepoint(|session| {
        session.add(Tag::new("t"));
        assert!(session.flush().is_err());
        let error = session.query(Tag).count().expect_err("until the savepoint is undone");
        assert_eq!(error.kind(), ErrorKind::SessionFailed);
        Ok(())
    });
    assert_eq!(done.expect_err("it can't be kept").kind(), ErrorKind::SessionFailed);
    assert_eq!(blog.session.query(Tag).count()?, 1);
    blog.session.commit()
}

fn a_commit_inside_is_refused(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let error = session.savepoint(|session| {
        session.add(Tag::new("t"));
        session.commit()
    });
    assert_eq!(error.expect_err("inside").kind(), ErrorKind::InvalidState);
    assert_eq!(session.query(Tag).count()?, 0);
    session.commit()
}

fn a_transaction_closure_commits_or_rolls_back(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let tag = session.transaction(|session| Ok(session.add(Tag::new("t"))))?;
    let done = session.transaction(|session| {
        session[tag].name = "changed".into();
        session.flush()?;
        Err::<(), _>(Error::custom("no"))
    });
    assert!(done.is_err());
    assert_eq!(session[tag].name, "t");
    engine.transaction(|session| {
        session.add(Tag::new("u"));
        session.savepoint(|session| {
            session.add(Tag::new("v"));
            Ok(())
        })
    })?;
    assert_eq!(session.query(Tag).count()?, 3);
    Ok(())
}
