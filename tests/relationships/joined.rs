//! Relationships read in the rows of their owners: one statement, the same objects.

use crate::common::{run, statements};
use crate::models::*;
use orm::prelude::*;
use orm::session::LoadMode;
use orm::{ErrorKind, Handle};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_collection_is_read_in_the_rows_of_its_owner,
    limit_counts_owners,
    owners_are_given_once_and_joins_of_the_query_as_they_are,
    a_reference_is_read_without_numbers,
    paths_are_joined_to_any_depth,
    what_is_behind_a_join_can_have_statements_of_its_own,
    siblings_do_not_multiply,
    a_tree_of_one_table_is_joined,
    joins_through_composite_keys_and_null,
    an_order_by_another_table_is_kept,
    what_is_loaded_or_changed_is_kept,
    plain_values_are_the_same_tree,
    pages_and_streams_read_it_by_statements_of_their_own,
    what_cannot_be_joined_is_told,
);

type Done = orm::Result<()>;

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
            "INSERT INTO twigs (id, name, parent_id) VALUES (1, 'r', NULL), (2, 'r.1', 1), (3, 'r.0', 1), (4, 'r.0.0', 3)",
            "INSERT INTO regions (country, code, name) VALUES ('de', 1, 'none'), ('de', 2, 'one'), ('fr', 1, 'many')",
            "INSERT INTO towns (id, name, region_country, region_code) VALUES (1, 'c', 'fr', 1), (2, 'b', 'de', 2), (3, 'a', 'fr', 1), (4, 'd', NULL, NULL)",
            "INSERT INTO rivers (id, name) VALUES (1, 'y'), (2, 'x')",
            "INSERT INTO region_rivers (region_country, region_code, river_id) VALUES ('de', 2, 1), ('fr', 1, 1), ('fr', 1, 2)",
        ],
    );
    Ok(engine)
}

fn titles(session: &Session, author: Handle<Author>) -> orm::Result<Vec<&str>> {
    Ok(session[author].articles.get()?.iter().map(|&a| session[a].title.as_str()).collect())
}

fn a_collection_is_read_in_the_rows_of_its_owner(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let log = engine.record();
    let authors =
        session.query(Author).order_by(Author.id).include(Author.articles.joined()).all()?;
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(authors.len(), 3, "each once");
    assert_eq!(titles(&session, authors[0])?, ["a", "b"]);
    assert_eq!(titles(&session, authors[1])?, ["c"]);
    assert!(titles(&session, authors[2])?.is_empty());
    Ok(())
}

fn limit_counts_owners(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let query = select(Author).order_by(Author.name.desc()).include(Author.articles.joined());
    let log = engine.record();
    let authors = query.clone().limit(2).all(&mut session)?;
    let names: Vec<&str> = authors.iter().map(|&a| session[a].name.as_str()).collect();
    assert_eq!(names, ["none", "E"]);
    assert_eq!(titles(&session, authors[1])?, ["a", "b"]);
    let last = query.clone().offset(1).limit(2).all(&mut session)?;
    assert_eq!(titles(&session, last[1])?, ["c"]);
    let first = query.first(&mut session)?.expect("there");
    assert_eq!(first, authors[0]);
    let one = query.filter(Author.id.eq(1)).one(&mut session)?;
    assert_eq!(one, authors[1], "two articles are not two rows");
    assert_eq!(statements(&log).len(), 4);
    Ok(())
}

fn owners_are_given_once_and_joins_of_the_query_as_they_are(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let query = select(Author).join(Author.articles).order_by(Article.id);
    let mut session = engine.session();
    let apart = query.clone().include(Author.articles).all(&mut session)?;
    let mut session = engine.session();
    let joined = query.include(Author.articles.joined()).all(&mut session)?;
    assert_eq!(apart.len(), joined.len());
    assert_eq!(joined[0], joined[1]);
    assert_eq!(titles(&session, joined[0])?, ["a", "b"]);
    Ok(())
}

