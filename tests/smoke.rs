//! smoke
use chrono::{DateTime, Utc};
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub firstname: Option<String>,
    #[orm(unique, length = 255)]
    pub email: String,
    #[orm(default = now)]
    pub joined: DateTime<Utc>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique, length = 100)]
    pub slug: String,
    pub title: String,
    #[orm(default = now, on_update = now)]
    pub updated_on: DateTime<Utc>,
    pub content: Option<String>,
    #[orm(on_delete = cascade)]
    pub author: Ref<Author>,
}

fn works(db: &TestDatabase) -> Result<(), orm::Error> {
    let engine = Engine::builder(db.url()).models(Schema::of((Author, Article))).build()?;
    engine.create_all()?;
    println!("{}", Article.table());
    let mut session = engine.session();
    let log = engine.record();
    let ezz =
        session.add(Author { firstname: Some("Ezz".into()), ..Author::new("ezz@example.com") });
    let article = session.add(Article::new("clean-python", "How to Write Clean Python", ezz));
    session.commit()?;
    println!("{:#?}", log.take());
    println!("{} is number {}", session[article].title, session[article].id);
    assert!(session[article].author == ezz);
    session[article].title = "Clean Python".into();
    session.flush()?;
    println!("{:#?}", log.take());
    let by_slug = select(Article).filter(Article.slug.eq("clean-python"));
    assert_eq!(by_slug.first(&mut session)?, Some(article));
    let titles =
        session.query((Article.slug, Article.title)).order_by(Article.title.desc()).all()?;
    assert_eq!(titles, [("clean-python".to_owned(), "Clean Python".to_owned())]);
    session.rollback()?;
    assert_eq!(session[article].title, "How to Write Clean Python");
    println!("{:#?}", log.take());
    let n = session.query((Article.author, count(Article.id))).group_by(Article.author).all()?;
    println!("{n:?}");
    assert_eq!(session.query(Article).filter(Article.author.eq(ezz)).count()?, 1);
    session.delete(article)?;
    session.commit()?;
    println!("{:#?}", log.take());
    assert_eq!(session.query(Article).count()?, 0);
    Ok(())
}
on_each_database!(works);
