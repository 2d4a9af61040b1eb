//! What the examples in the documentation share: the models of the guide, an SQLite database in
//! memory with their tables, and a few rows in it. Examples bring it in by hidden lines.

#[path = "../../../docs/models.rs"]
#[allow(missing_docs)] // documented by the guide
mod models;

pub use models::{Article, Author, Employee, Page, Profile, Tag};
pub use orm::prelude::*;
pub use orm::{Error, ErrorKind, Result};

/// An engine with the tables, and a session on it.
pub fn empty() -> Result<(Engine, Session)> {
    let models = Schema::of((Author, Article, Tag, Profile, Employee, Page));
    let engine = Engine::builder("sqlite::memory:").models(models).build()?;
    engine.create_all()?;
    let session = engine.session();
    Ok((engine, session))
}

/// As [`empty`], with three authors. Ezz has two articles, one with two tags; Ahmed has one; Bo has
/// none. Committed, and known to nobody.
pub fn blog() -> Result<(Engine, Session)> {
    let (engine, mut session) = empty()?;
    let tags = ["rust", "sql"].map(Tag::new);
    let rust = Article { tags: tags.into(), ..Article::new("rust", "Rust", Ref::unset()) };
    let sql = Article::new("sql", "SQL", Ref::unset());
    session.add(Author {
        country: Some("EG".into()),
        articles: [rust, sql].into(),
        ..Author::new("Ezz")
    });
    let ahmed = session.add(Author::new("Ahmed"));
    session.add(Article::new("python", "Python", ahmed));
    session.add(Author::new("Bo"));
    session.commit()?;
    drop(session);
    let session = engine.session();
    Ok((engine, session))
}

pub mod documented {
    //! All four derives on public things that say what they are. What is written for them has to be
    //! documented too: a library that denies `missing_docs` hears nothing of it.

    use orm::prelude::*;

    /// How big it is.
    #[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
    pub enum Size {
        /// Small.
        Small,
        /// Large.
        Large,
    }

    /// What it is called.
    #[derive(orm::DbType, Clone, Debug, PartialEq)]
    pub struct Name(pub String);

    /// A box, which may be in another one.
    #[derive(Model, Clone, Debug)]
    #[orm(index(name, size))]
    pub struct Crate {
        /// The key.
        #[orm(primary_key)]
        pub id: Auto<i64>,
        /// Its name.
        pub name: Name,
        /// Its size.
        #[orm(default = Size::Small)]
        pub size: Size,
        /// The one around it.
        pub around: Option<Ref<Crate>>,
        /// What is inside.
        #[orm(back_populates = around)]
        pub inside: Many<Crate>,
        /// What it is linked to.
        #[orm(secondary = "linked_crates")]
        pub linked: Many<Crate>,
    }

    /// How many there are of a size.
    #[derive(orm::Row, Debug)]
    pub struct Sizes {
        /// The size.
        pub size: Size,
        /// How many.
        pub count: i64,
    }
}
