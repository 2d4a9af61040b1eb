//! The models of several tests.

use chrono::{DateTime, Utc};
use orm::prelude::*;

/// A parent.
#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    /// The key, made by the database.
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// The first name.
    pub firstname: Option<String>,
    /// The address.
    #[orm(unique, length = 255)]
    pub email: String,
    /// When.
    #[orm(default = now)]
    pub joined: DateTime<Utc>,
}

/// A child.
#[derive(Model, Clone, Debug)]
#[orm(table = "articles", schema = "blog")]
pub struct Article {
    /// The key, made by the database.
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// Its place in the URL.
    #[orm(unique, length = 100)]
    pub slug: String,
    /// What stands above it.
    #[orm(index)]
    pub title: String,
    /// When it was changed.
    #[orm(default = now, on_update = now)]
    pub updated_on: DateTime<Utc>,
    /// The text.
    #[orm(column = "body")]
    pub content: Option<String>,
    /// Who wrote it.
    #[orm(on_delete = cascade, on_update = restrict)]
    pub author: Ref<Author>,
    /// Who read it first.
    #[orm(on_delete = set_null, index = false)]
    pub editor: Option<Ref<Author>>,
}

/// A key of two fields, one of them a foreign key.
#[derive(Model, Clone, Debug)]
pub struct Revision {
    /// Of what.
    #[orm(primary_key)]
    pub article: Ref<Article>,
    /// Which.
    #[orm(primary_key)]
    pub number: i32,
    /// The one before.
    pub before: Option<Ref<Revision>>,
}

/// A natural key.
#[derive(Model, Clone, Debug, PartialEq)]
pub struct Country {
    /// Two letters.
    #[orm(primary_key, length = 2)]
    pub code: String,
    /// How many live there.
    #[orm(default = 1 + 2)]
    pub inhabitants: i32,
    /// Text by a literal.
    #[orm(default = "unknown")]
    pub capital: String,
}
