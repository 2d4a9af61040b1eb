//! `merge`: what a value and its graph say, carried over to the session's objects.

use crate::common::{run, statements};
use crate::models::*;
use orm::prelude::*;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_value_of_a_row_becomes_an_update_of_what_differs,
    a_value_without_a_row_is_new,
    the_value_wins_over_changes_not_flushed,
    a_stale_object_is_read_before_it_takes_over,
    a_collection_that_is_not_loaded_is_left_alone,
    an_empty_collection_takes_all_members_out,
    members_are_added_changed_moved_and_taken_out,
    what_was_put_into_an_unloaded_collection_is_added,
    a_member_that_points_to_nothing_is_in_the_collection_it_came_in,
    a_collection_without_the_cascade_is_left_alone,
    an_object_inside_a_reference_is_merged,
    one_key_twice_is_one_object,
    a_graph_of_new_objects_is_added,
    a_copy_of_an_object_of_the_session_changes_it,
    what_is_to_be_deleted_cant_be_merged,
    a_rollback_undoes_a_merge,
    members_are_read_by_one_statement,
);

type Done = orm::Result<()>;

/// Ann has the articles "one" and "two", Bo has "three"; and a new session.
fn blog(db: &TestDatabase) -> orm::Result<(Engine, Session)> {
    let engine = ready(db);
    engine.transaction(|session| {
        session.add(Author {
            articles: [article("one"), article("two")].into(),
            ..Author::new("Ann")
        });
        session.add(Author { articles: [article("three")].into(), ..Author::new("Bo") });
        Ok(())
    })?;
    let session = engine.session();
    Ok((engine, session))
}

/// Ann as a connection reads her, with her articles.
fn tree(engine: &Engine) -> orm::Result<Author> {
    let mut connection = engine.connect()?;
    select(Author).filter(Author.name.eq("Ann")).include(Author.articles).one(&mut connection)
}

/// The articles as they are committed, by title, with their authors.
fn articles(engine: &Engine) -> orm::Result<Vec<(String, String)>> {
    let query = select((Article.title, Author.name)).join(Article.author).order_by(Article.title);
    query.all(&mut engine.connect()?)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(title, name)| (title.to_owned(), name.to_owned())).collect()
}

fn a_value_of_a_row_becomes_an_update_of_what_differs(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let given = tree(&engine)?;
    let log = engine.record();
    let ann = session.merge(given.clone())?;
    session.commit()?;
    assert!(statements(&log).iter().all(|sql| sql.starts_with("SELECT")), "nothing differs");
    let mut values = given.articles.values()?.to_vec();
    values[1].title = "zwei".into();
    assert_eq!(session.merge(Author { articles: values.into(), ..given })?, ann);
    session.commit()?;
    let written: Vec<String> =
        statements(&log).into_iter().filter(|sql| !sql.starts_with("SELECT")).collect();
    assert_eq!(written.len(), 1, "{written:?}");
    assert_eq!(articles(&engine)?, pairs(&[("one", "Ann"), ("three", "Bo"), ("zwei", "Ann")]));
    Ok(())
}

fn a_value_without_a_row_is_new(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let cy = session.merge(Author::new("Cy"))?;
    let dee = session.merge(Author { id: 77.into(), ..Author::new("Dee") })?;
    // each merge flushes first
    assert_eq!((session.state(cy)?, session.state(dee)?), (State::Persistent, State::Pending));
    session.commit()?;
    assert_eq!(session[dee].id, 77);
    assert_eq!(engine.session().query(Author).count()?, 4);
    Ok(())
}

fn the_value_wins_over_changes_not_flushed(db: &TestDatabase) -> Done {
    let (engine, session) = blog(db)?;
    let mut session = session.autoflush(false);
    let given = tree(&engine)?;
    let ann = session.query(Author).filter(Author.name.eq("Ann")).one()?;
    session[ann].name = "changed".into();
    assert_eq!(session.merge(given)?, ann);
    assert_eq!(session[ann].name, "Ann");
    assert!(session.dirty(Author).is_empty());
    // also onto one that is pending under the key
    let dee = session.add(Author { id: 77.into(), ..Author::new("Dee") });
    assert_eq!(session.merge(Author { id: 77.into(), ..Author::new("Di") })?, dee);
    session.commit()?;
    assert_eq!(engine.session().query(Author).filter(Author.name.eq("Di")).count()?, 1);
    Ok(())
}

