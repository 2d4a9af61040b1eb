//! A foreign key and the many-to-one in one field.
//!
//! Without a bound on `T`: a model may point to one that has a mistake in it, and the mistake is
//! then told once, where it is.

use super::not_loaded::Why;
use super::{Handle, KeyType, Model, NotLoaded, Object, RawHandle};
use crate::types::{Key, ShownKey};
use std::fmt;
use std::marker::PhantomData;

/// The row this one points to: by its key, by the handle of an object (which may not be flushed
/// yet), or a new object of its own, which is added together with this one.
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, mut session) = blog()?;
/// # let author = session.add(Author::new("Ann"));
/// let first = session.add(Article::new("first", "title", author)); // a handle
/// let second = session.add(Article::new("second", "title", 3)); // a key
/// session[second].author = Author::new("New").into(); // a new object
/// session.flush()?;
/// assert!(session[first].author == author);
/// # assert_eq!(session.query(Author).count()?, 5);
/// # Ok::<(), Error>(())
/// ```
///
/// After a flush and after loading it holds the key, and the handle where a session loaded it, so
/// that `session[article].author == author` is answered.
pub struct Ref<T> {
    value: RefValue,
    model: PhantomData<fn() -> T>,
}

/// What a [`Ref`] holds, its model erased.
#[derive(Clone)]
pub struct RefValue {
    key: Option<Key>,
    target: RefTarget,
}

/// The object that a [`Ref`] points to, as far as it is known.
pub enum RefTarget {
    /// Only the key is known.
    Key,
    /// An object of a session.
    Handle(RawHandle),
    /// An object that no session has yet.
    New(Box<dyn Object>),
}

impl<T> Ref<T> {
    /// A reference that the owner's collection sets: for a new object inside another new one.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let author = session.add(Author {
    ///     articles: [Article::new("slug", "title", Ref::unset())].into(),
    ///     ..Author::new("Ann")
    /// });
    /// # session.flush()?;
    /// # assert_eq!(author.articles(&mut session)?.len(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// An object whose reference is still unset at the flush is an error before any SQL.
    pub fn unset() -> Ref<T> {
        Ref::of(RefValue { key: None, target: RefTarget::Key })
    }

    /// A reference by the key, erased.
    #[doc(hidden)]
    pub fn from_key(key: Key) -> Ref<T> {
        Ref::of(RefValue { key: Some(key), target: RefTarget::Key })
    }

    pub(super) fn of(value: RefValue) -> Ref<T> {
        Ref { value, model: PhantomData }
    }

    /// What it holds, its model erased.
    #[doc(hidden)]
    pub fn erased(&self) -> &RefValue {
        &self.value
    }

    /// What it holds, to change it.
    #[doc(hidden)]
    pub fn erased_mut(&mut self) -> &mut RefValue {
        &mut self.value
    }

    /// The object pointed to, of a session.
    ///
    /// # Errors
    /// [`NotLoaded`] while only its key is known: `session.load(handle, Article.author)` loads it,
    /// `include(Article.author)` does ahead.
    pub fn get(&self) -> Result<Handle<T>, NotLoaded> {
        match &self.value.target {
            RefTarget::Handle(handle) => Ok(handle.typed()),
            RefTarget::New(_) => Err(NotLoaded::of::<T>(Why::HoldsValues)),
            RefTarget::Key => Err(NotLoaded::of::<T>(Why::Unloaded)),
        }
    }

    /// The object pointed to, of a value that is in no session: read with it, or a new one.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let mut connection = engine.connect()?;
    /// for article in select(Article).include(Article.author).all(&mut connection)? {
    ///     println!("{} by {}", article.title, article.author.value()?.name);
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read.
    pub fn value(&self) -> Result<&T, NotLoaded>
    where
        T: Model,
    {
        let RefTarget::New(object) = &self.value.target else { return Err(self.no_value()) };
        let object: &dyn std::any::Any = &**object;
        object.downcast_ref().ok_or_else(|| self.no_value())
    }

