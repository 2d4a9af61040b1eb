//! Relationships that are read only, with conditions of their own.

use crate::common::{run, statements};
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database!(
    a_view_is_loaded_included_and_asked_for,
    a_view_of_links,
    a_view_of_its_like_speaks_of_the_other_side,
    a_view_on_a_connection,
    what_is_put_into_a_view_is_refused,
    a_view_is_not_linked_by,
    a_view_stays_as_it_was_read,
    a_deleted_object_is_in_no_view,
    a_copy_has_nothing_of_a_view,
    a_view_says_nothing_in_a_merged_value,
    a_view_knows_nothing_of_cascades,
    a_view_is_under_criteria,
);

on_postgres!(statements_of_views);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "reporters")]
pub struct Reporter {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = reporter, cascade(all, delete_orphan), order_by = title)]
    pub stories: Many<Story>,
    #[orm(view_only, back_populates = reporter, filter = |story| story.views.ge(100) & !story.title.eq("x"), order_by = views.desc())]
    pub popular: Many<Story>,
    #[orm(view_only, back_populates = reporter, order_by = views)]
    pub by_views: Many<Story>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "stories")]
pub struct Story {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    #[orm(default = 0)]
    pub views: i64,
    pub reporter: Ref<Reporter>,
    #[orm(secondary = "story_themes", back_populates = stories, order_by = name)]
    pub themes: Many<Theme>,
    #[orm(view_only, secondary = "story_themes", filter = is_hot, order_by = name)]
    pub hot: Many<Theme>,
    pub follows: Option<Ref<Story>>,
    #[orm(back_populates = follows, order_by = title)]
    pub followed_by: Many<Story>,
    #[orm(view_only, back_populates = follows, filter = |story| story.followed_by.any(|next| next.views.gt(0)))]
    pub followed_on: Many<Story>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "themes")]
pub struct Theme {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(default = false)]
    pub hot: bool,
    #[orm(secondary = "story_themes", back_populates = themes)]
    pub stories: Many<Story>,
}

fn is_hot(theme: ThemeEntity) -> orm::sql::Column<Theme, bool> {
    theme.hot
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Reporter, Story, Theme));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    run(
        &engine,
        &[
            "INSERT INTO reporters (name) VALUES ('Ann'), ('Bo')",
            "INSERT INTO stories (title, views, reporter_id, follows_id) VALUES ('a', 100, 1, NULL), ('b', 99, 1, 1), ('c', 300, 1, 2), ('x', 500, 1, 2), ('d', 0, 2, NULL)",
            "INSERT INTO themes (name, hot) VALUES ('war', true), ('art', false), ('sea', true)",
            "INSERT INTO story_themes (story_id, theme_id) VALUES (1, 1), (1, 2), (1, 3), (2, 2)",
        ],
    );
    Ok(engine)
}

fn titles(session: &Session, stories: &[orm::Handle<Story>]) -> Vec<String> {
    stories.iter().map(|&story| session[story].title.clone()).collect()
}

fn a_view_is_loaded_included_and_asked_for(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    let found = ann.popular(&mut session)?;
    assert_eq!(titles(&session, &found), ["c", "a"]);
    let found = session.load(ann, Reporter.by_views)?;
    assert_eq!(titles(&session, &found), ["b", "a", "c", "x"]);
    assert_eq!(ann.stories(&mut session)?.len(), 4);

    for path in [
        select(Reporter).include(Reporter.popular),
        select(Reporter).include(Reporter.popular.joined()),
    ] {
        let mut session = engine.session();
        let log = engine.record();
        let found = path.order_by(Reporter.id).all(&mut session)?;
        let lists: Vec<Vec<String>> = found
            .iter()
            .map(|&reporter| session[reporter].popular.get().map(|list| titles(&session, list)))
            .collect::<Result<_, _>>()
            .expect("included");
        assert_eq!(lists, [vec!["c".to_owned(), "a".to_owned()], vec![]]);
        assert!(statements(&log).len() <= 2);
    }

    let mut session = engine.session();
    let with_popular = select(Reporter.name).filter(Reporter.popular.exists());
    assert_eq!(with_popular.all(&mut session)?, ["Ann"]);
    let long = Reporter.popular.any(|story| story.views.lt(100));
    assert_eq!(select(Reporter).filter(long).count(&mut session)?, 0);
    let joined = select((Reporter.name, Story.title)).join(Reporter.popular).order_by(Story.title);
    let expected = ["a", "c"].map(|title| ("Ann".to_owned(), title.to_owned()));
    assert_eq!(joined.all(&mut session)?, expected);
    let counted = select((Reporter.name, count(Story.id)))
        .left_join(Reporter.popular)
        .group_by(Reporter.name)
        .order_by(Reporter.name);
    assert_eq!(counted.all(&mut session)?, [("Ann".to_owned(), 2), ("Bo".to_owned(), 0)]);
    let most = select((Reporter, Reporter.popular.limit(1))).order_by(Reporter.id);
    let rows = most.all(&mut session)?;
    assert_eq!(titles(&session, &rows[0].1), ["c"]);
    assert!(rows[1].1.is_empty());
    Ok(())
}