fn a_stale_object_is_read_before_it_takes_over(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let given = tree(&engine)?;
    let ann = session.get(Author, 1)?.expect("there");
    session.commit()?;
    session.expire(ann)?;
    run(&engine, &["UPDATE authors SET name = 'Anna' WHERE id = 1"]);
    session.merge(Author { name: "Ann".into(), ..given })?;
    session.commit()?;
    let names: Vec<String> = engine.session().query(Author.name).order_by(Author.id).all()?;
    assert_eq!(names, ["Ann", "Bo"], "compared with the row of now");
    Ok(())
}

fn a_collection_that_is_not_loaded_is_left_alone(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let ann = session.merge(Author { id: 1.into(), ..Author::new("Anna") })?;
    assert!(session[ann].articles.get().is_err());
    session.commit()?;
    assert_eq!(articles(&engine)?, pairs(&[("one", "Anna"), ("three", "Bo"), ("two", "Anna")]));
    Ok(())
}

fn an_empty_collection_takes_all_members_out(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    session.merge(Author { id: 1.into(), articles: Many::empty(), ..Author::new("Ann") })?;
    session.commit()?;
    assert_eq!(articles(&engine)?, pairs(&[("three", "Bo")]), "delete_orphan");
    Ok(())
}

fn members_are_added_changed_moved_and_taken_out(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let given = tree(&engine)?;
    let one = Article { title: "uno".into(), ..given.articles.values()?[0].clone() };
    let three: Article =
        select(Article).filter(Article.title.eq("three")).one(&mut engine.connect()?)?;
    // "three" is Bo's in its own row: the collection says where it goes
    let members = vec![one, three, article("four")];
    let ann = session.merge(Author { articles: members.into(), ..given })?;
    session.commit()?;
    assert_eq!(
        articles(&engine)?,
        pairs(&[("four", "Ann"), ("three", "Ann"), ("uno", "Ann")]),
        "two is deleted"
    );
    assert_eq!(session[ann].articles.get()?.len(), 3);
    Ok(())
}

fn what_was_put_into_an_unloaded_collection_is_added(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let mut given = Author { id: 1.into(), ..Author::new("Ann") };
    given.articles.push(article("four"));
    session.merge(given)?;
    session.commit()?;
    let titles: Vec<String> = articles(&engine)?.into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles, ["four", "one", "three", "two"]);
    Ok(())
}

fn a_collection_without_the_cascade_is_left_alone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let shelf = session.add(Shelf { books: [Book::new("b")].into(), ..Shelf::new("s") });
    session.commit()?;
    let id = session[shelf].id;
    session.clear();
    let shelf = session.merge(Shelf { id, books: Many::empty(), ..Shelf::new("t") })?;
    session.commit()?;
    assert_eq!(session.load(shelf, Shelf.books)?.len(), 1);
    Ok(())
}

fn an_object_inside_a_reference_is_merged(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let mut given: Article = select(Article)
        .filter(Article.title.eq("one"))
        .include(Article.author)
        .one(&mut engine.connect()?)?;
    given.author.value_mut()?.name = "Anna".into();
    let one = session.merge(given)?;
    session.commit()?;
    let author = session.load(one, Article.author)?;
    assert_eq!(session[author].name, "Anna");
    assert_eq!(engine.session().query(Author).count()?, 2, "the same row");
    Ok(())
}

fn one_key_twice_is_one_object(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let given = tree(&engine)?;
    let one = given.articles.values()?[0].clone();
    let again = Article { title: "uno".into(), ..one.clone() };
    let ann = session.merge(Author { articles: vec![one, again].into(), ..given })?;
    assert_eq!(session[ann].articles.get()?.len(), 1);
    session.commit()?;
    assert_eq!(articles(&engine)?, pairs(&[("three", "Bo"), ("uno", "Ann")]), "the last one wins");
    Ok(())
}

