//! Random rows and random plans of what is included: loaded when asked for, included in a session,
//! included without one, by statements of their own or by joins, the tree is that of plain SQL.

use crate::common::committed;
use crate::models::*;
use orm::Handle;
use orm::prelude::*;
use orm::session::LoadMode;
use orm::sql::Select;
use orm_test_support::{TestDatabase, on_each_database};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;

on_each_database!(each_way_of_loading_gives_the_tree_of_plain_sql);

/// How many random rows and plans are tried on each database.
const CASES: u32 = 100;

/// How a relationship is included: by a statement of its own, or in the rows of its owner.
#[derive(Clone, Copy, Debug)]
enum Way {
    Apart,
    Joined,
}

/// What is included, and how many authors are asked for.
#[derive(Clone, Copy, Debug)]
struct Plan {
    articles: Option<Way>,
    tags: Option<Way>,
    writer: Option<Way>,
    profile: Option<Way>,
    limit: Option<u64>,
    offset: u64,
    falling: bool,
}

/// Authors, and what points to them by their place.
#[derive(Clone, Debug)]
struct Rows {
    authors: Vec<String>,
    articles: Vec<(String, prop::sample::Index)>,
    tags: usize,
    links: Vec<(prop::sample::Index, prop::sample::Index)>,
    profiles: Vec<Option<prop::sample::Index>>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let way = || prop::option::of(prop_oneof![Just(Way::Apart), Just(Way::Joined)]);
    let rest = (prop::option::of(0_u64..5), 0_u64..3, any::<bool>());
    (way(), way(), way(), way(), rest).prop_map(
        |(articles, tags, writer, profile, (limit, offset, falling))| Plan {
            articles,
            tags,
            writer,
            profile,
            limit,
            offset,
            falling,
        },
    )
}

fn rows() -> impl Strategy<Value = Rows> {
    let place = any::<prop::sample::Index>;
    (
        vec("[a-c]", 0..6),
        vec(("[a-c]", place()), 0..10),
        0..4_usize,
        vec((place(), place()), 0..12),
        vec(prop::option::of(place()), 0..4),
    )
        .prop_map(|(authors, articles, tags, links, profiles)| Rows {
            authors,
            articles,
            tags,
            links,
            profiles,
        })
}

/// An author with what the plan includes; `None` is not included.
#[derive(Debug, PartialEq)]
struct Tree {
    id: i64,
    articles: Option<Vec<Branch>>,
    profile: Option<Vec<i64>>,
}

#[derive(Debug, PartialEq)]
struct Branch {
    id: i64,
    tags: Option<Vec<String>>,
    writer: Option<i64>,
}

fn each_way_of_loading_gives_the_tree_of_plain_sql(db: &TestDatabase) -> orm::Result<()> {
    let engine = ready(db);
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    let done = runner.run(&(rows(), plans()), |(rows, plan)| {
        compare(&engine, &rows, plan).map_err(|error| TestCaseError::fail(error.to_string()))?;
        Ok(())
    });
    if let Err(error) = done {
        panic!("{error}");
    }
    Ok(())
}

fn compare(engine: &Engine, rows: &Rows, plan: Plan) -> orm::Result<()> {
    write(engine, rows)?;
    let expected = by_sql(engine, plan);
    let mut session = engine.session();
    let lazy = lazily(&mut session, plan)?;
    assert_eq!(lazy, expected, "loaded when asked for: {plan:?} {rows:?}");
    let mut session = engine.session().load_mode(LoadMode::Forbid);
    let included = query(plan).all(&mut session)?;
    let included = tracked(&mut session, &included, plan)?;
    assert_eq!(included, expected, "included: {plan:?} {rows:?}");
    let plain = query(plan).all(&mut engine.connect()?)?;
    let plain: Vec<Tree> =
        plain.iter().map(|author| plain_tree(author, plan)).collect::<orm::Result<_>>()?;
    assert_eq!(plain, expected, "plain: {plan:?} {rows:?}");
    Ok(())
}