fn a_view_of_links(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let story = session.get(Story, 1)?.expect("there");
    let hot = story.hot(&mut session)?;
    let names: Vec<&str> = hot.iter().map(|&theme| session[theme].name.as_str()).collect();
    assert_eq!(names, ["sea", "war"]);
    assert_eq!(story.themes(&mut session)?.len(), 3);
    let some = select(Story.title).filter(Story.hot.exists());
    assert_eq!(some.all(&mut session)?, ["a"]);
    let all = select(Story).include(Story.hot).order_by(Story.id).all(&mut engine.session())?;
    assert_eq!(all.len(), 5);
    Ok(())
}

fn a_view_of_its_like_speaks_of_the_other_side(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    // `b` follows `a` and is followed by stories that are read
    let found = select(Story.title).filter(Story.followed_on.exists());
    assert_eq!(found.all(&mut session)?, ["a"]);
    let story = session.get(Story, 1)?.expect("there");
    let next = story.followed_on(&mut session)?;
    assert_eq!(titles(&session, &next), ["b"]);
    let story = session.get(Story, 2)?.expect("there");
    assert!(story.followed_on(&mut session)?.is_empty());
    let twice = Story.followed_by.any(|next| next.followed_on.exists());
    assert_eq!(select(Story).filter(twice).count(&mut session)?, 0);
    Ok(())
}

fn a_view_on_a_connection(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut connection = engine.connect()?;
    let path = Reporter.popular.then(Story.hot);
    for statement in [
        select(Reporter).include(path),
        select(Reporter).include(Reporter.popular.joined().then(Story.hot.joined())),
    ] {
        let found = statement.order_by(Reporter.id).all(&mut connection)?;
        let popular = found[0].popular.values()?;
        assert_eq!(popular[0].title, "c");
        assert_eq!(popular[1].hot.values()?.len(), 2);
        assert!(found[1].popular.values()?.is_empty());
    }
    Ok(())
}

fn what_is_put_into_a_view_is_refused(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let refused = |error: orm::Error| {
        assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
        assert!(
            error.to_string().contains("is view_only, and nothing can be put into it"),
            "{error}"
        );
    };
    let changes: [fn(&mut Session, orm::Handle<Reporter>, orm::Handle<Story>); 5] = [
        |session, ann, story| session[ann].popular.push(story),
        |session, ann, _| session[ann].popular.push(Story::new("new", Ref::unset())),
        |session, ann, _| session[ann].popular.clear(),
        |session, ann, story| session[ann].popular = [story].into(),
        |session, ann, _| {
            let first = session[ann].popular.get().map(|list| list[0]);
            session[ann].popular.remove(first.expect("loaded"));
        },
    ];
    for change in changes {
        let mut session = engine.session();
        let ann = session.get(Reporter, 1)?.expect("there");
        let story = session.get(Story, 5)?.expect("there");
        ann.popular(&mut session)?;
        change(&mut session, ann, story);
        let log = engine.record();
        refused(session.flush().expect_err("it is read only"));
        assert!(statements(&log).is_empty());
        session.rollback()?;
        session.commit()?;
    }
    let mut session = engine.session();
    let popular = [Story::new("new", Ref::unset())].into();
    session.add(Reporter { popular, ..Reporter::new("Cy") });
    refused(session.commit().expect_err("it is read only"));
    Ok(())
}

fn a_view_is_not_linked_by(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    let story = session.get(Story, 5)?.expect("there");
    let theme = session.get(Theme, 1)?.expect("there");
    let new = Story::new("new", Ref::unset());
    for refused in [
        session.link(ann, Reporter.popular, story),
        session.unlink(ann, Reporter.popular, story),
        session.push(ann, Reporter.popular, new).map(|_| ()),
        session.link(story, Story.hot, theme),
    ] {
        assert_eq!(refused.expect_err("it is read only").kind(), ErrorKind::InvalidState);
    }
    let log = engine.record();
    session.commit()?;
    assert!(statements(&log).is_empty());
    Ok(())
}