    /// The object pointed to, of a value that is in no session, to change it.
    ///
    /// # Errors
    /// [`NotLoaded`] where it was not read.
    pub fn value_mut(&mut self) -> Result<&mut T, NotLoaded>
    where
        T: Model,
    {
        let missing = self.no_value();
        let RefTarget::New(object) = &mut self.value.target else { return Err(missing) };
        let object: &mut dyn std::any::Any = &mut **object;
        object.downcast_mut().ok_or(missing)
    }

    fn no_value(&self) -> NotLoaded {
        match self.value.target {
            RefTarget::Handle(_) => NotLoaded::of::<T>(Why::HoldsHandles),
            RefTarget::Key | RefTarget::New(_) => NotLoaded::of::<T>(Why::Unloaded),
        }
    }

    /// The key of the row pointed to; `None` while that object is not flushed.
    pub fn key(&self) -> Option<T::Key>
    where
        T: Model,
    {
        self.value.key().and_then(T::Key::from_key)
    }
}

impl RefValue {
    /// A reference to an object of a session.
    pub fn to_handle(handle: RawHandle) -> RefValue {
        RefValue { key: None, target: RefTarget::Handle(handle) }
    }

    /// A reference by the key; unset without one.
    pub fn to_key(key: Option<Key>) -> RefValue {
        RefValue { key, target: RefTarget::Key }
    }

    /// The key, where it is known.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Puts the object in that was read for the key.
    pub fn set_value(&mut self, object: Box<dyn Object>) {
        self.target = RefTarget::New(object);
    }

    /// The object pointed to.
    pub fn target(&self) -> &RefTarget {
        &self.target
    }

    /// The handle, where the object is one of a session.
    pub fn handle(&self) -> Option<RawHandle> {
        match self.target {
            RefTarget::Handle(handle) => Some(handle),
            RefTarget::Key | RefTarget::New(_) => None,
        }
    }

    /// Points to an object of a session; the key is told later.
    pub fn set_handle(&mut self, handle: RawHandle) {
        self.target = RefTarget::Handle(handle);
    }

    /// Tells the key, or that there is none yet.
    pub fn set_key(&mut self, key: Option<Key>) {
        self.key = key;
    }

    /// Takes a new object out, to be added to a session.
    pub fn take_new(&mut self) -> Option<Box<dyn Object>> {
        if !matches!(self.target, RefTarget::New(_)) {
            return None;
        }
        match std::mem::replace(&mut self.target, RefTarget::Key) {
            RefTarget::New(object) => Some(object),
            RefTarget::Key | RefTarget::Handle(_) => None,
        }
    }

    /// A reference to a new object (one that goes back into a value that leaves a session).
    pub fn of_new(object: Box<dyn Object>) -> RefValue {
        RefValue { key: None, target: RefTarget::New(object) }
    }

    /// Points to nothing yet.
    pub fn unset(&mut self) {
        *self = RefValue { key: None, target: RefTarget::Key };
    }

    /// Whether both point to the same row: by keys where both are known, by handles where both are.
    pub fn same(&self, other: &RefValue) -> bool {
        match (&self.key, &other.key) {
            (Some(one), Some(other)) => one == other,
            _ => matches!(
                (self.handle(), other.handle()),
                (Some(one), Some(other)) if one == other
            ),
        }
    }
}

impl Clone for RefTarget {
    fn clone(&self) -> RefTarget {
        match self {
            RefTarget::Key => RefTarget::Key,
            RefTarget::Handle(handle) => RefTarget::Handle(*handle),
            RefTarget::New(object) => RefTarget::New(object.boxed()),
        }
    }
}

