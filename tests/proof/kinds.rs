//! Objects and rows of any of the models, and the calls of the library per model.
//!
//! The one place that knows the models' types; the rest of the proof speaks of kinds and marks.

use crate::models::*;
use orm::prelude::*;
use orm::{Result, State};

/// A row as it is in a table, or an object: key, mark, label, note, the key of the row pointed to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub mark: i64,
    pub id: Option<i64>,
    pub label: String,
    pub note: Option<i64>,
    pub parent: Option<i64>,
}

/// What every model of the proof has.
pub trait Thing: Model<Key = i64> {
    fn make(mark: i64, label: &str) -> Self;
    fn seen(&self) -> Seen;
    fn values(&mut self) -> (&mut String, &mut Option<i64>);
}

/// A reference, required or not.
pub trait Points<T> {
    fn points(&self) -> Option<i64>;
    fn at(&self, other: Handle<T>) -> bool;
    fn point(&mut self, to: Option<Handle<T>>);
}

impl<T: Model<Key = i64>> Points<T> for Ref<T> {
    fn points(&self) -> Option<i64> {
        self.key()
    }

    fn at(&self, other: Handle<T>) -> bool {
        *self == other
    }

    fn point(&mut self, to: Option<Handle<T>>) {
        *self = to.map_or_else(Ref::unset, Ref::from);
    }
}

impl<T: Model<Key = i64>> Points<T> for Option<Ref<T>> {
    fn points(&self) -> Option<i64> {
        self.as_ref().and_then(Points::points)
    }

    fn at(&self, other: Handle<T>) -> bool {
        *self == other
    }

    fn point(&mut self, to: Option<Handle<T>>) {
        *self = to.map(Ref::from);
    }
}

/// A collection, of many or of one.
pub trait Holds<T> {
    fn held(&self) -> Option<Vec<Handle<T>>>;
    fn put(&mut self, member: Handle<T>);
    fn take(&mut self, member: Handle<T>);
    fn of_new(members: Vec<T>) -> Self;
}

impl<T: Model> Holds<T> for Many<T> {
    fn held(&self) -> Option<Vec<Handle<T>>> {
        self.get().ok().map(<[_]>::to_vec)
    }

    fn put(&mut self, member: Handle<T>) {
        self.push(member);
    }

    fn take(&mut self, member: Handle<T>) {
        self.remove(member);
    }

    fn of_new(members: Vec<T>) -> Many<T> {
        members.into()
    }
}

impl<T: Model> Holds<T> for One<T> {
    fn held(&self) -> Option<Vec<Handle<T>>> {
        self.get().ok().map(|one| one.into_iter().collect())
    }

    fn put(&mut self, member: Handle<T>) {
        self.set(member);
    }

    fn take(&mut self, _: Handle<T>) {
        self.clear();
    }

    fn of_new(members: Vec<T>) -> One<T> {
        members.into_iter().next().map_or_else(One::none, Into::into)
    }
}

/// What `load` gives, as a list.
pub trait Listed<T> {
    fn listed(self) -> Vec<Handle<T>>;
}

impl<T> Listed<T> for Handle<T> {
    fn listed(self) -> Vec<Handle<T>> {
        vec![self]
    }
}

impl<T> Listed<T> for Option<Handle<T>> {
    fn listed(self) -> Vec<Handle<T>> {
        self.into_iter().collect()
    }
}

impl<T> Listed<T> for Vec<Handle<T>> {
    fn listed(self) -> Vec<Handle<T>> {
        self
    }
}

