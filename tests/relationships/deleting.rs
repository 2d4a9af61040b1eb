//! Deleting what others point to.

use crate::common::{committed, statements};
use crate::models::*;
use orm::prelude::*;
use orm::session::Gone;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_cascade_deletes_children_loaded_or_not,
    without_a_cascade_children_point_to_nothing,
    a_child_that_cant_is_an_error_before_sql,
    parent_and_children_deleted_together,
    the_database_cascades_and_objects_are_told,
    deleted_objects_leave_the_collections_that_held_them,
    a_deleted_child_that_made_room_comes_back_with_its_owner,
    a_child_of_a_new_object_that_goes_with_its_owner_is_told_before_sql,
    a_load_whose_flush_deletes_the_owner_gives_nothing_that_is_gone,
    an_end_without_a_relationship_takes_its_link_rows_along,
    a_referrer_goes_without_a_word_about_its_target,
    an_expression_of_a_row_that_the_database_deletes_is_dropped,
);

type Done = orm::Result<()>;

fn count(engine: &Engine, sql: &'static str) -> i64 {
    committed::<(i64,)>(engine, text(sql))[0].0
}

fn a_cascade_deletes_children_loaded_or_not(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for loaded in [false, true] {
        let mut session = engine.session();
        let tags = |name: &str| vec![Tag::new(format!("{name} {loaded}"))];
        session.add(Author {
            articles: vec![
                Article { tags: tags("x").into(), ..article("a") },
                Article { tags: tags("y").into(), ..article("b") },
            ]
            .into(),
            profile: Profile::new("p").into(),
            ..Author::new("E")
        });
        session.commit()?;
        drop(session);
        let mut session = engine.session();
        let ezz = session.query(Author).one()?;
        if loaded {
            session.load(ezz, Author.articles)?;
        }
        session.delete(ezz)?;
        session.commit()?;
        assert_eq!(count(&engine, "SELECT count(*) FROM articles"), 0);
        assert_eq!(count(&engine, "SELECT count(*) FROM article_tags"), 0);
        assert_eq!(count(&engine, "SELECT count(*) FROM profiles WHERE author_id IS NOT NULL"), 0);
    }
    assert_eq!(count(&engine, "SELECT count(*) FROM tags"), 4);
    assert_eq!(count(&engine, "SELECT count(*) FROM profiles"), 2);
    Ok(())
}

fn without_a_cascade_children_point_to_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let books = vec![Book::new("a"), Book::new("b")];
    session.add(Shelf { books: books.into(), ..Shelf::new("s") });
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let shelf = session.query(Shelf).one()?;
    session.delete(shelf)?;
    let log = engine.record();
    session.commit()?;
    let log = statements(&log);
    assert_eq!(log.len(), 3, "SELECT, UPDATE, DELETE: {log:?}");
    let books = session.query(Book).all()?;
    assert!(books.iter().all(|&book| session[book].shelf.is_none()));
    Ok(())
}

fn a_child_that_cant_is_an_error_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let members = vec![Member::new("a", Ref::unset())];
    let club = session.add(Club { members: members.into(), ..Club::new("one") });
    session.commit()?;
    let member = session[club].members.get()?[0];
    session.delete(club)?;
    let log = engine.record();
    let error = session.flush().expect_err("NOT NULL");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("`Club.members`"), "{error}");
    assert!(log.is_empty());
    let other = session.add(Club::new("other"));
    session.set(member, Member.club, other)?;
    session.commit()?;
    assert_eq!(count(&engine, "SELECT count(*) FROM clubs"), 1);
    Ok(())
}

fn parent_and_children_deleted_together(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let members = vec![Member::new("a", Ref::unset()), Member::new("b", Ref::unset())];
    let club = session.add(Club { members: members.into(), ..Club::new("one") });
    session.commit()?;
    session.delete(club)?;
    for member in session[club].members.get()?.to_vec() {
        session.delete(member)?;
    }
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2, "two DELETEs");
    Ok(())
}

fn the_database_cascades_and_objects_are_told(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let folder = session.add(Folder {
        files: vec![File::new("f", Ref::unset())].into(),
        notes: vec![Note::new("n")].into(),
        ..Folder::new("folder")
    });
    session.commit()?;
    let (file, note) = (session[folder].files.get()?[0], session[folder].notes.get()?[0]);
    session.delete(folder)?;
    let log = engine.record();
    session.flush()?;
    assert_eq!(statements(&log).len(), 1, "the database does the rest");
    assert_eq!(session.state(file)?, State::Deleted);
    assert!(session[note].folder.is_none());
    session.rollback()?;
    assert_eq!(session.state(file)?, State::Persistent);
    assert!(session[note].folder == folder);
    assert_eq!(session[folder].files.get()?, [file]);
    session.query(Folder).delete()?;
    assert_eq!(session.state(file)?, State::Deleted);
    assert!(session[note].folder.is_none());
    session.commit()?;
    assert_eq!(count(&engine, "SELECT count(*) FROM files"), 0);
    assert_eq!(count(&engine, "SELECT count(*) FROM notes WHERE folder_id IS NULL"), 1);
    Ok(())
}

