//! A blog, step by step: define the tables, fill them, change and query them.
//!
//! ```sh
//! cargo run --example blog                                    # SQLite in memory, no server
//! DATABASE_URL=postgresql://… cargo run --example blog        # PostgreSQL, the same lines
//! ```
//!
//! It begins by dropping and creating its tables: give it a database that holds no `authors`,
//! `articles`, `tags`, `article_tags` and `profiles` of yours.

mod models;

use chrono::{TimeZone, Utc};
use models::{Article, Author, Profile, Tag};
use orm::prelude::*;

const LOREM: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit.";

fn main() -> orm::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());

    // Nothing is connected yet; that happens with the first statement.
    let engine =
        Engine::builder(url).models(Schema::of((Author, Article, Tag, Profile))).build()?;
    create_tables(&engine)?;

    let mut session = engine.session();
    let articles = insert(&mut session)?;
    update(&mut session, articles)?;
    query(&mut session)?;
    query_columns(&mut session)?;
    aggregate(&mut session)?;
    undo(&mut session, articles)?;
    one_to_many(&mut session, articles)?;
    many_to_many(&mut session, articles)?;
    one_to_one(&mut session)?;
    graph(&mut session)?;
    drop(session); // its transaction ends, and its connection goes back to the pool
    trees(&engine)
}

fn create_tables(engine: &Engine) -> orm::Result<()> {
    heading("the tables");
    print!("{}{}{}{}", Author.table(), Article.table(), Tag.table(), Profile.table());

    engine.drop_all()?;
    engine.create_all()
}

fn insert(session: &mut Session) -> orm::Result<[Handle<Article>; 3]> {
    heading("insert");

    // `new` takes what must be given; the rest is said by its name.
    let ezz = session.add(Author {
        firstname: Some("Ezz".into()),
        lastname: Some("El Din".into()),
        ..Author::new("ezz@example.com")
    });
    let ahmed =
        session.add(Author { firstname: Some("Ahmed".into()), ..Author::new("ahmed@example.com") });

    // The author has no id yet. The session knows who is meant.
    let clean = session.add(Article {
        content: Some(LOREM.into()),
        ..Article::new("clean-python", "How to Write Clean Python", ezz)
    });
    println!("{} is number {}", session[clean].title, session[clean].id);

    // Two INSERTs, authors before articles, then COMMIT.
    session.commit()?;
    println!("{} is number {}", session[clean].title, session[clean].id);
    println!("by {}, number {}", session[ezz].email, session[ezz].id);
    assert!(session[clean].author == ezz);

    // Several at once; both rows travel in one INSERT.
    let more = session.add_all([
        Article {
            content: Some(LOREM.into()),
            created_on: Utc.with_ymd_and_hms(2022, 8, 29, 0, 0, 0).unwrap(),
            ..Article::new(
                "postgresql-system-catalogs-metadata",
                "How to Get Metadata from PostgreSQL System Catalogs",
                ezz,
            )
        },
        Article {
            content: Some(LOREM.into()),
            ..Article::new(
                "sqlalchemy-postgres",
                "Interacting with Databases using SQLAlchemy with PostgreSQL",
                ahmed,
            )
        },
    ]);
    session.flush()?;
    let articles = [clean, more[0], more[1]];
    println!("{}", session[articles[0]].id);
    println!("{}", session[articles[1]].title);
    println!("{}", session[articles[2]].slug);
    Ok(articles)
}

fn update(session: &mut Session, [clean, catalogs, _]: [Handle<Article>; 3]) -> orm::Result<()> {
    heading("update");

    // An object at hand is changed by its fields; the flush finds what changed.
    println!("{}", session[catalogs].slug);
    session[catalogs].slug = "postgresql-system-catalogs".into();
    println!("{}", session[catalogs].slug);

    // One found by a query is the same object: the session has one per row.
    let by_slug = select(Article).filter(Article.slug.eq("clean-python"));
    let found = by_slug.one(session)?;
    assert_eq!(found, clean);
    session[found].title = "Clean Python".into();
    println!("{}", session[clean].title);

    // In place, by one UPDATE; the objects at hand follow.
    by_slug.update(session, Article.title.set("Cleaner Python"))?;
    println!("{}", session[clean].title);

    session.commit()
}

