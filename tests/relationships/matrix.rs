//! Each kind of relationship × (empty, NULL, one, many, 1,005 owners) × (load, include, plain fetch; the
//! last two by a statement of its own and joined) gives the tree that plain SQL gives, in so many
//! statements.

use crate::common::{committed, run, statements};
use crate::models::*;
use orm::Handle;
use orm::prelude::*;
use orm::session::LoadMode;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(each_kind_and_way_gives_what_plain_sql_gives);

/// Owner and what it leads to, as names.
type Edges = Vec<(String, Option<String>)>;

/// A kind of relationship: how it is read in each way, and the same by SQL. Every table has owners
/// of nothing (or NULL), of one and of many where there can be many.
struct Kind {
    name: &'static str,
    load: fn(&mut Session) -> orm::Result<Edges>,
    include: fn(&mut Session, bool) -> orm::Result<Edges>,
    plain: fn(&Engine, bool) -> orm::Result<Edges>,
    sql: &'static str,
}

/// The names at the other end, as rows of an outer join would give them.
fn edges(owner: &str, others: Vec<String>) -> Edges {
    if others.is_empty() {
        return vec![(owner.to_owned(), None)];
    }
    others.into_iter().map(|other| (owner.to_owned(), Some(other))).collect()
}

/// The owners with what they lead to, by a statement of its own or by a join.
macro_rules! included {
    ($owner:ident . $field:ident, $own:ident, $joined:expr) => {{
        let query = select($owner).order_by($owner.$own);
        if $joined { query.include($owner.$field.joined()) } else { query.include($owner.$field) }
    }};
}

macro_rules! to_many {
    ($owner:ident . $field:ident, $own:ident, $other:ident, $sql:expr) => {
        Kind {
            name: concat!(stringify!($owner), ".", stringify!($field)),
            load: |session| {
                let mut all = Vec::new();
                for owner in session.query($owner).order_by($owner.$own).all()? {
                    let found = session.load(owner, $owner.$field)?;
                    let names = found.iter().map(|&one| session[one].$other.clone()).collect();
                    all.extend(edges(&session[owner].$own, names));
                }
                Ok(all)
            },
            include: |session, joined| {
                let query = included!($owner.$field, $own, joined);
                let owners = query.all(session)?;
                let mut all = Vec::new();
                for owner in owners {
                    let found = session[owner].$field.get()?;
                    let names = found.iter().map(|&one| session[one].$other.clone()).collect();
                    all.extend(edges(&session[owner].$own, names));
                }
                Ok(all)
            },
            plain: |engine, joined| {
                let mut connection = engine.connect()?;
                let query = included!($owner.$field, $own, joined);
                let mut all = Vec::new();
                for owner in query.all(&mut connection)? {
                    let found = owner.$field.values()?;
                    let names = found.iter().map(|one| one.$other.clone()).collect();
                    all.extend(edges(&owner.$own, names));
                }
                Ok(all)
            },
            sql: $sql,
        }
    };
}

macro_rules! to_one {
    ($owner:ident . $field:ident, $own:ident, $other:ident,
     |$handle:ident| $found:expr, |$value:ident| $read:expr, $sql:expr) => {
        Kind {
            name: concat!(stringify!($owner), ".", stringify!($field)),
            load: |session| {
                let mut all = Vec::new();
                for owner in session.query($owner).order_by($owner.$own).all()? {
                    let $handle = session.load(owner, $owner.$field)?;
                    let found = $found;
                    let names = found.iter().map(|&one| session[one].$other.clone()).collect();
                    all.extend(edges(&session[owner].$own, names));
                }
                Ok(all)
            },
            include: |session, joined| {
                let query = included!($owner.$field, $own, joined);
                let owners = query.all(session)?;
                let mut all = Vec::new();
                for owner in owners {
                    let $handle = session.load(owner, $owner.$field)?;
                    let found = $found;
                    let names = found.iter().map(|&one| session[one].$other.clone()).collect();
                    all.extend(edges(&session[owner].$own, names));
                }
                Ok(all)
            },
            plain: |engine, joined| {
                let mut connection = engine.connect()?;
                let query = included!($owner.$field, $own, joined);
                let mut all = Vec::new();
                for $value in query.all(&mut connection)? {
                    let name = $read.map(|one| one.$other.clone());
                    all.extend(edges(&$value.$own, name.into_iter().collect()));
                }
                Ok(all)
            },
            sql: $sql,
        }
    };
}

fn some<T>(handle: Handle<T>) -> Option<Handle<T>> {
    Some(handle)
}