fn a_reference_is_read_without_numbers(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let log = engine.record();
    let articles = session
        .query(Article)
        .order_by(Article.id)
        .limit(2)
        .include(Article.author.joined().then(Author.profile))
        .all()?;
    let log = statements(&log);
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[0].contains("LEFT JOIN") && !log[0].contains("row_number"), "{log:?}");
    let author = session.load(articles[0], Article.author)?;
    assert_eq!(session[author].name, "E");
    assert!(session[author].profile.get()?.is_some());
    assert_eq!(articles.len(), 2);
    let profiles =
        session.query(Profile).order_by(Profile.id).include(Profile.author.joined()).all()?;
    assert_eq!(session.load(profiles[1], Profile.author)?, None);
    Ok(())
}

fn paths_are_joined_to_any_depth(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let log = engine.record();
    let path = Author
        .articles
        .joined()
        .then((Article.tags.joined(), Article.author.joined().then(Author.profile.joined())));
    let authors = session.query(Author).order_by(Author.id).include(path).all()?;
    assert_eq!(statements(&log).len(), 1);
    assert_eq!(titles(&session, authors[0])?, ["a", "b"]);
    let b = session[authors[0]].articles.get()?[1];
    let names: Vec<&str> =
        session[b].tags.get()?.iter().map(|&tag| session[tag].name.as_str()).collect();
    assert_eq!(names, ["x", "y"]);
    assert!(session[authors[0]].profile.get()?.is_some());
    assert_eq!(session.load(b, Article.author)?, authors[0]);
    Ok(())
}

fn what_is_behind_a_join_can_have_statements_of_its_own(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let query = select(Author)
        .order_by(Author.id)
        .include((Author.articles.joined().then(Article.tags), Author.profile));
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let log = engine.record();
    let authors = query.all(&mut session)?;
    assert_eq!(statements(&log).len(), 3);
    let b = session[authors[0]].articles.get()?[1];
    assert_eq!(session[b].tags.get()?.len(), 2);
    let mut connection = engine.connect()?;
    let authors = query.all(&mut connection)?;
    assert_eq!(statements(&log).len(), 3);
    assert_eq!(authors[0].articles.values()?[1].tags.values()?.len(), 2);
    assert!(authors[0].profile.value()?.is_some());
    Ok(())
}

fn siblings_do_not_multiply(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let query = select(Region)
        .order_by((Region.country, Region.code))
        .include((Region.towns.joined(), Region.rivers.joined()));
    let mut session = engine.session();
    let log = engine.record();
    let regions = query.all(&mut session)?;
    let mut connection = engine.connect()?;
    let plain = query.all(&mut connection)?;
    assert_eq!(statements(&log).len(), 2);
    for (count, (&region, plain)) in
        [(0, 0), (1, 1), (2, 2)].into_iter().zip(regions.iter().zip(&plain))
    {
        assert_eq!(session[region].towns.get()?.len(), count.0);
        assert_eq!(session[region].rivers.get()?.len(), count.1);
        assert_eq!(plain.towns.values()?.len(), count.0);
        assert_eq!(plain.rivers.values()?.len(), count.1);
    }
    let many = &plain[2];
    let rivers: Vec<&str> = many.rivers.values()?.iter().map(|river| river.name.as_str()).collect();
    let towns: Vec<&str> = many.towns.values()?.iter().map(|town| town.name.as_str()).collect();
    assert_eq!((rivers, towns), (vec!["x", "y"], vec!["a", "c"]));
    Ok(())
}

fn a_tree_of_one_table_is_joined(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let log = engine.record();
    let root = session
        .query(Twig)
        .filter(Twig.parent.is_null())
        .include(Twig.children.joined().then(Twig.children.joined()))
        .one()?;
    assert_eq!(statements(&log).len(), 1);
    let first = session[root].children.get()?[0];
    assert_eq!(session[first].name, "r.0");
    assert_eq!(session[first].children.get()?.len(), 1);
    let second = session[root].children.get()?[1];
    assert!(session[second].children.get()?.is_empty());
    Ok(())
}

fn joins_through_composite_keys_and_null(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let query =
        select(Town).order_by(Town.id).include(Town.region.joined().then(Region.rivers.joined()));
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let towns = query.all(&mut session)?;
    assert_eq!(towns.len(), 4);
    let region = session.load(towns[0], Town.region)?.expect("there");
    assert_eq!(session[region].rivers.get()?.len(), 2);
    assert_eq!(session.load(towns[3], Town.region)?, None);
    let plain = query.all(&mut engine.connect()?)?;
    let region = plain[2].region.as_ref().expect("there is one").value()?;
    assert_eq!(region.rivers.values()?.len(), 2);
    assert!(plain[3].region.is_none());
    Ok(())
}

