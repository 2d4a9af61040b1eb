//! Objects at the other end of a relationship, in a field: `Many<T>`, and what it has in common with
//! `One<T>`.
//!
//! Not loaded, handles of objects of a session, or values. There is no `Deref`, no `len` and no
//! iterator: what is not loaded must not pass for empty. Values are kept behind a type-erased box,
//! so that nothing about one model (its auto traits, its drop) depends on another one.

use super::not_loaded::Why;
use super::{
    Arena, Field, FieldType, Handle, Model, NotLoaded, Object, One, RawHandle, TypedArena,
};
use crate::error::Result;
use crate::schema::{FieldSpec, Target};
use crate::types::{BindWriter, Cell, Mismatch, RowReader};
use rustc_hash::FxHashSet;
use std::any::Any;
use std::fmt;

/// From so many objects on a collection that is put into keeps an index of them.
const INDEXED: usize = 32;

/// The many objects that point to this one, or are linked to it.
///
/// In a new object it takes values and handles, which are added together with it:
/// `Author { articles: vec![Article::new(..)].into(), .. }`. In an object of a session it holds
/// handles once it is loaded; what is pushed or removed becomes part of the next flush. In a plain
/// value read by a connection it holds values.
pub struct Many<T> {
    /// `None`: not loaded, and nothing was put in.
    content: Option<Box<Content<T>>>,
}

struct Content<T> {
    /// Whether what is here is all there is.
    loaded: bool,
    handles: Vec<Handle<T>>,
    /// The same handles, where there are many and one was put in since they were read.
    index: Option<FxHashSet<Handle<T>>>,
    values: Option<Box<dyn Values>>,
    /// The object of a session that it was read for: a copy of that object is not its owner.
    owner: Option<RawHandle>,
}

impl<T> Content<T> {
    fn new(loaded: bool, handles: Vec<Handle<T>>) -> Content<T> {
        Content { loaded, handles, index: None, values: None, owner: None }
    }

    /// Whether there are values, in no session.
    fn has_values(&self) -> bool {
        self.values.as_ref().is_some_and(|values| values.len() > 0)
    }

    /// Puts an object in, unless it is in.
    fn insert(&mut self, object: Handle<T>) {
        let new = if self.index.is_none() && self.handles.len() < INDEXED {
            !self.handles.contains(&object)
        } else {
            let handles = &self.handles;
            self.index.get_or_insert_with(|| handles.iter().copied().collect()).insert(object)
        };
        if new {
            self.handles.push(object);
        }
    }

    /// Puts an object at a place, where it was in or not.
    fn insert_at(&mut self, place: usize, object: Handle<T>) {
        if let Some(before) = self.handles.iter().position(|&handle| handle == object) {
            self.handles.remove(before);
        } else if let Some(index) = &mut self.index {
            index.insert(object);
        }
        self.handles.insert(place.min(self.handles.len()), object);
    }

    /// Takes an object out; `false` where it was not in.
    fn remove(&mut self, object: Handle<T>) -> bool {
        if self.index.as_mut().is_some_and(|index| !index.remove(&object)) {
            return false;
        }
        let Some(place) = self.handles.iter().position(|&handle| handle == object) else {
            return false;
        };
        self.handles.remove(place);
        true
    }

    fn holds(&self, object: Handle<T>) -> bool {
        match &self.index {
            Some(index) => index.contains(&object),
            None => self.handles.contains(&object),
        }
    }
}

/// New values, or values read without a session: a `Vec<T>` whose type is not seen.
trait Values: Any + Send + Sync {
    fn boxed(&self) -> Box<dyn Values>;
    fn take_objects(&mut self) -> Vec<Box<dyn Object>>;
    fn len(&self) -> usize;
}

impl<T: Model> Values for Vec<T> {
    fn boxed(&self) -> Box<dyn Values> {
        Box::new(self.clone())
    }

    fn take_objects(&mut self) -> Vec<Box<dyn Object>> {
        self.drain(..).map(|value| Box::new(value) as Box<dyn Object>).collect()
    }

