//! Authors, articles and tags, from the first line to the last: `cargo run --example quickstart`.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    email: String,
    #[orm(back_populates = author, cascade(all, delete_orphan), order_by = title)]
    articles: Many<Article>,
}

#[derive(Model, Clone, Debug)]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    author: Ref<Author>,
    #[orm(secondary = "article_tag", back_populates = articles, order_by = name)]
    tags: Many<Tag>,
}

#[derive(Model, Clone, Debug)]
struct Tag {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(secondary = "article_tag", back_populates = tags)]
    articles: Many<Article>,
}

fn main() -> orm::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let engine = Engine::builder(url).models(Schema::of((Author, Article, Tag))).build()?;
    engine.drop_all()?;
    engine.create_all()?;
    let mut session = engine.session();

    // A graph in one `add`: three INSERTs and one for the link, in the order of the foreign keys.
    let rust = Article { tags: [Tag::new("rust")].into(), ..Article::new("Rust", Ref::unset()) };
    let ezz = session.add(Author { articles: [rust].into(), ..Author::new("ezz@example.com") });
    let sql = session.add(Article::new("SQL", ezz));
    session.commit()?;

    // Loaded where it is asked for; a change is noticed, and only what changed is written.
    for article in ezz.articles(&mut session)? {
        session[article].title.push_str(", Clean");
    }
    session.commit()?;

    // Loaded ahead: one statement per relationship, however many rows there are.
    for article in
        select(Article).include(Article.tags).order_by(Article.title).all(&mut session)?
    {
        println!("{}, tags: {}", session[article].title, session[article].tags.get()?.len());
    }

    let per_author = select((Author.email, count(Article.id)))
        .join(Author.articles)
        .group_by(Author.email)
        .all(&mut session)?;
    println!("{per_author:?}");

    session.delete(sql)?;
    session.commit()?;
    println!("{} article is left", session.query(Article).count()?);
    Ok(())
}
