//! Objects and rows of any of the models, and the calls of the library per model.
//!
//! The one place that knows the models' types; the rest of the proof speaks of kinds and marks.

use crate::models::*;
use orm::prelude::*;
use orm::{Result, State};

/// A row as it is in a table, an object, or a plain value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub mark: i64,
    pub id: Option<i64>,
    pub label: String,
    pub note: Option<i64>,
    /// The key of the row it points to.
    pub parent: Option<i64>,
    /// Its version; 0 where it has none.
    pub version: i64,
}

/// What every model of the proof has.
pub trait Thing: Model<Key = i64> {
    fn make(mark: i64, label: &str) -> Self;
    /// The value that a row is.
    fn of(row: &Seen) -> Self;
    fn seen(&self) -> Seen;
    fn values(&mut self) -> (&mut String, &mut Option<i64>);
}

/// A reference, required or not.
pub trait Points<T> {
    fn points(&self) -> Option<i64>;
    fn at(&self, other: Handle<T>) -> bool;
    fn point(&mut self, to: Option<Handle<T>>);
    fn place(&mut self, key: Option<i64>);
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

    fn place(&mut self, key: Option<i64>) {
        *self = key.map_or_else(Ref::unset, Ref::from);
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

    fn place(&mut self, key: Option<i64>) {
        *self = key.map(Ref::from);
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

macro_rules! column {
    () => {
        "CAST(NULL AS BIGINT)"
    };
    ($column:literal) => {
        $column
    };
    ($version:ident) => {
        "version"
    };
}

macro_rules! kinds {
    ($($kind:ident, $table:literal $([$parent:ident = $column:literal])? $(($version:ident))?;)*) => {
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

                fn of(row: &Seen) -> $kind {
                    $kind {
                        id: row.id.map_or(Auto::Unset, Auto::from),
                        note: row.note,
                        $($parent: {
                            let mut reference = blank::$kind().$parent;
                            reference.place(row.parent);
                            reference
                        },)?
                        $($version: row.version,)?
                        ..$kind::make(row.mark, &row.label)
                    }
                }

                fn seen(&self) -> Seen {
                    let (parent, version) = (None, 0);
                    $(let parent = parent.or(self.$parent.points());)?
                    $(let version = version + self.$version;)?
                    let (id, label) = (self.id.get().copied(), self.label.clone());
                    Seen { mark: self.mark, id, label, note: self.note, parent, version }
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

            /// The value of an object that is gone, without what it is related to.
            pub fn take(self, session: &mut Session) -> Result<Seen> {
                match self { $(Any::$kind(it) => session.take(it).map(|value| value.seen())),* }
            }

            /// `note` becomes what the row has by then, and one more.
            pub fn raise(self, session: &mut Session) -> Result<()> {
                match self { $(Any::$kind(it) => session.set(it, $kind.note, $kind.note + 1)),* }
            }
        }

        impl Kind {
            pub fn add(self, session: &mut Session, mark: i64, label: &str) -> Any {
                match self { $(Kind::$kind => session.add($kind::make(mark, label)).into()),* }
            }

            /// Adds what a row would be.
            pub fn add_value(self, session: &mut Session, row: &Seen) -> Any {
                match self { $(Kind::$kind => session.add($kind::of(row)).into()),* }
            }

            pub fn merge(self, session: &mut Session, row: &Seen) -> Result<Any> {
                match self { $(Kind::$kind => session.merge($kind::of(row)).map(Any::from)),* }
            }

            /// Sets the note of all rows with a label.
            pub fn update_all(self, session: &mut Session, label: &str, note: i64) -> Result<u64> {
                match self {
                    $(Kind::$kind => {
                        let mut rows = session.query($kind).filter($kind.label.eq(label));
                        rows.update($kind.note.set(note))
                    }),*
                }
            }

            /// Deletes all rows with a label.
            pub fn delete_all(self, session: &mut Session, label: &str) -> Result<u64> {
                match self {
                    $(Kind::$kind => {
                        session.query($kind).filter($kind.label.eq(label)).delete()
                    }),*
                }
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
                        "SELECT id, mark, label, note, ", column!($($column)?),
                        ", ", column!($($version)?), " FROM ", $table, " ORDER BY mark"
                    )),*
                };
                let rows: Vec<(i64, i64, String, Option<i64>, Option<i64>, Option<i64>)> =
                    connection.execute(text(sql))?.all()?;
                let seen = |(id, mark, label, note, parent, version): (_, _, _, _, _, Option<i64>)| Seen {
                    mark, id: Some(id), label, note, parent, version: version.unwrap_or_default(),
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
    Author, "authors";
    Article, "articles" [author = "author_id"];
    Tag, "tags";
    Shelf, "shelves";
    Book, "books" [shelf = "shelf_id"];
    Club, "clubs";
    Member, "members" [club = "club_id"];
    Twig, "twigs" [parent = "parent_id"];
    Citizen, "citizens";
    Passport, "passports" [citizen = "citizen_id"];
    Locker, "lockers" [citizen = "citizen_id"];
    Folder, "folders";
    File, "files" [folder = "folder_id"];
    Sheet, "sheets" [folder = "folder_id"];
    Left, "lefts" [right = "right_id"];
    Right, "rights" [left = "left_id"];
    Person, "people";
    Page, "pages" (version);
    Remark, "remarks" [page = "page_id"] (version);
    Seal, "seals" [page = "page_id"] (version);
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
        Left(); Right(); Person(); Page(); Remark(); Seal();
    }
}
