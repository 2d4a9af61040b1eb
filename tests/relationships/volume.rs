//! Many objects: the number of statements, and time that grows with the number of objects only.

#![allow(clippy::cast_possible_wrap)]
use crate::common::{committed, statements};
use crate::models::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};
use std::time::{Duration, Instant};

on_each_database!(
    an_author_for_each_of_a_thousand_articles_is_one_select,
    the_collections_of_2500_owners_are_three_statements,
    an_include_of_three_levels_is_three_statements,
    ten_thousand_children_pushed_and_taken_out,
    ten_thousand_tags_linked_and_unlinked,
    ten_thousand_children_of_two_owners_in_one_field,
    a_loop_that_loads_and_changes,
    ten_thousand_children_deleted_with_their_owner,
);

type Done = orm::Result<()>;

const MANY: i64 = 10_000;

/// Far more than it takes, far less than it would take were it quadratic.
fn in_seconds<T>(what: &str, work: impl FnOnce() -> orm::Result<T>) -> orm::Result<T> {
    let start = Instant::now();
    let done = work()?;
    let took = start.elapsed();
    eprintln!("{what}: {took:?}");
    assert!(took < Duration::from_secs(20), "{what} took {took:?}");
    Ok(done)
}

/// `owners` authors of `each` articles, each article with a tag of its own.
fn fill(engine: &Engine, owners: i64, each: i64) -> Done {
    let mut connection = engine.connect()?;
    let mut run = |sql: &str, most: i64| -> Done {
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";
        let sql = format!("{numbers}{most}) {}", sql.replace("EACH", &each.to_string()));
        connection.execute(text(orm::engine::AssertSafe(sql))).map(drop)
    };
    let all = owners * each;
    run_insert(&mut run, "authors (id, name)", "i, 'a'", owners)?;
    run_insert(&mut run, "articles (id, title, author_id)", "i, 't', (i - 1) / EACH + 1", all)?;
    run_insert(&mut run, "tags (id, name)", "i, 'tag ' || i", all)?;
    run_insert(&mut run, "article_tags (article_id, tag_id)", "i, i", all)?;
    connection.commit()
}

fn run_insert(run: &mut dyn FnMut(&str, i64) -> Done, into: &str, values: &str, rows: i64) -> Done {
    run(&format!("INSERT INTO {into} SELECT {values} FROM n"), rows)
}

fn an_author_for_each_of_a_thousand_articles_is_one_select(db: &TestDatabase) -> Done {
    let engine = ready(db);
    fill(&engine, 100, 10)?;
    let mut session = engine.session();
    let articles = session.query(Article).all()?;
    let log = engine.record();
    for &article in &articles {
        let author = session.load(article, Article.author)?;
        assert_eq!(session[author].name, "a");
    }
    assert_eq!(log.take().len(), 1);
    Ok(())
}

fn the_collections_of_2500_owners_are_three_statements(db: &TestDatabase) -> Done {
    let engine = ready(db);
    fill(&engine, 2500, 2)?;
    let mut session = engine.session();
    let authors = session.query(Author).order_by(Author.id).all()?;
    let log = engine.record();
    for &author in &authors {
        assert_eq!(session.load(author, Author.articles)?.len(), 2);
    }
    assert_eq!(log.take().len(), 3);
    drop(session);
    let mut session = engine.session();
    let authors = session.query(Author).order_by(Author.id).all()?;
    log.take();
    for &author in authors.iter().rev() {
        assert_eq!(session.load(author, Author.articles)?.len(), 2);
    }
    assert_eq!(log.take().len(), 3, "from the last to the first");
    Ok(())
}

fn an_include_of_three_levels_is_three_statements(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for owners in [10, MANY] {
        fill(&engine, owners, 1)?;
        let query = select(Author).include(Author.articles.then(Article.tags));
        let mut session = engine.session();
        let log = engine.record();
        let authors = query.all(&mut session)?;
        assert_eq!(statements(&log).len(), 3);
        assert_eq!(authors.len() as i64, owners);
        for author in authors {
            let article = session[author].articles.get()?[0];
            assert_eq!(session[article].tags.get()?.len(), 1);
        }
        let mut connection = engine.connect()?;
        log.take();
        let authors = query.all(&mut connection)?;
        assert_eq!(statements(&log).len(), 3);
        assert!(authors.iter().all(|author| {
            author.articles.values().is_ok_and(|articles| {
                articles.len() == 1 && articles[0].tags.values().is_ok_and(|tags| tags.len() == 1)
            })
        }));
        drop((session, connection));
        engine.drop_all()?;
        engine.create_all()?;
    }
    Ok(())
}

