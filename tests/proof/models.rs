//! The tables of the proof, a shape of relationships each: few columns, named by what connects them.
//!
//! Every row has a `mark` of its own, given when it is added and never changed: by it rows are told
//! apart whatever keys they got.

use orm::prelude::*;

/// Its articles can't be without it and go with it; its label is unique.
#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
pub struct Author {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    #[orm(unique)]
    pub label: String,
    pub note: Option<i64>,
    #[orm(back_populates = author, cascade(all, delete_orphan), order_by = mark)]
    pub articles: Many<Article>,
}

/// Of an author, with tags.
#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    pub author: Ref<Author>,
    #[orm(secondary = "article_tags", back_populates = articles, order_by = mark)]
    pub tags: Many<Tag>,
}

/// The other end of a many-to-many; its label is unique.
#[derive(Model, Clone, Debug)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    #[orm(unique)]
    pub label: String,
    pub note: Option<i64>,
    #[orm(secondary = "article_tags", back_populates = tags, order_by = mark)]
    pub articles: Many<Article>,
}

/// Its books can be without it, and nothing is said of their deletion.
#[derive(Model, Clone, Debug)]
#[orm(table = "shelves")]
pub struct Shelf {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(back_populates = shelf, order_by = mark)]
    pub books: Many<Book>,
}

/// On a shelf, or on none.
#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
pub struct Book {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    pub shelf: Option<Ref<Shelf>>,
}

/// Its members can't be without it, and nothing is said of their deletion.
#[derive(Model, Clone, Debug)]
#[orm(table = "clubs")]
pub struct Club {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    #[orm(unique)]
    pub label: String,
    pub note: Option<i64>,
    #[orm(back_populates = club, order_by = mark)]
    pub members: Many<Member>,
}

/// In a club, always.
#[derive(Model, Clone, Debug)]
#[orm(table = "members")]
pub struct Member {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    pub club: Ref<Club>,
}

/// A row of a tree; a branch goes with all that is on it.
#[derive(Model, Clone, Debug)]
#[orm(table = "twigs")]
pub struct Twig {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    pub parent: Option<Ref<Twig>>,
    #[orm(back_populates = parent, cascade(all), order_by = mark)]
    pub children: Many<Twig>,
}

/// Has one passport, which goes with it, and one locker, which may be another's.
#[derive(Model, Clone, Debug)]
#[orm(table = "citizens")]
pub struct Citizen {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(back_populates = citizen, cascade(all, delete_orphan))]
    pub passport: One<Passport>,
    #[orm(back_populates = citizen)]
    pub locker: One<Locker>,
}

/// Of one citizen, always.
#[derive(Model, Clone, Debug)]
#[orm(table = "passports")]
pub struct Passport {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(unique)]
    pub citizen: Ref<Citizen>,
}

/// Of one citizen, or of none.
#[derive(Model, Clone, Debug)]
#[orm(table = "lockers")]
pub struct Locker {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(unique)]
    pub citizen: Option<Ref<Citizen>>,
}

/// The database deletes its files with it, and lets its sheets go.
#[derive(Model, Clone, Debug)]
#[orm(table = "folders")]
pub struct Folder {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(back_populates = folder, order_by = mark)]
    pub files: Many<File>,
    #[orm(back_populates = folder, order_by = mark)]
    pub sheets: Many<Sheet>,
}

/// ON DELETE CASCADE.
#[derive(Model, Clone, Debug)]
#[orm(table = "files")]
pub struct File {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(on_delete = cascade)]
    pub folder: Ref<Folder>,
}

/// ON DELETE SET NULL.
#[derive(Model, Clone, Debug)]
#[orm(table = "sheets")]
pub struct Sheet {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(on_delete = set_null)]
    pub folder: Option<Ref<Folder>>,
}

/// One of two tables that point to one another, without collections.
#[derive(Model, Clone, Debug)]
#[orm(table = "lefts")]
pub struct Left {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    pub right: Option<Ref<Right>>,
}

/// The other one.
#[derive(Model, Clone, Debug)]
#[orm(table = "rights")]
pub struct Right {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    pub left: Option<Ref<Left>>,
}

/// Linked to its like.
#[derive(Model, Clone, Debug)]
#[orm(table = "people")]
pub struct Person {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    #[orm(unique)]
    pub label: String,
    pub note: Option<i64>,
    #[orm(secondary = "follows", back_populates = followers, order_by = mark)]
    pub following: Many<Person>,
    #[orm(secondary = "follows", back_populates = following, order_by = mark)]
    pub followers: Many<Person>,
}

/// Has a version; its label is unique, its remarks go with it.
#[derive(Model, Clone, Debug)]
#[orm(table = "pages")]
pub struct Page {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    #[orm(unique)]
    pub label: String,
    pub note: Option<i64>,
    #[orm(version)]
    pub version: i64,
    #[orm(back_populates = page, cascade(all), order_by = mark)]
    pub remarks: Many<Remark>,
    #[orm(back_populates = page)]
    pub seal: One<Seal>,
}

/// Has a version; of a page, or of none.
#[derive(Model, Clone, Debug)]
#[orm(table = "remarks")]
pub struct Remark {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(version)]
    pub version: i64,
    pub page: Option<Ref<Page>>,
}

/// Has a version; one of a page, or of none.
#[derive(Model, Clone, Debug)]
#[orm(table = "seals")]
pub struct Seal {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub mark: i64,
    pub label: String,
    pub note: Option<i64>,
    #[orm(version)]
    pub version: i64,
    #[orm(unique)]
    pub page: Option<Ref<Page>>,
}