    fn len(&self) -> usize {
        Vec::len(self)
    }
}

impl<T> Many<T> {
    /// Nothing, and known to be nothing.
    pub fn empty() -> Many<T> {
        Many { content: Some(Box::new(Content::new(true, Vec::new()))) }
    }

    /// Whether it holds all there is.
    pub fn is_loaded(&self) -> bool {
        self.content.as_ref().is_some_and(|content| content.loaded)
    }

    /// The objects, of a session.
    ///
    /// # Errors
    /// [`NotLoaded`] while not all of them are known to the session.
    pub fn get(&self) -> Result<&[Handle<T>], NotLoaded> {
        match &self.content {
            Some(content) if content.has_values() => Err(NotLoaded::of::<T>(Why::HoldsValues)),
            Some(content) if content.loaded => Ok(&content.handles),
            _ => Err(NotLoaded::of::<T>(Why::Unloaded)),
        }
    }

    /// The values, of a value that is in no session.
    ///
    /// # Errors
    /// [`NotLoaded`] where they were not read.
    pub fn values(&self) -> Result<&[T], NotLoaded>
    where
        T: Model,
    {
        match &self.content {
            Some(content) if !content.handles.is_empty() => {
                Err(NotLoaded::of::<T>(Why::HoldsHandles))
            }
            Some(content) if content.loaded => {
                let Some(values) = &content.values else { return Ok(&[]) };
                let values: &dyn Any = &**values;
                Ok(values.downcast_ref::<Vec<T>>().map_or(&[], Vec::as_slice))
            }
            _ => Err(NotLoaded::of::<T>(Why::Unloaded)),
        }
    }

    /// The values, of a value that is in no session, to change them: `session.merge` writes what
    /// differs.
    ///
    /// # Errors
    /// [`NotLoaded`] where they were not read.
    pub fn values_mut(&mut self) -> Result<&mut Vec<T>, NotLoaded>
    where
        T: Model,
    {
        let content = match &mut self.content {
            Some(content) if !content.handles.is_empty() => {
                return Err(NotLoaded::of::<T>(Why::HoldsHandles));
            }
            Some(content) if content.loaded => content,
            _ => return Err(NotLoaded::of::<T>(Why::Unloaded)),
        };
        let values = content.values.get_or_insert_with(|| Box::new(Vec::<T>::new()));
        let values: &mut dyn Any = &mut **values;
        values.downcast_mut().ok_or(NotLoaded::of::<T>(Why::Unloaded))
    }

    /// Puts one more in: a handle or a new value. A handle that is there already stays once.
    pub fn push(&mut self, item: impl IntoItem<T>)
    where
        T: Model,
    {
        item.put_into(self);
    }

    /// Puts an object at a place, behind those before it; one that is in already is moved there. A place
    /// that there is not is the end, and so is any of a collection that is not loaded.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let author = session.get(Author, 1)?.unwrap();
    /// # let articles = author.articles(&mut session)?;
    /// session[author].articles.insert(0, articles[1]); // the second one comes first
    /// assert_eq!(session[author].articles.get()?, [articles[1], articles[0]]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// The order is kept where the collection has a `position`; else it is that of memory, until the
    /// collection is loaded again.
    pub fn insert(&mut self, place: usize, object: Handle<T>) {
        self.content().insert_at(place, object);
    }

    /// Takes an object out; `false` where it was not in.
    pub fn remove(&mut self, object: Handle<T>) -> bool {
        self.content.as_mut().is_some_and(|content| content.remove(object))
    }

    /// Takes all objects out, known ones and those put in.
    pub fn clear(&mut self) {
        *self = Many::empty();
    }

    /// Whether new values were put in.
    pub(super) fn has_values(&self) -> bool {
        self.content.as_ref().is_some_and(|content| content.has_values())
    }

    fn content(&mut self) -> &mut Content<T> {
        self.content.get_or_insert_with(|| Box::new(Content::new(false, Vec::new())))
    }
}