fn write(engine: &Engine, rows: &Rows) -> orm::Result<()> {
    let mut connection = engine.connect()?;
    for sql in [
        "DELETE FROM article_tags",
        "DELETE FROM profiles",
        "DELETE FROM articles",
        "DELETE FROM tags",
        "DELETE FROM authors",
    ] {
        connection.execute(text(sql))?;
    }
    let id = |place: usize| i64::try_from(place).expect("few") + 1;
    for (place, name) in rows.authors.iter().enumerate() {
        let sql = text("INSERT INTO authors (id, name) VALUES (:id, :name)");
        connection.execute(sql.bind("id", id(place)).bind("name", name.as_str()))?;
    }
    let mut articles = 0;
    for (title, author) in rows.articles.iter().filter(|_| !rows.authors.is_empty()) {
        let author = id(author.index(rows.authors.len()));
        let sql = text("INSERT INTO articles (id, title, author_id) VALUES (:id, :title, :author)");
        let sql = sql.bind("id", id(articles)).bind("title", title.as_str());
        connection.execute(sql.bind("author", author))?;
        articles += 1;
    }
    for tag in 0..rows.tags {
        let sql = text("INSERT INTO tags (id, name) VALUES (:id, :name)");
        connection.execute(sql.bind("id", id(tag)).bind("name", format!("t{}", 9 - tag)))?;
    }
    if articles > 0 && rows.tags > 0 {
        let pair = |(article, tag): &(prop::sample::Index, prop::sample::Index)| {
            (id(article.index(articles)), id(tag.index(rows.tags)))
        };
        for (article, tag) in rows.links.iter().map(pair).collect::<BTreeSet<_>>() {
            let sql = text("INSERT INTO article_tags (article_id, tag_id) VALUES (:a, :t)");
            connection.execute(sql.bind("a", article).bind("t", tag))?;
        }
    }
    // one profile an author at most; the others are of nobody
    let mut taken = BTreeSet::new();
    for (place, author) in rows.profiles.iter().enumerate() {
        let author = author
            .filter(|_| !rows.authors.is_empty())
            .map(|author| id(author.index(rows.authors.len())))
            .filter(|&author| taken.insert(author));
        let sql = text("INSERT INTO profiles (id, bio, author_id) VALUES (:id, 'b', :author)");
        connection.execute(sql.bind("id", id(place)).bind("author", author))?;
    }
    connection.commit()
}

fn by_sql(engine: &Engine, plan: Plan) -> Vec<Tree> {
    let authors: Vec<(i64,)> = committed(
        engine,
        if plan.falling {
            text("SELECT id FROM authors ORDER BY name DESC, id")
        } else {
            text("SELECT id FROM authors ORDER BY name, id")
        },
    );
    let articles: Vec<(i64, i64)> =
        committed(engine, text("SELECT author_id, id FROM articles ORDER BY title, id"));
    let tags: Vec<(i64, String)> = committed(
        engine,
        text(
            "SELECT article_id, name FROM article_tags JOIN tags ON tags.id = tag_id ORDER BY name",
        ),
    );
    let profiles: Vec<(i64, i64)> =
        committed(engine, text("SELECT author_id, id FROM profiles WHERE author_id IS NOT NULL"));
    let tags_of = |article: i64| {
        tags.iter().filter(|(of, _)| *of == article).map(|(_, name)| name.clone()).collect()
    };
    let articles_of = |author: i64| {
        let own = articles.iter().filter(|(of, _)| *of == author);
        own.map(|&(of, id)| Branch {
            id,
            tags: plan.tags.map(|_| tags_of(id)),
            writer: plan.writer.map(|_| of),
        })
        .collect()
    };
    let profile_of =
        |author: i64| profiles.iter().filter(|(of, _)| *of == author).map(|&(_, id)| id).collect();
    let most = plan.limit.map_or(usize::MAX, |limit| usize::try_from(limit).expect("few"));
    authors
        .into_iter()
        .skip(usize::try_from(plan.offset).expect("few"))
        .take(most)
        .map(|(id,)| Tree {
            id,
            articles: plan.articles.map(|_| articles_of(id)),
            profile: plan.profile.map(|_| profile_of(id)),
        })
        .collect()
}

