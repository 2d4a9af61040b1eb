//! The tables of the relationship themes, named by the shape of what connects them.

use orm::prelude::*;
use orm_test_support::TestDatabase;

/// Owns its articles and may have one profile.
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

/// Is of one author, or of none.
#[derive(Model, Clone, Debug)]
#[orm(table = "profiles")]
pub struct Profile {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub bio: String,
    #[orm(unique)]
    pub author: Option<Ref<Author>>,
}

/// Is of an author, has tags.
#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub author: Ref<Author>,
    #[orm(secondary = "article_tags", back_populates = articles, order_by = name)]
    pub tags: Many<Tag>,
}

/// Tags articles.
#[derive(Model, Clone, Debug)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    #[orm(unique)]
    pub name: String,
    #[orm(secondary = "article_tags", back_populates = tags, order_by = title)]
    pub articles: Many<Article>,
}

/// Its books can be without it, and nothing is said of their deletion.
#[derive(Model, Clone, Debug)]
#[orm(table = "shelves")]
pub struct Shelf {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = shelf, order_by = title)]
    pub books: Many<Book>,
}

/// On a shelf, or on none.
#[derive(Model, Clone, Debug)]
#[orm(table = "books")]
pub struct Book {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub shelf: Option<Ref<Shelf>>,
}

/// Its members can't be without it, and nothing is said of their deletion.
#[derive(Model, Clone, Debug)]
#[orm(table = "clubs")]
pub struct Club {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = club, order_by = name)]
    pub members: Many<Member>,
}

/// In a club, always.
#[derive(Model, Clone, Debug)]
#[orm(table = "members")]
pub struct Member {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub club: Ref<Club>,
}

/// The database deletes its files with it and lets its notes go.
#[derive(Model, Clone, Debug)]
#[orm(table = "folders")]
pub struct Folder {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = folder)]
    pub files: Many<File>,
    #[orm(back_populates = folder)]
    pub notes: Many<Note>,
}

/// ON DELETE CASCADE.
#[derive(Model, Clone, Debug)]
#[orm(table = "files")]
pub struct File {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(on_delete = cascade)]
    pub folder: Ref<Folder>,
}

/// ON DELETE SET NULL.
#[derive(Model, Clone, Debug)]
#[orm(table = "notes")]
pub struct Note {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub text: String,
    #[orm(on_delete = set_null)]
    pub folder: Option<Ref<Folder>>,
}

/// A row of a tree.
#[derive(Model, Clone, Debug)]
#[orm(table = "twigs")]
pub struct Twig {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub parent: Option<Ref<Twig>>,
    #[orm(back_populates = parent, cascade(all), order_by = name)]
    pub children: Many<Twig>,
}

/// Linked to its like: one way, and both ways.
#[derive(Model, Clone, Debug)]
#[orm(table = "people")]
pub struct Person {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(secondary = "friends", order_by = name)]
    pub friends: Many<Person>,
    #[orm(secondary = "follows", back_populates = followers, order_by = name)]
    pub following: Many<Person>,
    #[orm(secondary = "follows", back_populates = following, order_by = name)]
    pub followers: Many<Person>,
}

/// Has labels, which know nothing of it.
#[derive(Model, Clone, Debug)]
#[orm(table = "posters")]
pub struct Poster {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(secondary = "poster_labels", order_by = name)]
    pub labels: Many<Label>,
}

/// The end of a many-to-many that declares none.
#[derive(Model, Clone, Debug)]
#[orm(table = "labels")]
pub struct Label {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
}

/// One end of two association objects.
#[derive(Model, Clone, Debug)]
#[orm(table = "workers")]
pub struct Worker {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = worker, cascade(all, delete_orphan))]
    pub jobs: Many<Job>,
    #[orm(back_populates = worker, cascade(all, delete_orphan), order_by = wage)]
    pub contracts: Many<Contract>,
}

/// The other end.
#[derive(Model, Clone, Debug)]
#[orm(table = "firms")]
pub struct Firm {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(back_populates = firm)]
    pub jobs: Many<Job>,
}

/// An association object whose key is both its references.
#[derive(Model, Clone, Debug)]
#[orm(table = "jobs")]
pub struct Job {
    #[orm(primary_key)]
    pub worker: Ref<Worker>,
    #[orm(primary_key)]
    pub firm: Ref<Firm>,
    pub role: String,
}

/// An association object with a key of its own.
#[derive(Model, Clone, Debug)]
#[orm(table = "contracts")]
pub struct Contract {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub wage: i32,
    pub worker: Ref<Worker>,
    pub firm: Ref<Firm>,
}

/// Found by a key of two columns.
#[derive(Model, Clone, Debug)]
#[orm(table = "regions")]
pub struct Region {
    #[orm(primary_key, length = 10)]
    pub country: String,
    #[orm(primary_key)]
    pub code: i32,
    pub name: String,
    #[orm(back_populates = region, order_by = name)]
    pub towns: Many<Town>,
    #[orm(secondary = "region_rivers", back_populates = regions, order_by = name)]
    pub rivers: Many<River>,
}

/// Points to a key of two columns.
#[derive(Model, Clone, Debug)]
#[orm(table = "towns")]
pub struct Town {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub region: Option<Ref<Region>>,
}

/// Linked to keys of two columns.
#[derive(Model, Clone, Debug)]
#[orm(table = "rivers")]
pub struct River {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[orm(secondary = "region_rivers", back_populates = rivers)]
    pub regions: Many<Region>,
}

/// An engine on a database with the tables of these themes.
pub fn ready(db: &TestDatabase) -> Engine {
    let blog = (Author, Profile, Article, Tag, Shelf, Book, Club, Member);
    let rest = (Folder, File, Note, Twig, Person, Poster, Label);
    let work = (Worker, Firm, Job, Contract, Region, Town, River);
    let models = Schema::of((blog, rest, work));
    let engine = Engine::builder(db.url()).models(models).build().expect("the models fit together");
    engine.create_all().expect("the tables can be created");
    engine
}

/// An article that its author's collection is to give its author.
pub fn article(title: &str) -> Article {
    Article::new(title, Ref::unset())
}