fn a_view_stays_as_it_was_read(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    let popular = ann.popular(&mut session)?;
    let story =
        session.push(ann, Reporter.stories, Story { views: 900, ..Story::new("new", ann) })?;
    session[popular[0]].views = 0;
    session.commit()?;
    assert_eq!(ann.popular(&mut session)?, popular);
    session.refresh(ann)?;
    assert_eq!(ann.popular(&mut session)?, [story, popular[1]]);
    session.expire(ann)?;
    assert!(session[ann].popular.get().is_err());
    assert_eq!(ann.popular(&mut session)?, [story, popular[1]]);
    // one that is loaded while something is pending sees what was flushed
    let bo = session.get(Reporter, 2)?.expect("there");
    let other = session.add(Story { views: 100, ..Story::new("of Bo", bo) });
    assert_eq!(bo.popular(&mut session)?, [other]);
    Ok(())
}

fn a_deleted_object_is_in_no_view(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    let popular = ann.popular(&mut session)?;
    session.delete(popular[0])?;
    session.commit()?;
    assert_eq!(ann.popular(&mut session)?, popular[1..]);
    session.expunge(popular[1])?;
    assert_eq!(ann.popular(&mut session)?.len(), 1);
    Ok(())
}

fn a_copy_has_nothing_of_a_view(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    ann.popular(&mut session)?;
    let copy = Reporter { id: Auto::Unset, ..session[ann].clone() };
    let copy = session.add(copy);
    session.commit()?;
    assert!(copy.popular(&mut session)?.is_empty());
    assert_eq!(ann.popular(&mut session)?.len(), 2);
    Ok(())
}

fn a_view_says_nothing_in_a_merged_value(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    ann.popular(&mut session)?;
    let mut value = session.detached(ann)?;
    assert_eq!(value.popular.values()?.len(), 2);
    value.popular.clear();
    value.name = "Anna".into();
    let mut other = engine.session();
    other.merge(value)?;
    other.commit()?;
    let new = Reporter { popular: [Story::new("no", Ref::unset())].into(), ..Reporter::new("Cy") };
    other.merge(new)?;
    other.commit()?;
    assert_eq!(other.query(Story).count()?, 5);
    assert_eq!(other.query(Reporter.name).order_by(Reporter.id).all()?, ["Anna", "Bo", "Cy"]);
    Ok(())
}

fn a_view_knows_nothing_of_cascades(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    run(&engine, &["UPDATE stories SET follows_id = NULL"]);
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    ann.popular(&mut session)?;
    session.delete(ann)?;
    session.commit()?;
    assert_eq!(session.query(Story.title).all()?, ["d"]);
    Ok(())
}

fn a_view_is_under_criteria(db: &TestDatabase) -> Done {
    drop(ready(db)?);
    let engine = Engine::builder(db.url())
        .models(Schema::of((Reporter, Story, Theme)))
        .criterion("known", Story, |story| story.views.lt(300))
        .criterion("read", Reporter, |reporter| reporter.popular.exists())
        .build()?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    assert!(session.get(Reporter, 2)?.is_none());
    let found = ann.popular(&mut session)?;
    assert_eq!(titles(&session, &found), ["a"]);
    Ok(())
}

fn statements_of_views(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let ann = session.get(Reporter, 1)?.expect("there");
    let log = engine.record();
    ann.popular(&mut session)?;
    select(Reporter.id).filter(Reporter.popular.exists()).all(&mut session)?;
    select(Story.id).filter(Story.followed_on.exists()).all(&mut session)?;
    let sent = statements(&log);
    let behind = |at: usize| sent[at].split_once(" WHERE ").map_or("", |(_, rest)| rest);
    let expected = r#"("stories"."reporter_id" = ANY($1)) AND (("stories"."views" >= $2) AND (NOT ("stories"."title" = $3))) ORDER BY "stories"."views" DESC, "stories"."id""#;
    let turned = r#"(("stories"."views" >= $1) AND (NOT ("stories"."title" = $2))) AND ("stories"."reporter_id" = ANY($3)) ORDER BY "stories"."views" DESC, "stories"."id""#;
    assert!(behind(0) == expected || behind(0) == turned, "{}", behind(0));
    let expected = r#"EXISTS (SELECT $1 FROM "stories" AS "stories_1" WHERE ("stories_1"."reporter_id" = "reporters"."id") AND (("stories_1"."views" >= $2) AND (NOT ("stories_1"."title" = $3))))"#;
    assert_eq!(behind(1), expected);
    let expected = r#"EXISTS (SELECT $1 FROM "stories" AS "stories_1" WHERE ("stories_1"."follows_id" = "stories"."id") AND EXISTS (SELECT $2 FROM "stories" AS "stories_1002" WHERE ("stories_1002"."follows_id" = "stories_1"."id") AND ("stories_1002"."views" > $3)))"#;
    assert_eq!(behind(2), expected);
    Ok(())
}