macro_rules! kinds {
    ($($kind:ident, $table:literal, $column:literal, |$it:ident| $parent:expr;)*) => {
        /// A model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($kind),* }

        /// A handle of any model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Any { $($kind(Handle<$kind>)),* }

        $(
            impl Thing for $kind {
                fn make(mark: i64, label: &str) -> $kind {
                    $kind { mark, label: label.to_owned(), ..blank::$kind() }
                }

                fn seen(&self) -> Seen {
                    let $it = self;
                    let (id, label) = (self.id.get().copied(), self.label.clone());
                    Seen { mark: self.mark, id, label, note: self.note, parent: $parent }
                }

                fn values(&mut self) -> (&mut String, &mut Option<i64>) {
                    (&mut self.label, &mut self.note)
                }
            }

            impl From<Handle<$kind>> for Any {
                fn from(handle: Handle<$kind>) -> Any {
                    Any::$kind(handle)
                }
            }

            impl From<Any> for Handle<$kind> {
                fn from(any: Any) -> Handle<$kind> {
                    match any {
                        Any::$kind(handle) => handle,
                        other => panic!("{other:?} is no handle of {}", stringify!($kind)),
                    }
                }
            }
        )*

        impl Any {
            pub fn seen(self, session: &Session) -> Result<Seen> {
                match self { $(Any::$kind(it) => session.try_get(it).map(Thing::seen)),* }
            }

            pub fn state(self, session: &Session) -> Result<State> {
                match self { $(Any::$kind(it) => session.state(it)),* }
            }

            pub fn change(
                self,
                session: &mut Session,
                label: Option<&str>,
                note: Option<Option<i64>>,
            ) -> Result<()> {
                let (old_label, old_note) = match self {
                    $(Any::$kind(it) => session.try_get_mut(it)?.values()),*
                };
                if let Some(label) = label {
                    label.clone_into(old_label);
                }
                if let Some(note) = note {
                    *old_note = note;
                }
                Ok(())
            }

            pub fn expire(self, session: &mut Session) -> Result<()> {
                match self { $(Any::$kind(it) => session.expire(it)),* }
            }

            pub fn refresh(self, session: &mut Session) -> Result<()> {
                match self { $(Any::$kind(it) => session.refresh(it)),* }
            }

            pub fn expunge(self, session: &mut Session) -> Result<()> {
                match self { $(Any::$kind(it) => session.expunge(it)),* }
            }

            pub fn delete(self, session: &mut Session) -> Result<()> {
                match self { $(Any::$kind(it) => session.delete(it)),* }
            }
        }

        impl Kind {
            pub fn add(self, session: &mut Session, mark: i64, label: &str) -> Any {
                match self { $(Kind::$kind => session.add($kind::make(mark, label)).into()),* }
            }

            pub fn get(self, session: &mut Session, id: i64) -> Result<Option<Any>> {
                match self {
                    $(Kind::$kind => session.get($kind, id).map(|it| it.map(Any::from))),*
                }
            }

            pub fn query(self, session: &mut Session) -> Result<Vec<Any>> {
                match self {
                    $(Kind::$kind => {
                        let found = session.query($kind).order_by($kind.mark).all()?;
                        Ok(found.into_iter().map(Any::from).collect())
                    }),*
                }
            }

            /// The rows as the session's own transaction sees them, not tracked.
            pub fn rows_inside(self, session: &mut Session) -> Result<Vec<Seen>> {
                let mut seen = Vec::new();
                match self {
                    $(Kind::$kind => {
                        let mut rows = select($kind).order_by($kind.mark).stream(session)?;
                        while let Some(row) = rows.next(session)? {
                            seen.push(row.seen());
                        }
                    })*
                }
                Ok(seen)
            }

            /// The rows that are committed, by plain SQL.
            pub fn rows_outside(self, connection: &mut orm::Connection) -> Result<Vec<Seen>> {
                let sql = match self {
                    $(Kind::$kind => concat!(
                        "SELECT id, mark, label, note, ", $column, " FROM ", $table, " ORDER BY mark"
                    )),*
                };
                let rows: Vec<(i64, i64, String, Option<i64>, Option<i64>)> =
                    connection.execute(text(sql))?.all()?;
                let seen = |(id, mark, label, note, parent)| Seen {
                    mark, id: Some(id), label, note, parent,
                };
                Ok(rows.into_iter().map(seen).collect())
            }

            /// Empties the table.
            pub fn empty(self, connection: &mut orm::Connection) -> Result<()> {
                let sql = match self { $(Kind::$kind => concat!("DELETE FROM ", $table)),* };
                connection.execute(text(sql)).map(drop)
            }

            /// Changes, by a statement of somebody else's, the label or the note of a row.
            pub fn write(
                self,
                other: &mut Session,
                mark: i64,
                label: Option<&str>,
                note: Option<i64>,
            ) -> Result<u64> {
                match self {
                    $(Kind::$kind => {
                        let mut row = other.query($kind).filter($kind.mark.eq(mark));
                        match label {
                            Some(label) => row.update($kind.label.set(label)),
                            None => row.update($kind.note.set(note)),
                        }
                    }),*
                }
            }

            /// Deletes a row by a statement of somebody else's.
            pub fn erase(self, other: &mut Session, mark: i64) -> Result<u64> {
                match self {
                    $(Kind::$kind => other.query($kind).filter($kind.mark.eq(mark)).delete()),*
                }
            }
        }
    };
}

kinds! {
    Author, "authors", "CAST(NULL AS BIGINT)", |_it| None;
    Article, "articles", "author_id", |it| it.author.points();
    Tag, "tags", "CAST(NULL AS BIGINT)", |_it| None;
    Shelf, "shelves", "CAST(NULL AS BIGINT)", |_it| None;
    Book, "books", "shelf_id", |it| it.shelf.points();
    Club, "clubs", "CAST(NULL AS BIGINT)", |_it| None;
    Member, "members", "club_id", |it| it.club.points();
    Twig, "twigs", "parent_id", |it| it.parent.points();
    Citizen, "citizens", "CAST(NULL AS BIGINT)", |_it| None;
    Passport, "passports", "citizen_id", |it| it.citizen.points();
    Locker, "lockers", "citizen_id", |it| it.citizen.points();
    Folder, "folders", "CAST(NULL AS BIGINT)", |_it| None;
    File, "files", "folder_id", |it| it.folder.points();
    Sheet, "sheets", "folder_id", |it| it.folder.points();
    Left, "lefts", "right_id", |it| it.right.points();
    Right, "rights", "left_id", |it| it.left.points();
    Person, "people", "CAST(NULL AS BIGINT)", |_it| None;
}

/// Values to fill in.
mod blank {
    use crate::models;
    use orm::Ref;

    macro_rules! blank {
        ($($kind:ident($($required:expr)?);)*) => { $(
            #[allow(non_snake_case)]
            pub fn $kind() -> models::$kind {
                models::$kind::new(0, "" $(, $required)?)
            }
        )* };
    }

    blank! {
        Author(); Article(Ref::unset()); Tag(); Shelf(); Book(); Club(); Member(Ref::unset());
        Twig(); Citizen(); Passport(Ref::unset()); Locker(); Folder(); File(Ref::unset()); Sheet();
        Left(); Right(); Person();
    }
}
