//! The shapes: which kinds a program plays with, and how they are related.
//!
//! What is said here of a relationship (required, cascades, ON DELETE) is what the oracle goes by; it
//! repeats what the models declare. The functions are the library's calls, kinds erased.

use crate::kinds::{Any, Holds, Kind, Listed, Points, Seen, Thing};
use crate::models::*;
use orm::Result;
use orm::prelude::*;

/// What the database does to a row when the row it points to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    Nothing,
    Cascade,
    SetNull,
}

/// A foreign key, and the collection at its other side where there is one.
// each flag is a word of the declaration
#[allow(clippy::struct_excessive_bools)]
pub struct Edge {
    pub child: Kind,
    pub owner: Kind,
    pub required: bool,
    /// One child at most: the column is UNIQUE.
    pub one: bool,
    pub on_delete: OnDelete,
    /// `cascade(delete)` of the collection.
    pub deletes: bool,
    /// `cascade(delete_orphan)` of the collection.
    pub orphans: bool,
    pub calls: EdgeCalls,
    pub collection: Option<CollectionCalls>,
}

/// The calls at the side of the foreign key.
pub struct EdgeCalls {
    /// `session[child].owner = …`
    pub point: fn(&mut Session, Any, Option<Any>) -> Result<()>,
    /// `session.set(child, Child.owner, …)`
    pub set: fn(&mut Session, Any, Option<Any>) -> Result<()>,
    /// `session.load(child, Child.owner)`
    pub load: fn(&mut Session, Any) -> Result<Vec<Any>>,
    /// `session[child].owner == owner`
    pub at: fn(&Session, Any, Any) -> bool,
}

/// The calls at the side of a collection.
pub struct CollectionCalls {
    pub link: fn(&mut Session, Any, Any) -> Result<()>,
    pub unlink: fn(&mut Session, Any, Any) -> Result<()>,
    /// `session[owner].children.push(child)`
    pub put: fn(&mut Session, Any, Any) -> Result<()>,
    /// `session[owner].children.remove(child)`
    pub take: fn(&mut Session, Any, Any) -> Result<()>,
    pub load: fn(&mut Session, Any) -> Result<Vec<Any>>,
    /// `session[owner].children.get()`
    pub held: fn(&Session, Any) -> Option<Vec<Any>>,
    /// `session.add(Owner { children: […], … })`
    pub graph: fn(&mut Session, (i64, &str), &[(i64, String)]) -> Any,
    /// `session.merge(Owner { children: […], … })`
    pub merge: fn(&mut Session, &Seen, &[Seen]) -> Result<Any>,
}

/// A many-to-many.
pub struct Link {
    pub left: Kind,
    pub right: Kind,
    pub sides: [CollectionCalls; 2],
    /// The pairs of marks, as the session's own transaction sees them.
    pub inside: fn(&mut Session) -> Result<Vec<(i64, i64)>>,
    /// The pairs of marks that are committed.
    pub outside: &'static str,
    pub empty: &'static str,
}

/// A shape of relationships.
pub struct Shape {
    pub name: &'static str,
    pub kinds: &'static [Kind],
    /// Kinds with a UNIQUE label.
    pub unique: &'static [Kind],
    /// Whether its rows have versions.
    pub versioned: bool,
    pub edges: &'static [Edge],
    pub link: Option<&'static Link>,
    /// What lets go of one another before the tables are emptied.
    pub severing: &'static [&'static str],
}

fn list<T>(handles: Vec<Handle<T>>) -> Vec<Any>
where
    Any: From<Handle<T>>,
{
    handles.into_iter().map(Any::from).collect()
}

macro_rules! edge_calls {
    ($child:ident . $field:ident -> $owner:ident) => {
        EdgeCalls {
            point: |session, child, owner| {
                let child: Handle<$child> = child.into();
                session.try_get_mut(child)?.$field.point(owner.map(Handle::from));
                Ok(())
            },
            set: |session, child, owner| {
                let child: Handle<$child> = child.into();
                session.set(child, $child.$field, owner.map(Handle::<$owner>::from))
            },
            load: |session, child| {
                let child: Handle<$child> = child.into();
                Ok(list(session.load(child, $child.$field)?.listed()))
            },
            at: |session, child, owner| {
                let child: Handle<$child> = child.into();
                session[child].$field.at(owner.into())
            },
        }
    };
}

macro_rules! collection_calls {
    ($owner:ident . $field:ident -> $child:ident) => {
        CollectionCalls {
            link: |session, owner, child| {
                session.link(Handle::<$owner>::from(owner), $owner.$field, child.into())
            },
            unlink: |session, owner, child| {
                session.unlink(Handle::<$owner>::from(owner), $owner.$field, child.into())
            },
            put: |session, owner, child| {
                let owner: Handle<$owner> = owner.into();
                session.try_get_mut(owner)?.$field.put(child.into());
                Ok(())
            },
            take: |session, owner, child| {
                let owner: Handle<$owner> = owner.into();
                session.try_get_mut(owner)?.$field.take(child.into());
                Ok(())
            },
            load: |session, owner| {
                let owner: Handle<$owner> = owner.into();
                Ok(list(session.load(owner, $owner.$field)?.listed()))
            },
            held: |session, owner| {
                let owner: Handle<$owner> = owner.into();
                session[owner].$field.held().map(list)
            },
            graph: |session, (mark, label), children| {
                let children = children.iter().map(|(mark, label)| $child::make(*mark, label));
                let mut owner = $owner::make(mark, label);
                owner.$field = Holds::of_new(children.collect());
                session.add(owner).into()
            },
            merge: |session, owner, members| {
                let members = members.iter().map($child::of);
                let mut owner = $owner::of(owner);
                owner.$field = Holds::of_new(members.collect());
                session.merge(owner).map(Any::from)
            },
        }
    };
}

