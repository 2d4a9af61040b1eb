//! The models of the blog. With `#[orm(serde)]` a tree of them is JSON; what a request may set is
//! said in `api`, by structs of their own. What columns may hold is said by `check`, which on both
//! databases names the column that it refused.

use orm::chrono::{DateTime, Utc};
use orm::prelude::*;

/// Somebody who writes.
#[derive(Model, Clone, Debug)]
#[orm(table = "authors", serde)]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(check = "length(name) BETWEEN 1 AND 100")]
    pub name: String,
    #[orm(unique, check = "email LIKE '%_@_%' AND length(email) <= 255")]
    pub email: String,
}

/// Something written.
#[derive(Model, Clone, Debug)]
#[orm(table = "articles", serde)]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// What it is called in a URL: small letters, digits and hyphens.
    #[orm(
        unique,
        check = "length(slug) BETWEEN 1 AND 100 AND trim(slug, \
                           'abcdefghijklmnopqrstuvwxyz0123456789-') = ''"
    )]
    pub slug: String,
    #[orm(check = "length(title) BETWEEN 1 AND 200")]
    pub title: String,
    pub content: Option<String>,
    #[orm(default = now, index)]
    pub created_at: DateTime<Utc>,
    #[orm(default = now)]
    pub updated_at: DateTime<Utc>,
    /// Counted on by each change: who has seen another one is told so.
    #[orm(version)]
    pub version: i64,
    pub author: Ref<Author>,
    #[orm(secondary = "article_tags", back_populates = articles, order_by = name)]
    pub tags: Many<Tag>,
}

/// What articles are about; its name is its key.
#[derive(Model, Clone, Debug)]
#[orm(table = "tags", serde)]
pub struct Tag {
    #[orm(primary_key, check = "length(name) BETWEEN 1 AND 50")]
    pub name: String,
    #[orm(secondary = "article_tags", back_populates = tags)]
    pub articles: Many<Article>,
}
