//! A column that is read on demand only: [`Deferred`].
//!
//! Not loaded and a value that is there are two different things in its type: there is no `Deref` and
//! no default value that what is not loaded could pass for.

use super::NotLoaded;
use crate::schema::ModelMeta;
use std::fmt;

/// The value of a column that a SELECT of its model leaves out, unless it is asked for: a long text,
/// an image, a document.
///
/// It is a column like any other in DDL, INSERT and UPDATE, and in conditions. `include` reads it with
/// its row, `session.load` later, for all objects that were loaded together by one statement. Setting
/// it needs no loading; what is not loaded and not set is never written.
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, mut session) = blog()?;
/// let page = session.add(Page::new("intro", "Once upon a time"));
/// session.commit()?;
/// # drop(session);
/// # let mut session = engine.session();
/// let page = session.query(Page).one()?; // SELECT "pages"."id", "pages"."title" FROM …
/// assert!(session[page].body.get().is_err());
/// assert_eq!(session.load(page, Page.body)?, "Once upon a time");
///
/// session[page].body = "Once, long ago".into(); // loaded or not
/// session.commit()?;
/// let pages = select(Page).include(Page.body).all(&mut engine.connect()?)?;
/// assert_eq!(pages[0].body.get()?, "Once, long ago");
/// # Ok::<(), Error>(())
/// ```
///
/// In a new object it has a value. One that was left `Deferred::default()` is left to the database,
/// which takes the column's `server_default`, else NULL; where the column has neither, the flush is an
/// error before SQL.
#[derive(Clone)]
pub struct Deferred<T>(State<T>);

#[derive(Clone)]
enum State<T> {
    /// Which column it is, where that was told.
    Unloaded(Option<Place>),
    Loaded(T),
}

/// A field of a model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The model.
    pub model: &'static ModelMeta,
    /// The position of the field.
    pub field: usize,
}

impl<T> Deferred<T> {
    /// The value.
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read and not set; the message names the column.
    pub fn get(&self) -> Result<&T, NotLoaded> {
        match &self.0 {
            State::Loaded(value) => Ok(value),
            State::Unloaded(place) => Err(NotLoaded::column(*place)),
        }
    }

    /// The value, to change it.
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read and not set; [`set`](Deferred::set) needs no value.
    pub fn get_mut(&mut self) -> Result<&mut T, NotLoaded> {
        match &mut self.0 {
            State::Loaded(value) => Ok(value),
            State::Unloaded(place) => Err(NotLoaded::column(*place)),
        }
    }

    /// The value, taken out.
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read and not set.
    pub fn into_value(self) -> Result<T, NotLoaded> {
        match self.0 {
            State::Loaded(value) => Ok(value),
            State::Unloaded(place) => Err(NotLoaded::column(place)),
        }
    }

    /// Gives the value, whether there was one or not.
    pub fn set(&mut self, value: impl Into<T>) {
        self.0 = State::Loaded(value.into());
    }

    /// Whether there is a value: one that was read, or one that was set.
    pub fn is_loaded(&self) -> bool {
        matches!(self.0, State::Loaded(_))
    }

    /// One of a row that was read without it.
    pub(super) fn unread(place: Place) -> Deferred<T> {
        Deferred(State::Unloaded(Some(place)))
    }
}

/// Not loaded.
impl<T> Default for Deferred<T> {
    fn default() -> Deferred<T> {
        Deferred(State::Unloaded(None))
    }
}

impl<T> From<T> for Deferred<T> {
    fn from(value: T) -> Deferred<T> {
        Deferred(State::Loaded(value))
    }
}

impl From<&str> for Deferred<String> {
    fn from(value: &str) -> Deferred<String> {
        value.to_owned().into()
    }
}

impl From<&str> for Deferred<Option<String>> {
    fn from(value: &str) -> Deferred<Option<String>> {
        Some(value.to_owned()).into()
    }
}

impl<T> From<T> for Deferred<Option<T>> {
    fn from(value: T) -> Deferred<Option<T>> {
        Some(value).into()
    }
}

/// The value, or `<not loaded>`.
impl<T: fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Loaded(value) => value.fmt(f),
            State::Unloaded(_) => f.write_str("<not loaded>"),
        }
    }
}