fn ten_thousand_children_pushed_and_taken_out(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let shelf = session.add(Shelf::new("s"));
    in_seconds("pushed", || {
        for _ in 0..MANY {
            session.push(shelf, Shelf.books, Book::new("b"))?;
        }
        session.commit()
    })?;
    let books = session[shelf].books.get()?.to_vec();
    assert_eq!(books.len() as i64, MANY);
    in_seconds("unlinked", || {
        for &book in &books {
            session.unlink(shelf, Shelf.books, book)?;
        }
        session.commit()
    })?;
    in_seconds("linked", || {
        for &book in &books {
            session.set(book, Book.shelf, shelf)?;
        }
        session.commit()
    })?;
    assert_eq!(session[shelf].books.get()?.len() as i64, MANY);
    in_seconds("deleted one by one", || {
        for &book in &books {
            session.delete(book)?;
        }
        session.commit()
    })?;
    assert!(session[shelf].books.get()?.is_empty());
    Ok(())
}

fn ten_thousand_tags_linked_and_unlinked(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let article = session.add(Article::new("a", Author::new("E")));
    let tags = session.add_all((0..MANY).map(|n| Tag::new(format!("{n}"))));
    in_seconds("linked", || {
        for &tag in &tags {
            session.link(article, Article.tags, tag)?;
        }
        session.commit()
    })?;
    in_seconds("unlinked", || {
        for &tag in &tags[1..] {
            session.unlink(tag, Tag.articles, article)?;
        }
        session.commit()
    })?;
    let rows: Vec<(i64,)> = committed(&engine, text("SELECT count(*) FROM article_tags"));
    assert_eq!(rows, [(1,)]);
    in_seconds("linked unloaded, autoflush off", || {
        let mut session = engine.session().autoflush(false);
        let article = session.query(Article).one()?;
        for tag in session.query(Tag).all()? {
            session.link(article, Article.tags, tag)?;
        }
        let linked = session.load(article, Article.tags)?;
        assert_eq!(linked.len() as i64, MANY);
        session.commit()
    })
}

fn ten_thousand_children_of_two_owners_in_one_field(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let books: Vec<Book> = (0..MANY).map(|_| Book::new("b")).collect();
    let one = session.add(Shelf { books: books.into(), ..Shelf::new("one") });
    let other = session.add(Shelf::new("other"));
    in_seconds("added", || session.commit())?;
    let books = session[one].books.get()?.to_vec();
    in_seconds("moved as a whole", || {
        session[other].books = books.clone().into();
        session.commit()
    })?;
    assert!(session[one].books.get()?.is_empty());
    in_seconds("replaced, not loaded", || {
        let mut session = engine.session();
        let other = session.query(Shelf).filter(Shelf.name.eq("other")).one()?;
        let kept: Vec<_> = session.query(Book).limit(5000).all()?;
        session[other].books = kept.into();
        session.commit()
    })?;
    let rows: Vec<(i64,)> =
        committed(&engine, text("SELECT count(*) FROM books WHERE shelf_id IS NULL"));
    assert_eq!(rows, [(5000,)]);
    Ok(())
}

fn a_loop_that_loads_and_changes(db: &TestDatabase) -> Done {
    let engine = ready(db);
    fill(&engine, 1000, 10)?;
    let mut session = engine.session();
    let log = engine.record();
    in_seconds("loaded and changed", || {
        for article in session.query(Article).order_by(Article.id).all()? {
            let author = session.load(article, Article.author)?;
            session[article].title.push('!');
            session[author].name.push('!');
        }
        session.commit()
    })?;
    let selects = log.take().iter().filter(|sql| sql.starts_with("SELECT")).count();
    assert!(selects <= 11, "{selects}");
    Ok(())
}

fn ten_thousand_children_deleted_with_their_owner(db: &TestDatabase) -> Done {
    let engine = ready(db);
    fill(&engine, 2, MANY / 2)?;
    in_seconds("by a cascade", || {
        let mut session = engine.session();
        for author in session.query(Author).include(Author.articles.then(Article.tags)).all()? {
            session.delete(author)?;
        }
        session.commit()
    })?;
    in_seconds("by the database", || {
        let mut session = engine.session();
        let files: Vec<File> = (0..MANY).map(|_| File::new("f", Ref::unset())).collect();
        let folder = session.add(Folder { files: files.into(), ..Folder::new("f") });
        session.commit()?;
        assert_eq!(session[folder].files.get()?.len() as i64, MANY);
        session.query(Folder).delete()?;
        session.commit()
    })?;
    let rows: Vec<(i64,)> = committed(&engine, text("SELECT count(*) FROM files"));
    assert_eq!(rows, [(0,)]);
    Ok(())
}