fn kinds() -> Vec<Kind> {
    vec![
        to_many!(
            Author.articles,
            name,
            title,
            "SELECT o.name, m.title FROM authors o LEFT JOIN articles m ON m.author_id = o.id ORDER BY o.name, m.title"
        ),
        to_many!(
            Shelf.books,
            name,
            title,
            "SELECT o.name, m.title FROM shelves o LEFT JOIN books m ON m.shelf_id = o.id ORDER BY o.name, m.title"
        ),
        to_many!(
            Article.tags,
            title,
            name,
            "SELECT o.title, m.name FROM articles o LEFT JOIN (article_tags l JOIN tags m ON m.id = l.tag_id) ON l.article_id = o.id ORDER BY o.title, m.name"
        ),
        to_many!(
            Tag.articles,
            name,
            title,
            "SELECT o.name, m.title FROM tags o LEFT JOIN (article_tags l JOIN articles m ON m.id = l.article_id) ON l.tag_id = o.id ORDER BY o.name, m.title"
        ),
        to_many!(
            Poster.labels,
            name,
            name,
            "SELECT o.name, m.name FROM posters o LEFT JOIN (poster_labels l JOIN labels m ON m.id = l.label_id) ON l.poster_id = o.id ORDER BY o.name, m.name"
        ),
        to_many!(
            Person.friends,
            name,
            name,
            "SELECT o.name, m.name FROM people o LEFT JOIN (friends l JOIN people m ON m.id = l.right_id) ON l.left_id = o.id ORDER BY o.name, m.name"
        ),
        to_many!(
            Person.following,
            name,
            name,
            "SELECT o.name, m.name FROM people o LEFT JOIN (follows l JOIN people m ON m.id = l.right_id) ON l.left_id = o.id ORDER BY o.name, m.name"
        ),
        to_many!(
            Person.followers,
            name,
            name,
            "SELECT o.name, m.name FROM people o LEFT JOIN (follows l JOIN people m ON m.id = l.left_id) ON l.right_id = o.id ORDER BY o.name, m.name"
        ),
        to_many!(
            Twig.children,
            name,
            name,
            "SELECT o.name, m.name FROM twigs o LEFT JOIN twigs m ON m.parent_id = o.id ORDER BY o.name, m.name"
        ),
        to_many!(
            Region.towns,
            name,
            name,
            "SELECT o.name, m.name FROM regions o LEFT JOIN towns m ON m.region_country = o.country AND m.region_code = o.code ORDER BY o.name, m.name"
        ),
        to_many!(
            Region.rivers,
            name,
            name,
            "SELECT o.name, m.name FROM regions o LEFT JOIN (region_rivers l JOIN rivers m ON m.id = l.river_id) ON l.region_country = o.country AND l.region_code = o.code ORDER BY o.name, m.name"
        ),
        to_one!(
            Author.profile,
            name,
            bio,
            |one| one,
            |owner| owner.profile.value()?,
            "SELECT o.name, m.bio FROM authors o LEFT JOIN profiles m ON m.author_id = o.id ORDER BY o.name"
        ),
        to_one!(
            Article.author,
            title,
            name,
            |one| some(one),
            |owner| Some(owner.author.value()?),
            "SELECT o.title, m.name FROM articles o JOIN authors m ON m.id = o.author_id ORDER BY o.title"
        ),
        to_one!(
            Book.shelf,
            title,
            name,
            |one| one,
            |owner| owner.shelf.as_ref().and_then(|shelf| shelf.value().ok()),
            "SELECT o.title, m.name FROM books o LEFT JOIN shelves m ON m.id = o.shelf_id ORDER BY o.title"
        ),
        to_one!(
            Twig.parent,
            name,
            name,
            |one| one,
            |owner| owner.parent.as_ref().and_then(|parent| parent.value().ok()),
            "SELECT o.name, m.name FROM twigs o LEFT JOIN twigs m ON m.id = o.parent_id ORDER BY o.name"
        ),
        to_one!(
            Town.region,
            name,
            name,
            |one| one,
            |owner| owner.region.as_ref().and_then(|region| region.value().ok()),
            "SELECT o.name, m.name FROM towns o LEFT JOIN regions m ON m.country = o.region_country AND m.code = o.region_code ORDER BY o.name"
        ),
    ]
}