fn deleted_objects_leave_the_collections_that_held_them(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let tagged = Article { tags: vec![Tag::new("t"), Tag::new("u")].into(), ..article("b") };
    let articles = vec![article("a"), tagged];
    let ezz = session.add(Author { articles: articles.into(), ..Author::new("E") });
    let label = session.add(Label::new("l"));
    let poster = session.add(Poster::new("p"));
    session.link(poster, Poster.labels, label)?;
    session.commit()?;
    let articles = session[ezz].articles.get()?.to_vec();
    let tags = session[articles[1]].tags.get()?.to_vec();
    session.delete(articles[0])?;
    session.delete(tags[0])?;
    session.delete(label)?;
    session.flush()?;
    assert_eq!(session[ezz].articles.get()?, [articles[1]]);
    assert_eq!(session[articles[1]].tags.get()?, [tags[1]]);
    assert!(session[poster].labels.get()?.is_empty());
    session.rollback()?;
    assert_eq!(session[ezz].articles.get()?, articles);
    assert_eq!(session[articles[1]].tags.get()?, tags);
    assert_eq!(session[poster].labels.get()?, [label]);
    session.query(Article).filter(Article.title.eq("a")).delete()?;
    session.commit()?;
    assert_eq!(session.load(ezz, Author.articles)?, [articles[1]]);
    Ok(())
}

fn a_deleted_child_that_made_room_comes_back_with_its_owner(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let author = session.add(Author { profile: Profile::new("1").into(), ..Author::new("E") });
    let next = session.add(Profile::new("2"));
    session.commit()?;
    let first = session[author].profile.get()?.expect("there is one");
    session.delete(first)?;
    session.set(next, Profile.author, author)?;
    session.rollback()?;
    assert!(session[first].author == author);
    assert_eq!(session[author].profile.get()?, Some(first));
    Ok(())
}

fn a_child_of_a_new_object_that_goes_with_its_owner_is_told_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let root = session.add(Twig::new("root"));
    let free = session.add(Twig::new("free"));
    session.commit()?;
    let new = session.push(root, Twig.children, Twig::new("new"))?;
    session.set(free, Twig.parent, new)?;
    session.delete(root)?;
    let refused = session.commit().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert!(refused.to_string().contains("`Twig.parent` of Twig("), "{refused}");
    session.set(free, Twig.parent, None)?; // the transaction goes on
    session.commit()?;
    assert_eq!(session.query(Twig).all()?, [free]);
    Ok(())
}

fn a_load_whose_flush_deletes_the_owner_gives_nothing_that_is_gone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let twig = Twig { children: vec![Twig::new("twig")].into(), ..Twig::new("root") };
    session.add(twig);
    session.commit()?;
    let mut session = engine.session();
    let twigs = session.query(Twig).order_by(Twig.name).all()?;
    let (root, twig) = (twigs[0], twigs[1]);
    let mut leaf = Twig::new("leaf");
    leaf.parent = Some(twig.into());
    session.add(leaf);
    session.delete(root)?;
    for found in session.load(twig, Twig.children)? {
        assert!(session.try_get(found).is_ok());
    }
    assert_eq!(session.state(twig)?, State::Deleted);
    Ok(())
}

fn an_end_without_a_relationship_takes_its_link_rows_along(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let labels = vec![Label::new("a"), Label::new("b")];
    session.add(Poster { labels: labels.into(), ..Poster::new("p") });
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let label = session.query(Label).order_by(Label.name).first()?.expect("there");
    session.delete(label)?;
    session.commit()?;
    assert_eq!(count(&engine, "SELECT count(*) FROM poster_labels"), 1);
    Ok(())
}

fn a_referrer_goes_without_a_word_about_its_target(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Article::new("a", Author::new("E")));
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let article = session.query(Article).one()?;
    session.delete(article)?;
    let log = engine.record();
    session.commit()?;
    let log = statements(&log);
    assert!(log.iter().all(|sql| sql.starts_with("DELETE")), "{log:?}");
    assert_eq!(count(&engine, "SELECT count(*) FROM authors"), 1);
    Ok(())
}

fn an_expression_of_a_row_that_the_database_deletes_is_dropped(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let folder = session.add(Folder::new("f"));
    let file = session.push(folder, Folder.files, File::new("a", Ref::unset()))?;
    session.commit()?;
    session.set(file, File.name, File.name)?;
    session.delete(folder)?;
    session.commit()?;
    assert_eq!(session.state(file)?, State::Gone(Gone::Deleted));
    assert_eq!(session.query(File).count()?, 0);
    Ok(())
}