macro_rules! edge {
    (
        $child:ident . $field:ident -> $owner:ident . $collection:ident,
        $required:literal, one: $one:literal, $on_delete:ident,
        deletes: $deletes:literal, orphans: $orphans:literal
    ) => {
        Edge {
            child: Kind::$child,
            owner: Kind::$owner,
            required: $required,
            one: $one,
            on_delete: OnDelete::$on_delete,
            deletes: $deletes,
            orphans: $orphans,
            calls: edge_calls!($child.$field -> $owner),
            collection: Some(collection_calls!($owner.$collection -> $child)),
        }
    };
    ($child:ident . $field:ident -> $owner:ident) => {
        Edge {
            child: Kind::$child,
            owner: Kind::$owner,
            required: false,
            one: false,
            on_delete: OnDelete::Nothing,
            deletes: false,
            orphans: false,
            calls: edge_calls!($child.$field -> $owner),
            collection: None,
        }
    };
}

static ARTICLE_TAGS: Link = Link {
    left: Kind::Article,
    right: Kind::Tag,
    sides: [collection_calls!(Article.tags -> Tag), collection_calls!(Tag.articles -> Article)],
    inside: |session| session.query((Article.mark, Tag.mark)).join(Article.tags).all(),
    outside: "SELECT l.mark, r.mark FROM article_tags p JOIN articles l ON l.id = p.article_id \
              JOIN tags r ON r.id = p.tag_id",
    empty: "DELETE FROM article_tags",
};

static FOLLOWS: Link = Link {
    left: Kind::Person,
    right: Kind::Person,
    sides: [
        collection_calls!(Person.following -> Person),
        collection_calls!(Person.followers -> Person),
    ],
    inside: |session| {
        let other = Person.alias("other");
        session.query((Person.mark, other.mark)).join(Person.following.to(other)).all()
    },
    outside: "SELECT l.mark, r.mark FROM follows p JOIN people l ON l.id = p.left_id \
              JOIN people r ON r.id = p.right_id",
    empty: "DELETE FROM follows",
};

/// All shapes.
pub static SHAPES: [Shape; 8] = [
    Shape {
        name: "articles of authors, with tags",
        kinds: &[Kind::Author, Kind::Article, Kind::Tag],
        unique: &[Kind::Author, Kind::Tag],
        versioned: false,
        edges: &[
            edge!(Article.author -> Author.articles, true, one: false, Nothing, deletes: true, orphans: true),
        ],
        link: Some(&ARTICLE_TAGS),
        severing: &[],
    },
    Shape {
        name: "books on shelves, or on none",
        kinds: &[Kind::Shelf, Kind::Book],
        unique: &[],
        versioned: false,
        edges: &[
            edge!(Book.shelf -> Shelf.books, false, one: false, Nothing, deletes: false, orphans: false),
        ],
        link: None,
        severing: &[],
    },
    Shape {
        name: "members of clubs, always",
        kinds: &[Kind::Club, Kind::Member],
        unique: &[Kind::Club],
        versioned: false,
        edges: &[
            edge!(Member.club -> Club.members, true, one: false, Nothing, deletes: false, orphans: false),
        ],
        link: None,
        severing: &[],
    },
    Shape {
        name: "a tree",
        kinds: &[Kind::Twig],
        unique: &[],
        versioned: false,
        edges: &[
            edge!(Twig.parent -> Twig.children, false, one: false, Nothing, deletes: true, orphans: false),
        ],
        link: None,
        severing: &[],
    },
    Shape {
        name: "one passport and one locker of a citizen",
        kinds: &[Kind::Citizen, Kind::Passport, Kind::Locker],
        unique: &[],
        versioned: false,
        edges: &[
            edge!(Passport.citizen -> Citizen.passport, true, one: true, Nothing, deletes: true, orphans: true),
            edge!(Locker.citizen -> Citizen.locker, false, one: true, Nothing, deletes: false, orphans: false),
        ],
        link: None,
        severing: &[],
    },
    Shape {
        name: "files and sheets of folders, left to the database",
        kinds: &[Kind::Folder, Kind::File, Kind::Sheet],
        unique: &[],
        versioned: false,
        edges: &[
            edge!(File.folder -> Folder.files, true, one: false, Cascade, deletes: false, orphans: false),
            edge!(Sheet.folder -> Folder.sheets, false, one: false, SetNull, deletes: false, orphans: false),
        ],
        link: None,
        severing: &[],
    },
    Shape {
        name: "rings of two tables, and links among one",
        kinds: &[Kind::Left, Kind::Right, Kind::Person],
        unique: &[Kind::Person],
        versioned: false,
        edges: &[edge!(Left.right -> Right), edge!(Right.left -> Left)],
        link: Some(&FOLLOWS),
        severing: &["UPDATE lefts SET right_id = NULL"],
    },
    Shape {
        name: "pages with versions, with remarks and a seal",
        kinds: &[Kind::Page, Kind::Remark, Kind::Seal],
        unique: &[Kind::Page],
        versioned: true,
        edges: &[
            edge!(Remark.page -> Page.remarks, false, one: false, Nothing, deletes: true, orphans: false),
            edge!(Seal.page -> Page.seal, false, one: true, Nothing, deletes: false, orphans: false),
        ],
        link: None,
        severing: &[],
    },
];

/// The models, to be registered.
pub fn schema() -> Schema {
    let blog = (Author, Article, Tag, Shelf, Book, Club, Member);
    let rest = (Twig, Citizen, Passport, Locker, Folder, File, Sheet);
    Schema::of((blog, rest, (Left, Right, Person), (Page, Remark, Seal)))
}