const ROWS: &[&str] = &[
    "INSERT INTO authors (id, name) VALUES (1, 'none'), (2, 'one'), (3, 'many')",
    "INSERT INTO articles (id, title, author_id) VALUES (1, 'c', 3), (2, 'a', 2), (3, 'b', 3), (4, 'd', 3)",
    "INSERT INTO profiles (id, bio, author_id) VALUES (1, 'p', 2), (2, 'q', NULL)",
    "INSERT INTO tags (id, name) VALUES (1, 'y'), (2, 'x'), (3, 'z')",
    "INSERT INTO article_tags (article_id, tag_id) VALUES (1, 1), (1, 2), (3, 1)",
    "INSERT INTO shelves (id, name) VALUES (1, 'none'), (2, 'one'), (3, 'many')",
    "INSERT INTO books (id, title, shelf_id) VALUES (1, 'd', NULL), (2, 'c', 3), (3, 'b', 2), (4, 'a', 3)",
    "INSERT INTO posters (id, name) VALUES (1, 'none'), (2, 'one'), (3, 'many')",
    "INSERT INTO labels (id, name) VALUES (1, 'y'), (2, 'x')",
    "INSERT INTO poster_labels (poster_id, label_id) VALUES (2, 1), (3, 1), (3, 2)",
    "INSERT INTO people (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "INSERT INTO friends (left_id, right_id) VALUES (1, 2), (1, 3), (2, 1)",
    "INSERT INTO follows (left_id, right_id) VALUES (1, 2), (1, 1), (3, 2)",
    "INSERT INTO twigs (id, name, parent_id) VALUES (1, 'r', NULL), (2, 'r.1', 1), (3, 'r.0', 1), (4, 'r.0.0', 3)",
    "INSERT INTO regions (country, code, name) VALUES ('de', 1, 'none'), ('de', 2, 'one'), ('fr', 1, 'many')",
    "INSERT INTO towns (id, name, region_country, region_code) VALUES (1, 'c', 'fr', 1), (2, 'b', 'de', 2), (3, 'a', 'fr', 1), (4, 'd', NULL, NULL)",
    "INSERT INTO rivers (id, name) VALUES (1, 'y'), (2, 'x')",
    "INSERT INTO region_rivers (region_country, region_code, river_id) VALUES ('de', 2, 1), ('fr', 1, 1), ('fr', 1, 2)",
];

/// A thousand and two more of everything, each with one at the other end.
fn more() -> Vec<&'static str> {
    macro_rules! each {
        ($($into:literal: $values:literal),* $(,)?) => {
            vec![$(concat!(
                "INSERT INTO ", $into, " WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n \
                 WHERE i < 1011) SELECT ", $values, " FROM n"
            )),*]
        };
    }
    each! {
        "authors (id, name)": "i, 'n' || i",
        "articles (id, title, author_id)": "i, 'n' || i, i",
        "profiles (id, bio, author_id)": "i, 'n' || i, i",
        "tags (id, name)": "i, 'n' || i",
        "article_tags (article_id, tag_id)": "i, i",
        "shelves (id, name)": "i, 'n' || i",
        "books (id, title, shelf_id)": "i, 'n' || i, i",
        "posters (id, name)": "i, 'n' || i",
        "labels (id, name)": "i, 'n' || i",
        "poster_labels (poster_id, label_id)": "i, i",
        "people (id, name)": "i, 'n' || i",
        "friends (left_id, right_id)": "i, 2",
        "follows (left_id, right_id)": "i, 2",
        "twigs (id, name, parent_id)": "i, 'n' || i, CASE i WHEN 10 THEN 1 ELSE i - 1 END",
        "regions (country, code, name)": "'xx', i, 'n' || i",
        "towns (id, name, region_country, region_code)": "i, 'n' || i, 'xx', i",
        "rivers (id, name)": "i, 'n' || i",
        "region_rivers (region_country, region_code, river_id)": "'xx', i, i",
    }
}

fn each_kind_and_way_gives_what_plain_sql_gives(db: &TestDatabase) -> orm::Result<()> {
    let engine = ready(db);
    for rows in [&[][..], ROWS, &more()] {
        run(&engine, rows);
        for kind in kinds() {
            let expected: Edges = committed(&engine, text(kind.sql));
            assert_eq!(expected.is_empty(), rows.is_empty(), "{}", kind.name);
            let mut owners: Vec<&String> = expected.iter().map(|(owner, _)| owner).collect();
            owners.dedup();
            let log = engine.record();
            let found = (kind.load)(&mut engine.session())?;
            assert_eq!(found, expected, "{} by load", kind.name);
            // who is read again as somebody's child belongs to those read with it from then on
            let read_again = if kind.name == "Twig.children" { 3 } else { 0 };
            let most = 1 + owners.len().div_ceil(1_000) + read_again;
            let sent = statements(&log).len();
            assert!(sent <= most, "{} by load: {sent}", kind.name);
            for joined in [false, true] {
                let most = if joined { 1 } else { 2 };
                let log = engine.record();
                let mut session = engine.session().load_mode(LoadMode::Forbid);
                let found = (kind.include)(&mut session, joined)?;
                assert_eq!(found, expected, "{} by include, joined: {joined}", kind.name);
                assert!(statements(&log).len() <= most, "{}, joined: {joined}", kind.name);
                let found = (kind.plain)(&engine, joined)?;
                assert_eq!(found, expected, "{} as a plain tree, joined: {joined}", kind.name);
                assert!(statements(&log).len() <= most, "{}, joined: {joined}", kind.name);
            }
        }
    }
    Ok(())
}
