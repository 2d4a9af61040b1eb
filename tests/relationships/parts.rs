//! Filtered, sorted and limited parts of collections, as results of their own.

use crate::common::{committed, run, statements};
use crate::models::*;
use orm::ErrorKind;
use orm::Handle;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    the_first_children_of_each_parent_are_one_statement,
    a_part_is_sorted_as_its_collection_unless_it_is_said,
    a_part_of_a_many_to_many,
    a_part_of_a_collection_of_its_like,
    a_part_through_composite_keys,
    a_part_never_passes_for_the_collection,
    changes_of_objects_of_a_part_are_written_and_no_others,
    several_parts_and_columns_beside_them,
    what_a_part_includes,
    a_part_of_an_alias_and_of_a_missing_owner,
    a_part_sees_what_was_flushed_before_it,
    a_part_on_a_connection,
    parts_come_with_streams_and_pages,
    a_part_speaks_of_its_own_model_only,
);

type Done = orm::Result<()>;

fn blog(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = ready(db);
    run(
        &engine,
        &[
            "INSERT INTO authors (id, name) VALUES (1, 'E'), (2, 'Bo'), (3, 'none')",
            "INSERT INTO articles (id, title, author_id) VALUES (1, 'd', 1), (2, 'c', 1), (3, 'b', 1), (4, 'a', 1), (5, 'x', 2)",
            "INSERT INTO tags (id, name) VALUES (1, 'z'), (2, 'y'), (3, 'x'), (4, 'unused')",
            "INSERT INTO article_tags (article_id, tag_id) VALUES (1, 1), (1, 2), (1, 3), (5, 1)",
            "INSERT INTO twigs (id, name, parent_id) VALUES (1, 'r', NULL), (2, 'r.1', 1), (3, 'r.0', 1), (4, 'r.0.0', 3)",
            "INSERT INTO regions (country, code, name) VALUES ('de', 1, 'none'), ('de', 2, 'one'), ('fr', 1, 'many')",
            "INSERT INTO towns (id, name, region_country, region_code) VALUES (1, 'c', 'fr', 1), (2, 'b', 'de', 2), (3, 'a', 'fr', 1)",
            "INSERT INTO rivers (id, name) VALUES (1, 'y'), (2, 'x')",
            "INSERT INTO region_rivers (region_country, region_code, river_id) VALUES ('de', 2, 1), ('fr', 1, 1), ('fr', 1, 2)",
        ],
    );
    Ok(engine)
}

fn titles(session: &Session, articles: &[Handle<Article>]) -> Vec<String> {
    articles.iter().map(|&article| session[article].title.clone()).collect()
}

fn the_first_children_of_each_parent_are_one_statement(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let newest = Author.articles.order_by(Article.id.desc()).limit(2);
    let rows = select((Author, newest.clone())).order_by(Author.id).all(&mut session)?;
    let log = statements(&log);
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(
        log[1].contains("row_number() OVER (PARTITION BY \"articles\".\"author_id\""),
        "{log:?}"
    );
    let found: Vec<Vec<String>> =
        rows.iter().map(|(_, articles)| titles(&session, articles)).collect();
    assert_eq!(found, [vec!["a", "b"], vec!["x"], vec![]]);
    let next = select((Author, newest.offset(1))).order_by(Author.id).all(&mut session)?;
    let found: Vec<Vec<String>> =
        next.iter().map(|(_, articles)| titles(&session, articles)).collect();
    assert_eq!(found, [vec!["b", "c"], vec![], vec![]]);
    Ok(())
}

fn a_part_is_sorted_as_its_collection_unless_it_is_said(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let part = Author.articles.filter(Article.title.ne("b")).filter(Article.id.le(4));
    let (_, articles) = session.query((Author, part)).filter(Author.id.eq(1)).one()?;
    assert_eq!(titles(&session, &articles), ["a", "c", "d"]);
    let (_, first) =
        session.query((Author, Author.articles.limit(1))).filter(Author.id.eq(1)).one()?;
    assert_eq!(titles(&session, &first), ["a"]);
    Ok(())
}

