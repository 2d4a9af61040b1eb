//! The models of the blog: authors, and articles that point to them.

use chrono::{DateTime, Utc};
use orm::prelude::*;

/// Somebody who writes.
#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    /// The database makes it.
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// `Option` is a column that may be NULL.
    #[orm(length = 100)]
    pub firstname: Option<String>,
    #[orm(length = 100)]
    pub lastname: Option<String>,
    #[orm(unique, length = 255)]
    pub email: String,
    #[orm(default = now)]
    pub joined: DateTime<Utc>,
}

/// Something written.
#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique, length = 100)]
    pub slug: String,
    #[orm(length = 100)]
    pub title: String,
    /// `new` fills it with the time of the call.
    #[orm(default = now)]
    pub created_on: DateTime<Utc>,
    /// Filled again whenever the row is updated.
    #[orm(default = now, on_update = now)]
    pub updated_on: DateTime<Utc>,
    pub content: Option<String>,
    /// The column `author_id` with its foreign key, and the way to the author.
    #[orm(on_delete = cascade)]
    pub author: Ref<Author>,
}
