//! The models of the blog: authors and their profiles, articles, and tags.

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
    /// One-to-many: the other side of `Article.author`. Articles go with their author, and one that
    /// is taken out is deleted.
    #[orm(back_populates = author, cascade(all, delete_orphan), order_by = title)]
    pub articles: Many<Article>,
    /// One-to-one: the other side of `Profile.author`.
    #[orm(back_populates = author, cascade(all, delete_orphan))]
    pub profile: One<Profile>,
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
    /// Many-to-many: over the table `article_tags`, which follows from the two models.
    #[orm(secondary = "article_tags", back_populates = articles, order_by = name)]
    pub tags: Many<Tag>,
}

/// What an article is about.
#[derive(Model, Clone, Debug)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique, length = 50)]
    pub name: String,
    #[orm(secondary = "article_tags", back_populates = tags, order_by = title)]
    pub articles: Many<Article>,
}

/// What an author says of themself.
#[derive(Model, Clone, Debug)]
#[orm(table = "profiles")]
pub struct Profile {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub bio: String,
    /// `unique` makes it one-to-one.
    #[orm(unique, on_delete = cascade)]
    pub author: Ref<Author>,
}
