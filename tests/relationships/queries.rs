//! Joins and conditions by relationship.

use crate::common::run;
use crate::models::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    joins_by_each_kind,
    a_left_join_gives_an_option,
    a_forgotten_optional_is_an_error_before_sql,
    any_and_has_nested,
    any_and_has_of_a_table_and_itself,
    joins_to_an_alias,
    one_table_joined_twice_without_an_alias_is_refused,
    aggregates_over_a_join,
);

type Done = orm::Result<()>;

fn filled(db: &TestDatabase) -> Engine {
    let engine = ready(db);
    run(
        &engine,
        &[
            "INSERT INTO authors (id, name) VALUES (1, 'E'), (2, 'Bo'), (3, 'none')",
            "INSERT INTO articles (id, title, author_id) VALUES (1, 'b', 1), (2, 'a', 1), (3, 'c', 2)",
            "INSERT INTO tags (id, name) VALUES (1, 'y'), (2, 'x'), (3, 'unused')",
            "INSERT INTO article_tags (article_id, tag_id) VALUES (1, 1), (1, 2), (3, 1)",
            "INSERT INTO profiles (id, bio, author_id) VALUES (1, 'of E', 1), (2, 'of none', NULL)",
            "INSERT INTO twigs (id, name, parent_id) VALUES (1, 'r', NULL), (2, 'r.0', 1), (3, 'r.0.0', 2)",
            "INSERT INTO people (id, name) VALUES (1, 'a'), (2, 'b')",
            "INSERT INTO follows (left_id, right_id) VALUES (1, 2)",
        ],
    );
    engine
}

fn joins_by_each_kind(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let mut session = engine.session();
    let rows = session
        .query((Article.title, Author.name))
        .join(Article.author)
        .order_by(Article.title)
        .all()?;
    assert_eq!(rows, [("a", "E"), ("b", "E"), ("c", "Bo")].map(|(a, b)| (a.into(), b.into())));
    let rows = session
        .query((Author.name, Tag.name))
        .join(Author.articles)
        .join(Article.tags)
        .order_by((Author.name, Tag.name))
        .all()?;
    assert_eq!(rows, [("Bo", "y"), ("E", "x"), ("E", "y")].map(|(a, b)| (a.into(), b.into())));
    let rows = session.query((Author, Profile)).join(Author.profile).all()?;
    assert_eq!(rows.len(), 1);
    assert!(session[rows[0].1].author == rows[0].0);
    let other = Person.alias("other");
    let rows = session.query((Person.name, other.name)).join(Person.following.to(other)).all()?;
    assert_eq!(rows, [("a".into(), "b".into())]);
    let rows = session.query((Person.name, other.name)).join(Person.followers.to(other)).all()?;
    assert_eq!(rows, [("b".into(), "a".into())]);
    Ok(())
}

fn a_left_join_gives_an_option(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let mut session = engine.session();
    let query = select((Author, Profile.optional())).left_join(Author.profile).order_by(Author.id);
    let rows = query.all(&mut session)?;
    assert_eq!(rows.iter().map(|row| row.1.is_some()).collect::<Vec<_>>(), [true, false, false]);
    let rows = query.all(&mut engine.connect()?)?;
    assert_eq!(rows[0].1.as_ref().map(|profile| profile.bio.as_str()), Some("of E"));
    let rows = select((Article.title, Tag.optional()))
        .left_join(Article.tags)
        .order_by((Article.title, Tag.name))
        .all(&mut session)?;
    assert_eq!(rows.len(), 4);
    assert!(rows[0].1.is_none());
    let rows = select((Author.name, Profile.bio.optional()))
        .left_join(Author.profile)
        .order_by(Author.id)
        .all(&mut session)?;
    assert_eq!(rows[1], ("Bo".into(), None));
    Ok(())
}

fn a_forgotten_optional_is_an_error_before_sql(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let log = engine.record();
    let mut session = engine.session();
    let error = select((Author, Profile)).left_join(Author.profile).all(&mut session);
    let error = error.expect_err("forgotten");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(error.to_string().contains("`Profile.optional()`"), "{error}");
    let error = select((Author.name, Profile.bio)).left_join(Author.profile).all(&mut session);
    assert!(error.is_err());
    assert!(log.is_empty());
    Ok(())
}

