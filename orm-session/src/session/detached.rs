//! `detached`: an object copied out of the session as a plain value, with what is loaded of it.
//!
//! Rules, for each object on the way down:
//! 1. a loaded collection holds the copies of its objects;
//! 2. a reference holds the copy of its object where the session has read that, else the key;
//! 3. what leads back up is cut, since a value can't hold itself: a reference to an object above is
//!    its key, a collection with an object above in it is not loaded (a part of it would pass for
//!    the whole).

use super::identity_map::ObjectId;
use super::state::State;
use super::{Session, access};
use orm_core::error::Result;
use orm_core::model::{Handle, Model, Object, RefValue};
use orm_core::schema::Relationship;
use std::any::Any;

impl Session {
    /// A plain value of an object, with everything that is loaded of it: what
    /// `select(..).include(..)` reads on a connection, from what the session has.
    ///
    /// Loaded collections hold values, a `Ref` holds its object where the session has read that, to
    /// any depth. What leads back up to an object that is being copied is cut: a `Ref` to it is its
    /// key (unset while the object has none), a collection that it is in is not loaded. The value
    /// belongs to no session; changing it changes nothing here. With `#[orm(serde)]` it can be
    /// written.
    ///
    /// Sends no SQL: of a stale object it has the last known values, and what is not flushed is in
    /// it as it is in the session, with its keys unset.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let article = session.query(Article).order_by(Article.title).first()?.unwrap();
    /// let author = article.author(&mut session)?;
    /// session.load(author, Author.articles)?;
    /// let author: Author = session.detached(author)?;
    /// for article in author.articles.values()? {
    ///     assert_eq!(article.author.key(), author.id.get().copied());
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Session::try_get`], and `InvalidState` where two sides of a relationship contradict each
    /// other.
    pub fn detached<M: Model>(&mut self, object: Handle<M>) -> Result<M> {
        let id = self.living(object)?;
        self.settle()?;
        let copy = copy(self, id, &mut Vec::new());
        let copy = copy.and_then(|copy| (copy as Box<dyn Any>).downcast::<M>().ok());
        copy.map(|copy| *copy).ok_or_else(|| access::not_loaded(object))
    }
}

/// A copy of the object at `id`, below those of `above`; `None` where only its key is known.
fn copy(session: &Session, id: ObjectId, above: &mut Vec<ObjectId>) -> Option<Box<dyn Object>> {
    let map = &session.map;
    let mut object = map.object(id)?.boxed();
    above.push(id);
    for relationship in map.models[id.model].meta.table().all_relationships() {
        let field = relationship.field;
        if object.field(field).collection().is_some() {
            let values = members(session, id, relationship, above);
            let Some(collection) = object.field_mut(field).collection_mut() else { continue };
            match values {
                Some(values) => collection.set_values(values),
                None => collection.set_handles(&[], false),
            }
        } else if let Some(target) = map.pointed_at(id, field) {
            let value = reference(session, &*object, (field, target), above);
            if let Some(reference) = object.field_mut(field).reference_mut() {
                *reference = value;
            }
        }
    }
    above.pop();
    Some(object)
}

/// The copies of what a collection holds; `None` where it is not loaded, or can't be told whole.
fn members(
    session: &Session,
    owner: ObjectId,
    relationship: &Relationship,
    above: &mut Vec<ObjectId>,
) -> Option<Vec<Box<dyn Object>>> {
    let map = &session.map;
    let collection = map.object(owner)?.field(relationship.field).collection()?;
    if !collection.is_loaded() {
        return None;
    }
    let model = map.known_model((relationship.target.type_id)())?;
    let members = collection.handles().into_iter();
    let members: Vec<ObjectId> = members
        .map(|handle| ObjectId { model, slot: handle.slot() as usize })
        .filter(|&member| !matches!(map.state(member), State::Gone(_)))
        .collect();
    if members.iter().any(|member| above.contains(member)) {
        return None;
    }
    members.into_iter().map(|member| copy(session, member, above)).collect()
}

/// What a reference to an object of the session becomes.
fn reference(
    session: &Session,
    object: &dyn Object,
    (field, target): (usize, ObjectId),
    above: &mut Vec<ObjectId>,
) -> RefValue {
    let map = &session.map;
    let known = object.field(field).reference().and_then(RefValue::key).cloned();
    let key = known
        .or_else(|| map.entry(target).key.clone())
        .or_else(|| map.object(target).and_then(|target| target.key()));
    let hidden = above.contains(&target) || session.must_ask(target);
    let nested = if hidden { None } else { copy(session, target, above) };
    let mut value = RefValue::to_key(key);
    if let Some(nested) = nested {
        value.set_value(nested);
    }
    value
}