fn query(session: &mut Session) -> orm::Result<()> {
    heading("query");

    // A statement is a value. Without an order of its own the database gives rows as it likes.
    let by_id = select(Article).order_by(Article.id);
    for article in by_id.all(session)? {
        println!("{}", session[article].title);
    }

    // One by one, however many there are: plain values that the session does not keep.
    let mut rows = by_id.stream(session)?;
    while let Some(article) = rows.next(session)? {
        println!("{}: {}", article.id, article.slug);
    }

    let first = session.query(Article).first()?.map(|article| session[article].id);
    println!("the first is number {}", first.unwrap_or_default());

    for article in session.query(Article).order_by(Article.title.desc()).all()? {
        println!("{}", session[article].title);
    }

    heading("filter");
    let ezz = session.query(Author).filter(Author.email.eq("ezz@example.com")).one()?;
    let about_sql = Article.title.contains("PostgreSQL") | Article.title.contains("SQLAlchemy");
    let found = select(Article)
        .filter(about_sql)
        .filter(Article.author.eq(ezz))
        .filter(Article.content.is_not_null())
        .all(session)?;
    for article in found {
        println!("{} by {}", session[article].title, session[ezz].email);
    }
    Ok(())
}

fn query_columns(session: &mut Session) -> orm::Result<()> {
    heading("columns");
    let (slug, title) = session
        .query((Article.slug, Article.title))
        .order_by(Article.id)
        .offset(2)
        .first()?
        .expect("there are three articles");
    println!("({slug}, {title})");
    Ok(())
}

fn aggregate(session: &mut Session) -> orm::Result<()> {
    heading("count");
    println!("{} articles", session.query(Article).count()?);

    let per_author = session
        .query((Author.email, count(Article.id), max(Article.slug)))
        .filter(Author.id.eq(Article.author))
        .group_by(Author.email)
        .order_by(Author.email.desc())
        .all()?;
    for (email, articles, last) in per_author {
        println!("{email}: {articles}, up to {}", last.unwrap_or_default());
    }
    Ok(())
}

fn undo(session: &mut Session, [clean, ..]: [Handle<Article>; 3]) -> orm::Result<()> {
    heading("delete and rollback");
    session.delete(clean)?;
    println!("{} articles after delete", session.query(Article).count()?);

    session.rollback()?;
    println!("{} articles after rollback", session.query(Article).count()?);
    println!("{} is back", session[clean].title);
    Ok(())
}

fn one_to_many(session: &mut Session, [clean, ..]: [Handle<Article>; 3]) -> orm::Result<()> {
    heading("one-to-many");

    // From the article to its author, and from the author to all articles. Each is loaded where it
    // is asked for, and only once.
    let ezz = session.load(clean, Article.author)?;
    println!("{} wrote", session[ezz].email);
    for article in session.load(ezz, Author.articles)? {
        println!("  {}", session[article].title);
    }

    // A change on one side is a change on both. What is put into a collection at hand comes last;
    // the declared order is the one it is loaded in.
    let ahmed = session.query(Author).filter(Author.email.eq("ahmed@example.com")).one()?;
    session.set(clean, Article.author, ahmed)?;
    println!("{} wrote", session[ahmed].email);
    for article in ahmed.articles(session)? {
        println!("  {}", session[article].title);
    }

    let draft = session.push(ahmed, Author.articles, Article::new("draft", "A Draft", ahmed))?;
    session.commit()?;
    println!("the draft is number {}, by {}", session[draft].id, session[ahmed].email);

    // An article without an author can't be: taken out of the collection, it is deleted.
    session.unlink(ahmed, Author.articles, draft)?;
    session.commit()?;
    println!("{} articles are left", session.query(Article).count()?);

    // What is loaded ahead costs one statement per relationship, however many authors there are.
    let authors = select(Author).include(Author.articles).order_by(Author.email).all(session)?;
    for author in authors {
        let articles = session[author].articles.get()?;
        println!("{}, articles: {}", session[author].email, articles.len());
    }

    let writers = select(Author.email)
        .filter(Author.articles.any(|article| article.title.contains("Python")))
        .all(session)?;
    println!("of Python writes {}", writers.join(", "));
    Ok(())
}