fn a_part_of_a_many_to_many(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let part = Article.tags.filter(Tag.name.ne("y")).limit(1);
    let rows = session.query((Article.title, part)).order_by(Article.id).all()?;
    assert_eq!(statements(&log).len(), 2);
    let found: Vec<(String, Vec<String>)> = rows
        .into_iter()
        .map(|(title, tags)| {
            (title, tags.into_iter().map(|tag| session[tag].name.clone()).collect())
        })
        .filter(|(_, tags): &(String, Vec<String>)| !tags.is_empty())
        .collect();
    assert_eq!(
        found,
        [("d".to_owned(), vec!["x".to_owned()]), ("x".to_owned(), vec!["z".to_owned()])]
    );
    Ok(())
}

fn a_part_of_a_collection_of_its_like(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let part = Twig.children.filter(Twig.name.ends_with("1"));
    let rows = session.query((Twig, part)).order_by(Twig.id).all()?;
    assert_eq!(rows.iter().map(|(_, part)| part.len()).collect::<Vec<_>>(), [1, 0, 0, 0]);
    assert_eq!(rows[0].1[0], rows[1].0);
    Ok(())
}

fn a_part_through_composite_keys(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let rows = session
        .query((Region, Region.towns.limit(1), Region.rivers.limit(1)))
        .order_by((Region.country, Region.code))
        .all()?;
    assert_eq!(statements(&log).len(), 3);
    let names: Vec<(Vec<&str>, Vec<&str>)> = rows
        .iter()
        .map(|(_, towns, rivers)| {
            (
                towns.iter().map(|&town| session[town].name.as_str()).collect(),
                rivers.iter().map(|&river| session[river].name.as_str()).collect(),
            )
        })
        .collect();
    assert_eq!(names, [(vec![], vec![]), (vec!["b"], vec!["y"]), (vec!["a"], vec!["x"])]);
    Ok(())
}

fn a_part_never_passes_for_the_collection(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let part = || Author.articles.filter(Article.title.eq("a"));
    let (author, articles) = session.query((Author, part())).filter(Author.id.eq(1)).one()?;
    assert_eq!(articles.len(), 1);
    assert!(session[author].articles.get().is_err(), "the collection is not loaded");
    assert_eq!(session.load(author, Author.articles)?.len(), 4);
    let (_, again) = session.query((Author, part())).filter(Author.id.eq(1)).one()?;
    assert_eq!(again, articles);
    assert_eq!(session[author].articles.get()?.len(), 4, "and stays as it was loaded");
    Ok(())
}

fn changes_of_objects_of_a_part_are_written_and_no_others(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let part = Author.articles.filter(Article.title.eq("a"));
    let (_, mut articles) = session.query((Author, part)).filter(Author.id.eq(1)).one()?;
    session[articles[0]].title = "A".into();
    articles.clear();
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1, "the part is a list, not a collection");
    let titles: Vec<(String,)> =
        committed(&engine, text("SELECT title FROM articles WHERE author_id = 1 ORDER BY id"));
    assert_eq!(titles.len(), 4);
    assert_eq!(titles[3].0, "A");
    Ok(())
}

fn several_parts_and_columns_beside_them(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let early = Author.articles.filter(Article.title.lt("c"));
    let late = Author.articles.filter(Article.title.ge("c")).order_by(Article.title.desc());
    let rows = session
        .query((Author.name, early, Author, late, Author.id))
        .join(Author.articles)
        .filter(Article.id.in_([1, 2]))
        .order_by(Article.id)
        .all()?;
    assert_eq!(rows.len(), 2, "a row of the join for each article");
    for (name, early, author, late, id) in rows {
        assert_eq!(name, "E");
        assert!(session[author].id == id);
        assert_eq!(titles(&session, &early), ["a", "b"]);
        assert_eq!(titles(&session, &late), ["d", "c"]);
    }
    Ok(())
}