fn a_graph_of_new_objects_is_added(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let tagged = Article { tags: [Tag::new("t"), Tag::new("u")].into(), ..article("four") };
    let cy = session.merge(Author { articles: [tagged].into(), ..Author::new("Cy") })?;
    session.commit()?;
    assert_eq!(session[cy].articles.get()?.len(), 1);
    let mut fresh = engine.session();
    let four = fresh.query(Article).filter(Article.title.eq("four")).one()?;
    assert_eq!(fresh.load(four, Article.tags)?.len(), 2);
    Ok(())
}

fn a_copy_of_an_object_of_the_session_changes_it(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let ann: Handle<Author> = session.get(Author, 1)?.expect("there");
    session.load(ann, Author.articles)?;
    let mut copy = session[ann].clone();
    copy.name = "Anna".into();
    assert_eq!(session.merge(copy)?, ann);
    let mut detached = session.detached(ann)?;
    detached.name.push('!');
    assert_eq!(session.merge(detached)?, ann);
    session.commit()?;
    assert_eq!(articles(&engine)?, pairs(&[("one", "Anna!"), ("three", "Bo"), ("two", "Anna!")]));
    // a copy holds handles of its session
    let copy = session[ann].clone();
    let error = engine.session().merge(copy).expect_err("of another session");
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
    Ok(())
}

fn what_is_to_be_deleted_cant_be_merged(db: &TestDatabase) -> Done {
    let (engine, session) = blog(db)?;
    let mut session = session.autoflush(false);
    let given = tree(&engine)?;
    let ann = session.get(Author, 1)?.expect("there");
    session.delete(ann)?;
    let error = session.merge(given).expect_err("to be deleted");
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
    Ok(())
}

fn a_rollback_undoes_a_merge(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    let ann = session.get(Author, 1)?.expect("there");
    session.load(ann, Author.articles)?;
    session.commit()?;
    let given = Author { id: 1.into(), articles: [article("four")].into(), ..Author::new("Anna") };
    session.merge(given)?;
    session.flush()?;
    session.rollback()?;
    assert_eq!(session[ann].name, "Ann");
    session.commit()?;
    assert_eq!(articles(&engine)?, pairs(&[("one", "Ann"), ("three", "Bo"), ("two", "Ann")]));
    Ok(())
}

fn members_are_read_by_one_statement(db: &TestDatabase) -> Done {
    let (engine, mut session) = blog(db)?;
    engine.transaction(|session| {
        let ann = session.get(Author, 1)?.expect("there");
        session.add_all((0..500).map(|n| Article::new(format!("n{n}"), ann)));
        Ok(())
    })?;
    let given = tree(&engine)?;
    let log = engine.record();
    session.merge(given)?;
    assert_eq!(statements(&log).len(), 3, "the author, the members, the collection");
    session.flush()?;
    assert!(log.is_empty());
    Ok(())
}

fn a_member_that_points_to_nothing_is_in_the_collection_it_came_in(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let root = session.add(Twig::new("root"));
    let twig = session.push(root, Twig.children, Twig::new("twig"))?;
    session.commit()?;
    // built by hand: who is inside does not say again where
    let (root_id, id) = (session[root].id, session[twig].id);
    let inside = || Twig { id, ..Twig::new("renamed") };
    let value = Twig { id: root_id, children: [inside()].into(), ..Twig::new("root") };
    session.merge(value)?;
    assert!(session[twig].parent == root);
    assert_eq!(session[root].children.get()?, [twig]);
    session.commit()?;
    let query = select((Twig.name, Twig.parent.is_not_null())).order_by(Twig.name);
    let rows = query.all(&mut engine.connect()?)?;
    assert_eq!(rows, [("renamed".to_owned(), Some(true)), ("root".to_owned(), Some(false))]);
    // alone it says that it has no parent
    session.merge(inside())?;
    session.commit()?;
    assert!(session[twig].parent.is_none());
    assert!(session[root].children.get()?.is_empty());
    Ok(())
}
