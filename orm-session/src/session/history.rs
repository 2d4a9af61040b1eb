//! What is open in a session: which objects the next flush writes, and what changed in them.
//!
//! Nothing here does I/O, and nothing changes an object. What counts as changed is what the flush
//! would write: the stored forms of columns are compared, so that a field changed and changed back is
//! not changed.

use super::Session;
use super::identity_map::ObjectId;
use super::state::State;
use orm_core::error::Result;
use orm_core::expression::{Column, OneToOne, Relation, SqlValue, ToMany, ToOne, ToOneTarget};
use orm_core::model::{Collection, Entity, Field, Handle, Model, Object, RefValue};

/// What an attribute was at the last flush and what it is now.
///
/// `None` stands for what is not known or not there: the value before of an object that has no row
/// yet, a key that is unset, a reference to nothing, a collection that is not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<T> {
    /// The value that the row holds, as far as the session knows.
    pub before: Option<T>,
    /// The value that the object holds.
    pub now: Option<T>,
}

impl<T: PartialEq> History<T> {
    /// Whether the two differ.
    pub fn is_changed(&self) -> bool {
        self.before != self.now
    }
}

/// What [`Session::history`] can be asked of: a column (`Article.title`) or a relationship
/// (`Article.author`, `Author.articles`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an attribute of a model",
    label = "expected a column such as `Article.title`, or a relationship"
)]
pub trait Attribute: Copy {
    /// The model it is of.
    type Model: Model;
    /// What it holds: the value of a column, a handle, or handles.
    type Value;

    /// The position of its field.
    #[doc(hidden)]
    fn position(&self) -> usize;

    /// What a field holds.
    #[doc(hidden)]
    fn read(self, field: &dyn Field) -> Option<Self::Value>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: SqlValue, R> Attribute for Column<M, T, R> {
    type Model = M;
    type Value = T;

    fn position(&self) -> usize {
        usize::from(self.column().field)
    }

    fn read(self, field: &dyn Field) -> Option<T> {
        if field.is_unset() {
            return None;
        }
        match field.leaf(usize::from(self.column().part)) {
            Some(value) => value.downcast_ref().map(T::of_base),
            None => T::NULL,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ToOneTarget> Attribute for ToOne<M, T> {
    type Model = M;
    type Value = Handle<T::Model>;

    fn position(&self) -> usize {
        self.field()
    }

    fn read(self, field: &dyn Field) -> Option<Handle<T::Model>> {
        field.reference().and_then(RefValue::handle).map(|handle| handle.typed())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Model> Attribute for ToMany<M, T> {
    type Model = M;
    type Value = Vec<Handle<T>>;

    fn position(&self) -> usize {
        Relation::position(self)
    }

    fn read(self, field: &dyn Field) -> Option<Vec<Handle<T>>> {
        known(field).map(|collection| {
            collection.handles().into_iter().map(|handle| handle.typed()).collect()
        })
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Model> Attribute for OneToOne<M, T> {
    type Model = M;
    type Value = Handle<T>;

    fn position(&self) -> usize {
        Relation::position(self)
    }

    fn read(self, field: &dyn Field) -> Option<Handle<T>> {
        known(field)?.handles().first().map(|handle| handle.typed())
    }
}

fn known(field: &dyn Field) -> Option<&dyn Collection> {
    field.collection().filter(|collection| collection.is_loaded())
}

impl Session {
    /// The objects of a model that were added and are not flushed, in the order of `add`.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let ann = session.add(Author::new("Ann"));
    /// assert_eq!(session.added(Author), [ann]);
    /// session.flush()?;
    /// assert!(session.added(Author).is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn added<E: Entity>(&self, entity: E) -> Vec<Handle<E::Model>> {
        self.in_work(entity, &self.work.added, |id| self.map.state(id) == State::Pending)
    }

    /// The objects of a model that differ from their rows, in the order of their first change: those
    /// that the next flush updates.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let article = session.query(Article).filter(Article.slug.eq("rust")).one()?;
    /// session[article].title.push('!');
    /// assert_eq!(session.dirty(Article), [article]);
    /// session[article].title.pop();
    /// assert!(session.dirty(Article).is_empty()); // changed back
    /// # Ok::<(), Error>(())
    /// ```
    pub fn dirty<E: Entity>(&self, entity: E) -> Vec<Handle<E::Model>> {
        self.in_work(entity, &self.work.touched, |id| {
            matches!(self.map.state(id), State::Persistent | State::Stale) && self.differs(id)
        })
    }

    /// The objects of a model that are to be deleted by the next flush, in the order of `delete`.
    /// What cascades delete with them is settled by the flush.
    pub fn deleted<E: Entity>(&self, entity: E) -> Vec<Handle<E::Model>> {
        self.in_work(entity, &self.work.deleting, |id| self.map.state(id) == State::ToBeDeleted)
    }

    /// Whether the next flush writes the row of an object: it was added, differs from its row, or is
    /// to be deleted. Collections are rows of other objects, and don't count.
    ///
    /// # Errors
    /// `Closed` for a handle of another session.
    pub fn is_modified<M: Model>(&self, object: Handle<M>) -> Result<bool> {
        let id = self.find(object)?;
        Ok(match self.map.state(id) {
            State::Pending | State::ToBeDeleted => true,
            State::Persistent | State::Stale => self.differs(id),
            State::Deleted | State::Gone(_) => false,
        })
    }

    /// What an attribute of an object was at the last flush, and what it is now. Sends nothing.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let article = session.query(Article).filter(Article.slug.eq("rust")).one()?;
    /// session[article].title = "Rust again".into();
    /// let title = session.history(article, Article.title)?;
    /// assert_eq!(title.before.as_deref(), Some("Rust"));
    /// assert_eq!(title.now.as_deref(), Some("Rust again"));
    /// assert!(!session.history(article, Article.author)?.is_changed());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `Closed` for an object that is gone or of another session; those of relationships that
    /// contradict each other.
    pub fn history<A: Attribute>(
        &mut self,
        object: Handle<A::Model>,
        attribute: A,
    ) -> Result<History<A::Value>> {
        let id = self.living(object)?;
        self.settle()?;
        let field = attribute.position();
        let read = |object: &dyn Object| attribute.read(object.field(field));
        let now = self.map.object(id).and_then(read);
        let before = match self.map.state(id) {
            State::Pending => None,
            _ => self.original(id).or_else(|| self.map.object(id)).and_then(read),
        };
        Ok(History { before, now })
    }

    /// What the row of an object that was lent is known to hold.
    fn original(&self, id: ObjectId) -> Option<&dyn Object> {
        self.map.values(id.model)?.original(id.slot)
    }

    /// Whether a column of an object differs from its row.
    pub(super) fn differs(&self, id: ObjectId) -> bool {
        let (Some(object), Some(original)) = (self.map.object(id), self.original(id)) else {
            return false;
        };
        self.has_expression(id)
            || (0..object.meta().fields.len())
                .any(|index| !object.field(index).same(original.field(index)))
    }

    fn in_work<E: Entity>(
        &self,
        _: E,
        ids: &[ObjectId],
        wanted: impl Fn(ObjectId) -> bool,
    ) -> Vec<Handle<E::Model>> {
        let Some(model) = self.map.known_model(std::any::TypeId::of::<E::Model>()) else {
            return Vec::new();
        };
        let ids = ids.iter().copied().filter(|&id| id.model == model && wanted(id));
        ids.map(|id| self.map.handle(id).typed()).collect()
    }
}