fn an_order_by_another_table_is_kept(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let articles = session
        .query(Article)
        .join(Article.author)
        .order_by((Author.name, Article.title.desc()))
        .limit(3)
        .include(Article.tags.joined())
        .all()?;
    let titles: Vec<&str> = articles.iter().map(|&a| session[a].title.as_str()).collect();
    assert_eq!(titles, ["c", "b", "a"]);
    assert_eq!(session[articles[1]].tags.get()?.len(), 2);
    Ok(())
}

fn what_is_loaded_or_changed_is_kept(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session().autoflush(false);
    let bo = session.get(Author, 2)?.expect("there");
    let article = session.get(Article, 1)?.expect("there");
    session[article].title = "mine".into();
    session.set(article, Article.author, bo)?;
    let new = session.add(Article::new("new", bo));
    let authors =
        session.query(Author).order_by(Author.id).include(Author.articles.joined()).all()?;
    assert_eq!(session[article].title, "mine");
    assert_eq!(session[authors[0]].articles.get()?.len(), 1);
    let of_bo = session[bo].articles.get()?.to_vec();
    assert_eq!(of_bo.len(), 3);
    assert!(of_bo.contains(&article) && of_bo.contains(&new));
    session[bo].articles.remove(new);
    session.query(Author).include(Author.articles.joined()).all()?;
    assert_eq!(session[bo].articles.get()?.len(), 2, "what is loaded stays");
    session.rollback()
}

fn plain_values_are_the_same_tree(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut connection = engine.connect()?;
    let apart = select(Author)
        .order_by(Author.id)
        .include((Author.articles.then((Article.tags, Article.author)), Author.profile));
    let joined = select(Author).order_by(Author.id).include((
        Author.articles.joined().then((Article.tags.joined(), Article.author.joined())),
        Author.profile.joined(),
    ));
    let log = engine.record();
    let joined = joined.all(&mut connection)?;
    assert_eq!(statements(&log).len(), 1);
    let apart = apart.all(&mut connection)?;
    assert_eq!(joined.len(), apart.len());
    for (one, other) in joined.iter().zip(&apart) {
        assert_eq!(one.name, other.name);
        let bio = |author: &Author| {
            author.profile.value().map(|profile| profile.map(|profile| profile.bio.clone()))
        };
        assert_eq!(bio(one), bio(other));
        let tree = |author: &Author| -> orm::Result<Vec<(String, Option<String>, Vec<String>)>> {
            let mut all = Vec::new();
            for article in author.articles.values()? {
                let tags = article.tags.values()?.iter().map(|tag| tag.name.clone()).collect();
                let author = article.author.value().ok().map(|author| author.name.clone());
                all.push((article.title.clone(), author, tags));
            }
            Ok(all)
        };
        assert_eq!(tree(one)?, tree(other)?);
    }
    Ok(())
}

fn pages_and_streams_read_it_by_statements_of_their_own(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let query = select(Author).order_by(Author.id).include(Author.articles.joined());
    let mut pages = query.pages(&mut session, 2)?;
    let page = pages.next(&mut session)?.expect("there");
    assert_eq!(page.len(), 2);
    assert_eq!(titles(&session, page[0])?, ["a", "b"]);
    pages.close(&mut session)?;
    let mut rows = query.stream(&mut session)?;
    assert_eq!(rows.next(&mut session)?.expect("there").articles.values()?.len(), 2);
    rows.close(&mut session)
}

fn what_cannot_be_joined_is_told(db: &TestDatabase) -> Done {
    let engine = blog(db)?;
    let mut session = engine.session();
    let below = select(Author).include(Author.articles.then(Article.tags.joined()));
    let error = below.all(&mut session).expect_err("no row to be in");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    let told = "`Article.tags.joined()` stands behind `Author.articles`, which is not joined; \
                write `Author.articles.joined().then(..)`, or leave `joined()` away";
    assert_eq!(error.to_string(), told);
    let distinct = select(Author).distinct().include(Author.articles.joined());
    let error = distinct.all(&mut session).expect_err("distinct");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    Ok(())
}
