#![deny(missing_docs, unused, clippy::all, clippy::pedantic, missing_debug_implementations)]
//! x
use chrono::{DateTime, Utc};
use orm::prelude::*;

/// An author.
#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    /// The key.
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// First.
    pub firstname: Option<String>,
    /// Last.
    pub lastname: Option<String>,
    /// Mail.
    #[orm(unique, length = 255)]
    pub email: String,
    /// Since.
    #[orm(default = now)]
    pub joined: DateTime<Utc>,
}

/// An article.
#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    /// .
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// .
    #[orm(unique, length = 100)]
    pub slug: String,
    /// .
    pub title: String,
    /// .
    #[orm(default = now)]
    pub created_on: DateTime<Utc>,
    /// .
    #[orm(default = now, on_update = now)]
    pub updated_on: DateTime<Utc>,
    /// .
    pub content: Option<String>,
    /// .
    #[orm(on_delete = cascade)]
    pub author: Ref<Author>,
}

#[test]
fn smoke() {
    let author = Author { firstname: Some("Ezz".into()), ..Author::new("ezz@example.com") };
    let article = Article::new("clean-python", "How", author);
    println!("{article:?}");
    println!("{}", Article.table());
    println!("{:?}", Article.alias("a").author);
}