fn what_a_part_includes(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let part = || Author.articles.filter(Article.title.ge("d")).include(Article.tags);
    let mut session = engine.session();
    let log = engine.record();
    let rows = session.query((Author, part())).order_by(Author.id).all()?;
    assert_eq!(statements(&log).len(), 3);
    assert_eq!(session[rows[0].1[0]].tags.get()?.len(), 3);
    let mut connection = engine.connect()?;
    let rows = select((Author, part())).order_by(Author.id).all(&mut connection)?;
    assert_eq!(rows[0].1[0].tags.values()?.len(), 3);
    assert!(rows[0].0.articles.values().is_err());
    Ok(())
}

fn a_part_of_an_alias_and_of_a_missing_owner(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let parent = Twig.alias("parent");
    let rows = session
        .query((Twig.name, parent.children.filter(Twig.name.eq("r.0"))))
        .left_join(Twig.parent.to(parent))
        .order_by(Twig.id)
        .all()?;
    let counts: Vec<usize> = rows.iter().map(|(_, siblings)| siblings.len()).collect();
    assert_eq!(counts, [0, 1, 1, 0]);
    let writer = Article.alias("a");
    let rows = session.query((writer, writer.tags.limit(2))).order_by(writer.id).all()?;
    assert_eq!(rows[0].1.len(), 2);
    Ok(())
}

fn a_part_sees_what_was_flushed_before_it(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let article = session.get(Article, 1)?.expect("there");
    session[article].title = "0".into();
    let (_, first) =
        session.query((Author, Author.articles.limit(1))).filter(Author.id.eq(1)).one()?;
    assert_eq!(titles(&session, &first), ["0"]);
    Ok(())
}

fn a_part_on_a_connection(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut connection = engine.connect()?;
    let log = engine.record();
    let rows: Vec<(Author, Vec<Article>)> =
        select((Author, Author.articles.limit(2))).order_by(Author.id).all(&mut connection)?;
    assert_eq!(statements(&log).len(), 2);
    let titles: Vec<Vec<&str>> = rows
        .iter()
        .map(|(_, part)| part.iter().map(|article| article.title.as_str()).collect())
        .collect();
    assert_eq!(titles, [vec!["a", "b"], vec!["x"], vec![]]);
    let none: Vec<(Author, Vec<Article>)> =
        select((Author, Author.articles.limit(2))).filter(Author.id.gt(9)).all(&mut connection)?;
    assert!(none.is_empty());
    assert_eq!(statements(&log).len(), 1, "no owner, nothing to ask for");
    let count = select((Author, Author.articles.limit(2))).count(&mut connection)?;
    assert_eq!(count, 3);
    Ok(())
}

fn parts_come_with_streams_and_pages(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let query = select((Author.name, Author.articles.limit(1))).order_by(Author.id);
    let mut seen = Vec::new();
    let mut rows = query.stream(&mut session)?;
    while let Some((name, part)) = rows.next(&mut session)? {
        seen.push((name, part.into_iter().map(|article| article.title).collect::<String>()));
    }
    let expected = [("E", "a"), ("Bo", "x"), ("none", "")].map(|(a, b)| (a.into(), b.into()));
    assert_eq!(seen, expected);
    let mut pages = query.pages(&mut session, 2)?;
    let mut sizes = Vec::new();
    while let Some(page) = pages.next(&mut session)? {
        sizes.push(page.iter().map(|(_, part)| part.len()).collect::<Vec<_>>());
    }
    assert_eq!(sizes, [vec![1, 1], vec![0]]);
    Ok(())
}

fn a_part_speaks_of_its_own_model_only(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let part = Author.articles.filter(Author.name.eq("E"));
    let error = session.query((Author, part)).all().expect_err("not its model");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(error.to_string().contains("a column of `Author` is used"), "{error}");
    Ok(())
}
