//! Relationships, end to end.
#![allow(missing_docs)]
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = author, cascade(all, delete_orphan), order_by = title)]
    pub articles: Many<Article>,
    #[orm(back_populates = author)]
    pub profile: One<Profile>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "profiles")]
pub struct Profile {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub bio: String,
    #[orm(unique)]
    pub author: Option<Ref<Author>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub author: Ref<Author>,
    #[orm(secondary = "article_tags", back_populates = articles)]
    pub tags: Many<Tag>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique)]
    pub name: String,
    #[orm(secondary = "article_tags", back_populates = tags)]
    pub articles: Many<Article>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "nodes")]
pub struct Node {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub parent: Option<Ref<Node>>,
    #[orm(back_populates = parent)]
    pub children: Many<Node>,
}

fn engine(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url())
        .models(Schema::of((Author, Article, Tag, Profile, Node)))
        .build()?;
    engine.create_all()?;
    Ok(engine)
}

fn new_article(title: &str) -> Article {
    Article::new(title, Ref::unset())
}

fn graph(db: &TestDatabase) -> orm::Result<()> {
    let engine = engine(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let rust = session.add(Tag::new("rust"));
    let ezz = session.add(Author::new("Ezz"));
    let article = session.push(ezz, Author.articles, Article::new("B", ezz))?;
    session.link(article, Article.tags, rust)?;
    let other = session.push(ezz, Author.articles, Article::new("A", ezz))?;
    session.push(other, Article.tags, Tag::new("sql"))?;
    session.link(other, Article.tags, rust)?;
    session.commit()?;
    println!("{:#?}", log.take());
    assert_eq!(session[ezz].articles.get()?, [article, other]);
    assert_eq!(session[rust].articles.get()?.len(), 2);
    drop(session);

    let mut session = engine.session();
    let ezz = session.query(Author).one()?;
    log.take();
    let articles = session.load(ezz, Author.articles)?;
    assert_eq!(articles.len(), 2);
    assert_eq!(session[articles[0]].title, "A");
    let tags = articles[0].tags(&mut session)?;
    assert_eq!(tags.len(), 2);
    println!("{:#?}", log.take());
    let tags = articles[1].tags(&mut session)?;
    assert_eq!(tags.len(), 1);
    assert_eq!(log.take().len(), 0);
    assert_eq!(articles[1].author(&mut session)?, ezz);
    // unlink one
    session.unlink(articles[0], Article.tags, tags[0])?;
    session.commit()?;
    println!("{:#?}", log.take());
    assert_eq!(
        session.query(Article).filter(Article.tags.any(|tag| tag.name.eq("rust"))).count()?,
        1
    );
    // orphan
    session[ezz].articles.remove(articles[1]);
    session.commit()?;
    println!("{:#?}", log.take());
    assert_eq!(session.query(Article).count()?, 1);
    // delete cascades
    session.delete(ezz)?;
    session.commit()?;
    println!("{:#?}", log.take());
    assert_eq!(session.query(Article).count()?, 0);
    assert_eq!(session.query(Tag).count()?, 2);
    Ok(())
}
on_each_database!(graph);

fn nested(db: &TestDatabase) -> orm::Result<()> {
    let engine = engine(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let ezz = session.add(Author {
        articles: vec![
            Article { tags: vec![Tag::new("a"), Tag::new("b")].into(), ..new_article("one") },
            new_article("two"),
        ]
        .into(),
        profile: Profile::new("bio").into(),
        ..Author::new("Ezz")
    });
    session.commit()?;
    println!("{:#?}", log.take());
    assert_eq!(session[ezz].articles.get()?.len(), 2);
    assert!(session[ezz].profile.get()?.is_some());
    let mut plain = engine.connect()?;
    let tree = select(Author)
        .include((Author.articles.then(Article.tags), Author.profile))
        .all(&mut plain)?;
    assert_eq!(tree[0].articles.values()?.len(), 2);
    assert_eq!(tree[0].articles.values()?[0].tags.values()?.len(), 2);
    assert_eq!(tree[0].profile.value()?.unwrap().bio, "bio");
    drop(plain);
    drop(session);
    let mut session = engine.session();
    log.take();
    let authors = session.query(Author).include(Author.articles.then(Article.tags)).all()?;
    assert_eq!(log.take().len(), 4);
    assert_eq!(authors.len(), 1);
    let rows = session
        .query((Article.title, Author.name))
        .join(Article.author)
        .order_by(Article.title)
        .all()?;
    assert_eq!(rows[0], ("one".into(), "Ezz".into()));
    let rows = select((Author, Profile.optional())).left_join(Author.profile).all(&mut session)?;
    assert!(rows[0].1.is_some());
    let n =
        session.query(Article).filter(Article.title.eq("one")).update(Article.title.set("uno"))?;
    assert_eq!(n, 1);
    let first = session.load(authors[0], Author.articles)?[0];
    assert_eq!(session[first].title, "uno");
    Ok(())
}
on_each_database!(nested);

fn trees(db: &TestDatabase) -> orm::Result<()> {
    let engine = engine(db)?;
    let mut session = engine.session();
    let log = engine.record();
    let leaf = |name: &str| Node::new(name);
    let root = session.add(Node {
        children: vec![
            Node { children: vec![leaf("1.1"), leaf("1.2")].into(), ..leaf("1") },
            Node { children: vec![leaf("2.1")].into(), ..leaf("2") },
        ]
        .into(),
        ..leaf("root")
    });
    session.commit()?;
    println!("{:#?}", log.take());
    let children = root.children(&mut session)?;
    session.set(children[1], Node.parent, children[0])?;
    session.commit()?;
    assert_eq!(session[root].children.get()?.len(), 1);
    session.delete(children[0])?;
    session.commit()?;
    assert_eq!(session.query(Node).filter(Node.parent.is_null()).count()?, 4);
    let done = session.savepoint(|session| {
        session.add(Node::new("x"));
        session.flush()?;
        Err::<(), _>(orm::Error::custom("no"))
    });
    assert!(done.is_err());
    session.commit()?;
    assert_eq!(session.query(Node).filter(Node.name.eq("x")).count()?, 0);
    Ok(())
}
on_each_database!(trees);