fn any_and_has_nested(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let mut session = engine.session();
    let names = session
        .query(Author.name)
        .filter(Author.articles.any(|article| article.tags.any(|tag| tag.name.eq("y"))))
        .order_by(Author.name)
        .all()?;
    assert_eq!(names, ["Bo", "E"]);
    let names = session
        .query(Author.name)
        .filter(Author.articles.any(|article| {
            article.tags.any(|tag| tag.name.eq("x"))
                & article.author.has(|author| author.name.eq("E"))
        }))
        .all()?;
    assert_eq!(names, ["E"]);
    let names =
        session.query(Author.name).filter(Author.profile.has(|p| p.bio.eq("of E"))).all()?;
    assert_eq!(names, ["E"]);
    let titles =
        session.query(Article.title).filter(!Article.tags.any(|tag| tag.name.ne(""))).all()?;
    assert_eq!(titles, ["a"]);
    Ok(())
}

fn any_and_has_of_a_table_and_itself(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let mut session = engine.session();
    let names = session
        .query(Twig.name)
        .filter(Twig.children.any(|child| child.children.any(|leaf| leaf.name.eq("r.0.0"))))
        .all()?;
    assert_eq!(names, ["r"]);
    let names = session
        .query(Twig.name)
        .filter(Twig.parent.has(|parent| parent.parent.has(|root| root.name.eq("r"))))
        .all()?;
    assert_eq!(names, ["r.0.0"]);
    let names = session
        .query(Person.name)
        .filter(Person.followers.any(|one| one.following.any(|other| other.name.eq("b"))))
        .all()?;
    assert_eq!(names, ["b"]);
    Ok(())
}

fn joins_to_an_alias(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let mut session = engine.session();
    let (parent, root) = (Twig.alias("parent"), Twig.alias("root"));
    let rows = session
        .query((Twig, parent, root.name))
        .join(Twig.parent.to(parent))
        .join(parent.parent.to(root))
        .all()?;
    assert_eq!(rows.len(), 1);
    assert!(session[rows[0].0].parent == rows[0].1);
    assert_eq!(rows[0].2, "r");
    let rows = session
        .query((Twig.name, parent.optional()))
        .left_join(Twig.parent.to(parent))
        .order_by(Twig.id)
        .all()?;
    assert!(rows[0].1.is_none() && rows[1].1.is_some());
    let other = Tag.alias("other");
    let titles = session
        .query(Article.title)
        .join(Article.tags)
        .join(Article.tags.to(other))
        .filter(Tag.name.eq("x"))
        .filter(other.name.eq("y"))
        .all()?;
    assert_eq!(titles, ["b"]);
    Ok(())
}

fn one_table_joined_twice_without_an_alias_is_refused(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let log = engine.record();
    let mut session = engine.session();
    let error = select(Twig).join(Twig.parent).all(&mut session).expect_err("itself");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(error.to_string().contains("alias"), "{error}");
    let error = select(Contract.wage)
        .join(Contract.worker)
        .join(Contract.firm)
        .join(Firm.jobs)
        .join(Job.worker)
        .all(&mut session)
        .expect_err("two ways to one table");
    assert!(error.to_string().contains("alias"), "{error}");
    assert!(log.is_empty());
    // the same way twice is once
    let rows = select(Article.title).join(Article.author).join(Article.author).all(&mut session)?;
    assert_eq!(rows.len(), 3);
    Ok(())
}

fn aggregates_over_a_join(db: &TestDatabase) -> Done {
    let engine = filled(db);
    let mut session = engine.session();
    let rows = session
        .query((Author.name, count(Article.id)))
        .left_join(Author.articles)
        .group_by(Author.name)
        .order_by(Author.name)
        .all()?;
    assert_eq!(rows, [("Bo".into(), 1), ("E".into(), 2), ("none".into(), 0)]);
    Ok(())
}