/// What can be put into a [`Many`] or [`One`]: a handle, or a new value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be put into a collection of `{T}`",
    label = "expected a `Handle<{T}>` or a new `{T}`"
)]
pub trait IntoItem<T> {
    /// Puts it in.
    #[doc(hidden)]
    fn put_into(self, many: &mut Many<T>);
}

impl<T: Model> IntoItem<T> for Handle<T> {
    fn put_into(self, many: &mut Many<T>) {
        many.content().insert(self);
    }
}

impl<T: Model> IntoItem<T> for T {
    fn put_into(self, many: &mut Many<T>) {
        let values = many.content().values.get_or_insert_with(|| Box::new(Vec::<T>::new()));
        let values: &mut dyn Any = &mut **values;
        if let Some(values) = values.downcast_mut::<Vec<T>>() {
            values.push(self);
        }
    }
}

impl<T> Default for Many<T> {
    fn default() -> Many<T> {
        Many { content: None }
    }
}

impl<T> Clone for Many<T> {
    fn clone(&self) -> Many<T> {
        let content = self.content.as_ref().map(|content| {
            Box::new(Content {
                loaded: content.loaded,
                handles: content.handles.clone(),
                index: None,
                values: content.values.as_ref().map(|values| values.boxed()),
                owner: content.owner,
            })
        });
        Many { content }
    }
}

impl<T> fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(content) = &self.content else { return f.write_str("Many(not loaded)") };
        if !content.handles.is_empty() || content.values.is_none() {
            f.debug_list().entries(&content.handles).finish()?;
        }
        if let Some(values) = &content.values {
            write!(f, "[{} values]", values.len())?;
        }
        if content.loaded { Ok(()) } else { f.write_str(" and what is not loaded") }
    }
}

impl<T: Model> From<Vec<T>> for Many<T> {
    fn from(values: Vec<T>) -> Many<T> {
        Many {
            content: Some(Box::new(Content {
                values: Some(Box::new(values)),
                ..Content::new(true, Vec::new())
            })),
        }
    }
}

impl<T: Model, const N: usize> From<[T; N]> for Many<T> {
    fn from(values: [T; N]) -> Many<T> {
        Vec::from(values).into()
    }
}

impl<T> From<Vec<Handle<T>>> for Many<T> {
    fn from(objects: Vec<Handle<T>>) -> Many<T> {
        let mut content = Content::new(true, Vec::with_capacity(objects.len()));
        for object in objects {
            content.insert(object);
        }
        Many { content: Some(Box::new(content)) }
    }
}

impl<T, const N: usize> From<[Handle<T>; N]> for Many<T> {
    fn from(objects: [Handle<T>; N]) -> Many<T> {
        Vec::from(objects).into()
    }
}

/// A [`Many`] or [`One`], its model known at run time only.
pub trait Collection {
    /// Whether what is here is all there is.
    fn is_loaded(&self) -> bool;

    /// The objects known.
    fn handles(&self) -> Vec<RawHandle>;

    /// Whether any object is known.
    fn has_objects(&self) -> bool;

    /// Whether new values were put in.
    fn has_values(&self) -> bool;

    /// Whether an object is known to be in.
    fn holds(&self, object: RawHandle) -> bool;

    /// Takes the new values out, to be added to a session.
    fn take_values(&mut self) -> Vec<Box<dyn Object>>;

    /// Makes it hold these objects.
    fn set_handles(&mut self, objects: &[RawHandle], loaded: bool);

    /// The object of a session that it was read for.
    fn owner(&self) -> Option<RawHandle>;

    /// Tells which object of a session it is of.
    fn set_owner(&mut self, owner: RawHandle);

    /// Puts an object in, unless it is in.
    fn insert(&mut self, object: RawHandle);

    /// Takes an object out.
    fn take_out(&mut self, object: RawHandle);

    /// Makes it hold these values, which are all there are.
    fn set_values(&mut self, values: Vec<Box<dyn Object>>);

    /// The values, to fill in what belongs to them.
    fn objects_mut(&mut self) -> Vec<&mut dyn Object>;
}