/// The authors that a plan asks for.
fn authors(plan: Plan) -> Select<AuthorEntity> {
    let by_name = if plan.falling { Author.name.desc() } else { Author.name.asc() };
    let query = select(Author).order_by((by_name, Author.id.asc())).offset(plan.offset);
    match plan.limit {
        Some(limit) => query.limit(limit),
        None => query,
    }
}

/// The same with what it includes; what is behind articles that have a statement of their own has
/// one too.
fn query(plan: Plan) -> Select<AuthorEntity> {
    let mut query = authors(plan);
    query = match plan.articles {
        None => query,
        Some(Way::Apart) => {
            query = query.include(Author.articles);
            if plan.tags.is_some() {
                query = query.include(Author.articles.then(Article.tags));
            }
            if plan.writer.is_some() {
                query = query.include(Author.articles.then(Article.author));
            }
            query
        }
        Some(Way::Joined) => {
            query = query.include(Author.articles.joined());
            query = match plan.tags {
                None => query,
                Some(Way::Apart) => query.include(Author.articles.then(Article.tags)),
                Some(Way::Joined) => {
                    query.include(Author.articles.joined().then(Article.tags.joined()))
                }
            };
            match plan.writer {
                None => query,
                Some(Way::Apart) => query.include(Author.articles.then(Article.author)),
                Some(Way::Joined) => {
                    query.include(Author.articles.joined().then(Article.author.joined()))
                }
            }
        }
    };
    match plan.profile {
        None => query,
        Some(Way::Apart) => query.include(Author.profile),
        Some(Way::Joined) => query.include(Author.profile.joined()),
    }
}

fn lazily(session: &mut Session, plan: Plan) -> orm::Result<Vec<Tree>> {
    let found = authors(plan).all(session)?;
    tracked(session, &found, plan)
}

fn tracked(session: &mut Session, found: &[Handle<Author>], plan: Plan) -> orm::Result<Vec<Tree>> {
    let mut trees = Vec::new();
    for &author in found {
        let articles = match plan.articles {
            None => None,
            Some(_) => {
                let mut branches = Vec::new();
                for article in session.load(author, Author.articles)? {
                    branches.push(branch(session, article, plan)?);
                }
                Some(branches)
            }
        };
        let profile = match plan.profile {
            None => None,
            Some(_) => {
                let profile = session.load(author, Author.profile)?;
                Some(profile.iter().map(|&profile| number(&session[profile].id)).collect())
            }
        };
        trees.push(Tree { id: number(&session[author].id), articles, profile });
    }
    Ok(trees)
}

fn branch(session: &mut Session, article: Handle<Article>, plan: Plan) -> orm::Result<Branch> {
    let tags = match plan.tags {
        None => None,
        Some(_) => {
            let tags = session.load(article, Article.tags)?;
            Some(tags.into_iter().map(|tag| session[tag].name.clone()).collect())
        }
    };
    let writer = match plan.writer {
        None => None,
        Some(_) => {
            let writer = session.load(article, Article.author)?;
            Some(number(&session[writer].id))
        }
    };
    Ok(Branch { id: number(&session[article].id), tags, writer })
}

fn plain_tree(author: &Author, plan: Plan) -> orm::Result<Tree> {
    let articles = match plan.articles {
        None => None,
        Some(_) => {
            let mut branches = Vec::new();
            for article in author.articles.values()? {
                let tags = match plan.tags {
                    None => None,
                    Some(_) => {
                        Some(article.tags.values()?.iter().map(|tag| tag.name.clone()).collect())
                    }
                };
                let writer =
                    plan.writer.map(|_| number(&article.author.value().expect("included").id));
                branches.push(Branch { id: number(&article.id), tags, writer });
            }
            Some(branches)
        }
    };
    let profile = match plan.profile {
        None => None,
        Some(_) => {
            Some(author.profile.value()?.iter().map(|profile| number(&profile.id)).collect())
        }
    };
    Ok(Tree { id: number(&author.id), articles, profile })
}

fn number(id: &Auto<i64>) -> i64 {
    *id.get().expect("the object has a row")
}