/// [`Ref::unset`].
impl<T> Default for Ref<T> {
    fn default() -> Ref<T> {
        Ref::unset()
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Ref<T> {
        Ref::of(self.value.clone())
    }
}

/// Shows the key, as `Debug` of a model shows its other values; errors show the shape of keys alone.
impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value.key, &self.value.target) {
            (Some(key), _) => write!(f, "Ref({:?})", ShownKey(key)),
            (None, RefTarget::Handle(handle)) => write!(f, "Ref({:?})", handle.typed::<T>()),
            (None, RefTarget::New(object)) => write!(f, "Ref(new {})", object.meta().name),
            (None, RefTarget::Key) => f.write_str("Ref(unset)"),
        }
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Ref<T>) -> bool {
        self.value.same(&other.value)
    }
}

impl<T> PartialEq<Handle<T>> for Ref<T> {
    fn eq(&self, other: &Handle<T>) -> bool {
        self.value.handle() == Some(RawHandle::from(*other))
    }
}

impl<T> PartialEq<Ref<T>> for Handle<T> {
    fn eq(&self, other: &Ref<T>) -> bool {
        other == self
    }
}

impl<T> PartialEq<Handle<T>> for Option<Ref<T>> {
    fn eq(&self, other: &Handle<T>) -> bool {
        self.as_ref().is_some_and(|reference| reference == other)
    }
}

impl<T> From<Handle<T>> for Ref<T> {
    fn from(handle: Handle<T>) -> Ref<T> {
        Ref::of(RefValue { key: None, target: RefTarget::Handle(handle.into()) })
    }
}

impl<T: Model> From<T> for Ref<T> {
    fn from(object: T) -> Ref<T> {
        Ref::of(RefValue { key: None, target: RefTarget::New(Box::new(object)) })
    }
}

/// What can be given for a [`Ref`] in `new`: a key, a handle, a new object, a `Ref`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't stand for a `{T}`",
    label = "expected a key, a `Handle<{T}>` or a new `{T}`"
)]
pub trait IntoRef<T> {
    /// The reference.
    fn into_ref(self) -> Ref<T>;
}

#[diagnostic::do_not_recommend]
impl<T> IntoRef<T> for Ref<T> {
    fn into_ref(self) -> Ref<T> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoRef<T> for Handle<T> {
    fn into_ref(self) -> Ref<T> {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model> IntoRef<T> for T {
    fn into_ref(self) -> Ref<T> {
        self.into()
    }
}

macro_rules! key_references {
    ($($(#[$condition:meta])? $key:ty),* $(,)?) => {$(
        $(#[$condition])?
        impl<T> From<$key> for Ref<T> {
            fn from(key: $key) -> Ref<T> {
                Ref::from_key(KeyType::to_key(&key))
            }
        }

        $(#[$condition])?
        #[diagnostic::do_not_recommend]
        impl<T: Model<Key = $key>> IntoRef<T> for $key {
            fn into_ref(self) -> Ref<T> {
                Ref::from_key(self.to_key())
            }
        }
    )*};
}

key_references! {
    i16, i32, i64, String,
    #[cfg(feature = "uuid")] uuid::Uuid,
    #[cfg(feature = "chrono")] chrono::NaiveDate,
}

impl<T> From<&str> for Ref<T> {
    fn from(key: &str) -> Ref<T> {
        Ref::from_key(Key::Text(key.into()))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model<Key = String>> IntoRef<T> for &str {
    fn into_ref(self) -> Ref<T> {
        self.into()
    }
}

impl<T, A: KeyType, B: KeyType> From<(A, B)> for Ref<T> {
    fn from(key: (A, B)) -> Ref<T> {
        Ref::from_key(key.to_key())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model<Key = (A, B)>, A: KeyType, B: KeyType> IntoRef<T> for (A, B) {
    fn into_ref(self) -> Ref<T> {
        self.into()
    }
}

impl<T, A: KeyType, B: KeyType, C: KeyType> From<(A, B, C)> for Ref<T> {
    fn from(key: (A, B, C)) -> Ref<T> {
        Ref::from_key(key.to_key())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model<Key = (A, B, C)>, A: KeyType, B: KeyType, C: KeyType> IntoRef<T> for (A, B, C) {
    fn into_ref(self) -> Ref<T> {
        self.into()
    }
}