impl<T: Model> Collection for Many<T> {
    fn is_loaded(&self) -> bool {
        Many::is_loaded(self)
    }

    fn handles(&self) -> Vec<RawHandle> {
        let handles = self.content.iter().flat_map(|content| &content.handles);
        handles.map(|&handle| handle.into()).collect()
    }

    fn has_objects(&self) -> bool {
        self.content.as_ref().is_some_and(|content| !content.handles.is_empty())
    }

    fn has_values(&self) -> bool {
        Many::has_values(self)
    }

    fn holds(&self, object: RawHandle) -> bool {
        self.content.as_ref().is_some_and(|content| content.holds(object.typed()))
    }

    fn take_values(&mut self) -> Vec<Box<dyn Object>> {
        let values = self.content.as_mut().and_then(|content| content.values.take());
        values.map_or_else(Vec::new, |mut values| values.take_objects())
    }

    fn set_handles(&mut self, objects: &[RawHandle], loaded: bool) {
        let handles = objects.iter().map(|handle| handle.typed()).collect();
        self.content = Some(Box::new(Content::new(loaded, handles)));
    }

    fn owner(&self) -> Option<RawHandle> {
        self.content.as_ref().and_then(|content| content.owner)
    }

    fn set_owner(&mut self, owner: RawHandle) {
        self.content().owner = Some(owner);
    }

    fn insert(&mut self, object: RawHandle) {
        object.typed::<T>().put_into(self);
    }

    fn take_out(&mut self, object: RawHandle) {
        self.remove(object.typed());
    }

    fn set_values(&mut self, values: Vec<Box<dyn Object>>) {
        let typed: Vec<T> = values
            .into_iter()
            .filter_map(|value| {
                let value: Box<dyn Any> = value;
                value.downcast::<T>().ok().map(|value| *value)
            })
            .collect();
        *self = typed.into();
    }

    fn objects_mut(&mut self) -> Vec<&mut dyn Object> {
        let Some(values) = self.content.as_mut().and_then(|content| content.values.as_mut()) else {
            return Vec::new();
        };
        let values: &mut dyn Any = &mut **values;
        let values = values.downcast_mut::<Vec<T>>().into_iter().flatten();
        values.map(|value| value as &mut dyn Object).collect()
    }
}

macro_rules! collection_fields {
    ($($collection:ident $one:literal $inner:expr, $inner_mut:expr;)*) => {$(
        impl<T: Model> Field for $collection<T> {
            fn encode(&self, _part: usize, _out: &mut dyn BindWriter) {}

            fn decode(&mut self, _part: usize, _cell: Cell<'_>) -> Result<(), Mismatch> {
                Ok(())
            }

            fn read_from(&mut self, _row: &mut RowReader<'_>) -> Result<()> {
                Ok(())
            }

            /// Collections have no stored form: what changes is other rows.
            fn same(&self, _other: &dyn Field) -> bool {
                true
            }

            fn assign(&mut self, other: &dyn Field) {
                if let Some(other) = (other as &dyn Any).downcast_ref::<$collection<T>>() {
                    self.clone_from(other);
                }
            }

            fn collection(&self) -> Option<&dyn Collection> {
                let inner: fn(&$collection<T>) -> &Many<T> = $inner;
                Some(inner(self))
            }

            fn collection_mut(&mut self) -> Option<&mut dyn Collection> {
                let inner: fn(&mut $collection<T>) -> &mut Many<T> = $inner_mut;
                Some(inner(self))
            }

            fn target_arena(&self) -> Option<Box<dyn Arena>> {
                Some(Box::<TypedArena<T>>::default())
            }
        }

        impl<T: Model> FieldType for $collection<T> {
            const SPEC: FieldSpec =
                FieldSpec::Collection { target: Target::Later(T::meta), one: $one };

            #[inline]
            fn read(_row: &mut RowReader<'_>) -> Result<$collection<T>> {
                Ok($collection::default())
            }
        }
    )*};
}

collection_fields! {
    Many false |many| many, |many| many;
    One true |one| &one.0, |one| &mut one.0;
}