fn many_to_many(
    session: &mut Session,
    [clean, catalogs, postgres]: [Handle<Article>; 3],
) -> orm::Result<()> {
    heading("many-to-many");
    let python = session.add(Tag::new("python"));
    let sql = session.add(Tag::new("sql"));
    session.link(clean, Article.tags, python)?;
    session.link(catalogs, Article.tags, sql)?;
    session.link(postgres, Article.tags, sql)?;
    session.link(python, Tag.articles, postgres)?; // from the other side
    session.commit()?;
    print_tags(session)?;

    // Only this pair goes: one DELETE of one row.
    session.unlink(postgres, Article.tags, python)?;
    session.commit()?;
    print_tags(session)?;

    println!("about sql:");
    for article in session.load(sql, Tag.articles)? {
        println!("  {}", session[article].title);
    }
    Ok(())
}

fn print_tags(session: &mut Session) -> orm::Result<()> {
    let articles = select(Article).include(Article.tags).order_by(Article.id).all(session)?;
    for article in articles {
        let tags: Vec<&str> =
            session[article].tags.get()?.iter().map(|&tag| session[tag].name.as_str()).collect();
        println!("{}: {}", session[article].slug, tags.join(", "));
    }
    Ok(())
}

fn one_to_one(session: &mut Session) -> orm::Result<()> {
    heading("one-to-one");
    let ezz = session.query(Author).filter(Author.email.eq("ezz@example.com")).one()?;
    println!(
        "{:?}",
        session.load(ezz, Author.profile)?.map(|profile| session[profile].bio.clone())
    );

    let profile = session.add(Profile::new("Writes about databases.", ezz));
    session.commit()?;
    println!(
        "{:?}",
        session.load(ezz, Author.profile)?.map(|profile| session[profile].bio.clone())
    );

    let author = session.load(profile, Profile.author)?;
    println!("{}", session[author].email);
    Ok(())
}

fn graph(session: &mut Session) -> orm::Result<()> {
    heading("a graph in one add");
    let sql = session.query(Tag).filter(Tag.name.eq("sql")).one()?;

    // The author is added with everything it holds; `sql` is there already.
    let grace = session.add(Author {
        profile: Profile::new("Compiles.", Ref::unset()).into(),
        articles: [Article {
            tags: [Tag::new("compilers")].into(),
            ..Article::new("compilers", "The Education of a Computer", Ref::unset())
        }]
        .into(),
        ..Author::new("grace@example.com")
    });
    session.commit()?;

    for article in grace.articles(session)? {
        session.link(article, Article.tags, sql)?;
    }
    session.commit()?;
    print_tags(session)?;

    // It goes as it came: with its profile, its articles and their links. Tags stay.
    session.delete(grace)?;
    session.commit()?;
    println!("{} authors", session.query(Author).count()?);
    println!("{} tags", session.query(Tag).count()?);
    Ok(())
}

/// Plain values from a connection: a tree that nobody tracks.
fn trees(engine: &Engine) -> orm::Result<()> {
    heading("trees");
    let mut connection = engine.connect()?;
    let authors = select(Author)
        .include((Author.profile, Author.articles.then(Article.tags)))
        .order_by(Author.email)
        .all(&mut connection)?;
    for author in authors {
        println!("{}", author.email);
        for article in author.articles.values()? {
            let tags: Vec<&str> =
                article.tags.values()?.iter().map(|tag| tag.name.as_str()).collect();
            println!("  {} ({})", article.title, tags.join(", "));
        }
    }
    Ok(())
}

fn heading(text: &str) {
    println!("\n== {text}");
}
