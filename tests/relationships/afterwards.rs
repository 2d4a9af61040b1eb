//! What relationships are after a rollback, after a commit that expires, and in copies.

use crate::common::committed;
use crate::models::*;
use orm::engine::text;
use orm::prelude::*;
use orm::{Error, ErrorKind};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_flushed_deletion_undone_leaves_collections_as_they_were,
    a_rollback_inside_a_savepoint_is_refused,
    a_commit_that_expires_expires_collections,
    a_copy_of_an_object_takes_no_children_with_it,
    a_copied_article_has_the_same_tags,
    an_update_sets_a_foreign_key_null,
);

type Done = orm::Result<()>;

fn author_of_two(session: &mut Session) -> orm::Result<orm::Handle<Author>> {
    let articles = vec![article("a"), article("b")];
    let author = session.add(Author { articles: articles.into(), ..Author::new("Ezz") });
    session.add(Profile { author: Some(author.into()), ..Profile::new("bio") });
    session.commit()?;
    Ok(author)
}

fn a_flushed_deletion_undone_leaves_collections_as_they_were(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let author = author_of_two(&mut session)?;
    let articles = session.load(author, Author.articles)?;
    let profile = session.load(author, Author.profile)?;
    session.delete(author)?;
    session.flush()?;
    session.rollback()?;
    assert_eq!(session.load(author, Author.articles)?, articles);
    assert_eq!(session.load(author, Author.profile)?, profile);
    let undone = session.savepoint(|session| {
        session.delete(author)?;
        session.flush()?;
        Err::<(), _>(Error::custom("not so"))
    });
    assert_eq!(undone.expect_err("it is handed on").kind(), ErrorKind::Custom);
    assert_eq!(session.load(author, Author.articles)?, articles);
    assert_eq!(session.load(author, Author.profile)?, profile);
    Ok(())
}

fn a_rollback_inside_a_savepoint_is_refused(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Tag::new("before"));
    let done = session.savepoint(|session| {
        session.add(Tag::new("inside"));
        session.rollback()
    });
    assert_eq!(done.expect_err("it would undo what is outside").kind(), ErrorKind::InvalidState);
    session.commit()?;
    let names: Vec<(String,)> = committed(&engine, text("SELECT name FROM tags"));
    assert_eq!(names, [("before".to_owned(),)]);
    Ok(())
}

fn a_commit_that_expires_expires_collections(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session().expire_on_commit(true);
    let author = author_of_two(&mut session)?;
    assert_eq!(session.load(author, Author.articles)?.len(), 2);
    session.commit()?;
    engine.transaction(|other| {
        let author = other.query(Author).one()?;
        other.add(Article::new("c", author));
        Ok(())
    })?;
    assert_eq!(session.load(author, Author.articles)?.len(), 3);
    Ok(())
}

fn a_copy_of_an_object_takes_no_children_with_it(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let author = author_of_two(&mut session)?;
    session.load(author, Author.articles)?;
    session.load(author, Author.profile)?;
    let copy = Author { id: Auto::Unset, ..session[author].clone() };
    let copy = session.add(copy);
    session.commit()?;
    assert_eq!(session.load(author, Author.articles)?.len(), 2);
    assert!(session.load(copy, Author.articles)?.is_empty());
    assert_eq!(session.load(copy, Author.profile)?, None);
    let owners: Vec<(i64,)> = committed(&engine, text("SELECT DISTINCT author_id FROM articles"));
    assert_eq!(Some(&owners[0].0), session[author].id.get());
    assert_eq!(owners.len(), 1);
    Ok(())
}

fn a_copied_article_has_the_same_tags(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let author = author_of_two(&mut session)?;
    let first = session.load(author, Author.articles)?[0];
    session.push(first, Article.tags, Tag::new("rust"))?;
    session.commit()?;
    let tags = session.load(first, Article.tags)?;
    let copy = Article { id: Auto::Unset, ..session[first].clone() };
    let copy = session.add(copy);
    session.commit()?;
    assert_eq!(session.load(copy, Article.tags)?, tags);
    assert_eq!(session.load(first, Article.tags)?, tags);
    Ok(())
}

fn an_update_sets_a_foreign_key_null(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let author = author_of_two(&mut session)?;
    let profile = session.load(author, Author.profile)?.expect("there is one");
    assert_eq!(session.query(Profile).update(Profile.author.set_null())?, 1);
    assert!(session[profile].author.is_none());
    session.commit()?;
    Ok(())
}
