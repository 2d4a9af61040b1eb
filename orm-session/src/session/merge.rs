//! `merge`: a value from elsewhere, and what is inside it, carried over to the session's objects.
//!
//! Rules, for each object of the graph:
//! 1. With a key of a row (or of an object of the session): that object takes over the value's columns.
//!    The value wins, also over changes not flushed; an `Auto` and a `Ref` that are unset say
//!    nothing, nor does a deferred column that is not loaded, nor what the database computes.
//! 2. With no key, or one that no row has: it is new, and added.
//! 3. An object inside a `Ref` is merged first; the reference is to what it became.
//! 4. Collections with `cascade(merge)`: not loaded, left alone; loaded, the object's collection holds
//!    exactly these (each merged) afterwards, so that members are added, moved and taken out; not
//!    loaded but with values put in, these are added. Other collections of objects that are there are
//!    left alone. Those of a new object go in with it; what is `view_only` says nothing. A reference
//!    inside that is unset or NULL is to the owner.
//! 5. A value of another version than the row's is stale: an error, before it takes over anything.
//! 6. One key twice in the graph is one object, the last one wins.

use super::Session;
use super::identity_map::{EntryState, ObjectId};
use super::loader::Overwrite;
use super::state::State;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Handle, Model, Object, RawHandle, RefValue};
use orm_core::schema::{FieldSpec, ModelMeta, Relationship};
use orm_core::types::Key;
use rustc_hash::FxHashMap;

/// The objects of the graph that have a key, by model and key.
type Seen = FxHashMap<(usize, Key), ObjectId>;

/// A collection of a value: all there is, or only what was put in.
struct Given {
    relationship: &'static Relationship,
    whole: bool,
    handles: Vec<RawHandle>,
    values: Vec<Box<dyn Object>>,
}

impl Session {
    /// Carries a value over to the session: one that [`detached`](Session::detached) copied out, that a
    /// connection read, or that came from elsewhere with its key. What the value says is written by the
    /// next flush, as far as it differs from the rows. The value's objects are in no session; the
    /// handle is of the session's.
    ///
    /// Columns are taken over; `Auto`s and `Ref`s that are unset are not, nor are deferred columns that
    /// are not loaded. A collection with
    /// `cascade(merge)` that is loaded in the value decides what the object's collection holds; one that
    /// is not loaded is left alone. Without a key, or with one that no row has, the object is new; a row
    /// that criteria hide is not there, and its key is taken all the same.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let author = session.get(Author, 1)?.unwrap();
    /// let mut value: Author = session.detached(author)?; // goes to a form, and comes back
    /// value.name = "Ezzeddin".into();
    /// # drop(session);
    /// let mut session = engine.session();
    /// let author = session.merge(value)?;
    /// session.commit()?; // UPDATE of the name
    /// # assert_eq!(session[author].name, "Ezzeddin");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Flushes first. Sends a SELECT for each key that the session does not know, one for all members of
    /// a collection, and one for each collection that is not loaded in the session.
    ///
    /// # Errors
    /// `Stale` for a value with another `version` than the row has. `InvalidState` for an object that is
    /// to be deleted, for handles of another session without a
    /// key, for relationships that contradict each other. Objects merged before keep what they took
    /// over; `rollback` undoes it.
    pub fn merge<M: Model>(&mut self, value: M) -> Result<Handle<M>> {
        self.usable()?;
        self.flush_before(|| format!("a `{}` was merged", M::meta().name))?;
        let id = self.merge_object(Box::new(value), &mut Seen::default())?;
        self.settle()?;
        Ok(self.map.handle(id).typed())
    }

    fn merge_object(&mut self, mut given: Box<dyn Object>, seen: &mut Seen) -> Result<ObjectId> {
        let meta = given.meta();
        let model = self.map.model(meta);
        if self.map.values(model).is_none() {
            self.map.set_arena(model, given.new_arena());
        }
        self.merge_references(&mut *given, model, seen)?;
        let key = given.key();
        let there = match &key {
            Some(key) => self.with_given_key(model, key, &given.loaded_columns(), seen)?,
            None => None,
        };
        let collections = given_collections(&mut *given, meta, there.is_none());
        let id = match there {
            Some(id) => {
                self.check_version(id, &*given)?;
                self.take_over_columns(id, &*given);
                id
            }
            None => {
                unset_computed(&mut *given);
                self.add_object(given)
            }
        };
        if let Some(key) = key {
            seen.insert((model, key), id);
        }
        for collection in collections {
            self.merge_collection(id, collection, seen)?;
        }
        Ok(id)
    }

    /// Merges what references hold; a handle of elsewhere becomes its key.
    fn merge_references(
        &mut self,
        given: &mut dyn Object,
        model: usize,
        seen: &mut Seen,
    ) -> Result<()> {
        for (field, target) in self.map.models[model].references.clone() {
            let Some(reference) = given.field_mut(field).reference_mut() else { continue };
            if let Some(inner) = reference.take_new() {
                let id = self.merge_object(inner, seen)?;
                reference.set_handle(self.map.handle(id));
                reference.set_key(self.map.entry(id).key.clone());
            } else if let Some(handle) = reference.handle() {
                let key = reference.key().cloned();
                let ours = self.map.find(handle, (self.map.models[target].meta.type_id)());
                if ours.is_some_and(|id| !matches!(self.map.state(id), State::Gone(_))) {
                    continue;
                }
                let Some(key) = key else { return Err(self.of_elsewhere(model, field)) };
                reference.unset();
                reference.set_key(Some(key));
            }
        }
        Ok(())
    }

    /// The object of a key that has a row, or will have one.
    fn with_given_key(
        &mut self,
        model: usize,
        key: &Key,
        deferred: &[usize],
        seen: &Seen,
    ) -> Result<Option<ObjectId>> {
        if let Some(&id) = seen.get(&(model, key.clone())) {
            return Ok(Some(id));
        }
        self.read_given(model, std::slice::from_ref(key), deferred)?;
        let Some(id) = self.map.by_key(model, key) else {
            return Ok(self.pending_keys().get(&(model, key.clone())).copied());
        };
        match self.map.entry(id).state {
            EntryState::Known(State::Persistent | State::Stale) if !self.hides(id) => Ok(Some(id)),
            EntryState::Known(state @ State::ToBeDeleted) => Err(Error::new(
                ErrorKind::InvalidState,
                format!(
                    "{} can't be merged: it is {state}; flush first, or leave it out",
                    self.map.describe(id)
                ),
            )),
            EntryState::Reserved | EntryState::Known(_) => {
                Ok(self.pending_keys().get(&(model, key.clone())).copied())
            }
        }
    }

    /// Reads the rows of keys that are not known, or whose objects are stale; and the deferred columns
    /// that values to be merged have, which are compared with them.
    fn read_given(&mut self, model: usize, keys: &[Key], deferred: &[usize]) -> Result<()> {
        let lacking = self.lacking(model, keys);
        if !lacking.is_empty() {
            self.read_by_keys(model, &lacking, Overwrite::Older, deferred)?;
            self.tell_gone(model, &lacking);
        }
        if deferred.is_empty() {
            return Ok(());
        }
        let table = self.map.models[model].meta.table();
        let there = keys.iter().filter_map(|key| self.map.by_key(model, key));
        let lacks = |&id: &ObjectId| {
            matches!(self.map.state(id), State::Persistent | State::Stale)
                && deferred.iter().any(|&index| !self.is_loaded(id, table.column(index).field))
        };
        let lacking: Vec<ObjectId> = there.filter(lacks).collect();
        self.load_deferred(&lacking, deferred)
    }

    /// A value with a version was made from the row as the session knows it.
    fn check_version(&self, id: ObjectId, given: &dyn Object) -> Result<()> {
        let table = given.table();
        let has_row = matches!(self.map.state(id), State::Persistent | State::Stale);
        let original = self.map.values(id.model).and_then(|values| values.original(id.slot));
        let row = original.or_else(|| self.map.object(id)).filter(|_| has_row);
        let (Some(version), Some(row)) = (table.version, row) else { return Ok(()) };
        let field = table.column(version).field;
        if row.field(field).same(given.field(field)) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Stale,
            format!(
                "the value merged into {} was made from another version of its row; look at what the \
                 row is now, and merge a value made from that",
                self.map.describe(id)
            ),
        ))
    }

    /// Takes over what the columns of a value say, but the key.
    fn take_over_columns(&mut self, id: ObjectId, given: &dyn Object) {
        self.touch(id);
        self.unsettle(id);
        let meta = self.map.models[id.model].meta;
        let table = meta.table();
        let Some(object) = self.map.object_mut(id) else { return };
        object.take_over(given, |index| {
            let field = &meta.fields[index];
            let in_key =
                table.primary_key.iter().any(|&column| table.column(column).field == index);
            let said = match field.spec {
                FieldSpec::Collection { .. } => false,
                FieldSpec::Embedded { .. } => true,
                FieldSpec::Column { .. } => {
                    field.computed.is_none() && !given.field(index).is_unset()
                }
                FieldSpec::Reference { .. } => {
                    given.field(index).reference().is_none_or(is_set)
                        && !planted(Fault::MergedWithoutReferences)
                }
            };
            said && !in_key
        });
    }

    fn merge_collection(&mut self, owner: ObjectId, given: Given, seen: &mut Seen) -> Result<()> {
        let Given { relationship, whole, handles, values } = given;
        let target = self.map.model(relationship.target);
        let mut members = Vec::with_capacity(handles.len() + values.len());
        for handle in handles {
            let ours = self.map.find(handle, (relationship.target.type_id)());
            match ours.filter(|&id| self.map.is_alive(id)) {
                Some(id) => members.push(id),
                None => return Err(self.of_elsewhere(owner.model, relationship.field)),
            }
        }
        if let Some(first) = values.first()
            && self.map.values(target).is_none()
        {
            self.map.set_arena(target, first.new_arena());
        }
        let keys: Vec<Key> = values.iter().filter_map(|value| value.key()).collect();
        let mut deferred: Vec<usize> =
            values.iter().flat_map(|value| value.loaded_columns()).collect();
        deferred.sort_unstable();
        deferred.dedup();
        self.read_given(target, &keys, &deferred)?;
        let own = self.map.handle(owner);
        for mut value in values {
            point_to_owner(&mut *value, relationship, own);
            members.push(self.merge_object(value, seen)?);
        }
        let has_row = matches!(self.map.state(owner), State::Persistent | State::Stale);
        if whole && has_row && !self.is_loaded(owner, relationship.field) {
            self.load_related(&[owner], relationship, Overwrite::Older, &[])?;
        }
        self.touch(owner);
        self.unsettle(owner);
        let handles: Vec<RawHandle> = members.iter().map(|&id| self.map.handle(id)).collect();
        let object = self.map.object_mut(owner);
        let collection =
            object.and_then(|object| object.field_mut(relationship.field).collection_mut());
        if let Some(collection) = collection {
            if whole && !planted(Fault::MergedMembersStay) {
                collection.set_handles(&[], true);
                collection.set_owner(own);
            }
            for handle in handles {
                collection.insert(handle);
            }
        }
        Ok(())
    }

    fn of_elsewhere(&self, model: usize, field: usize) -> Error {
        let meta = self.map.models[model].meta;
        Error::new(
            ErrorKind::InvalidState,
            format!(
                "`{}.{}` of a value that is merged holds a handle of another session or of an object \
                 that is gone; copy the value out by `detached`",
                meta.name, meta.fields[field].name
            ),
        )
    }
}

fn is_set(reference: &RefValue) -> bool {
    reference.key().is_some() || reference.handle().is_some()
}

/// A value inside a collection points to its owner, unless it says to whom else: a reference that nobody
/// set, or that is NULL, says nothing against the collection.
fn point_to_owner(value: &mut dyn Object, relationship: &Relationship, owner: RawHandle) {
    let Some(reference) = relationship.reference() else { return };
    let field = value.field_mut(reference);
    if field.reference().is_none_or(|reference| !is_set(reference)) {
        field.set_reference(RefValue::to_handle(owner));
    }
}

/// Takes the collections out of a value that are to be merged.
fn given_collections(given: &mut dyn Object, meta: &'static ModelMeta, new: bool) -> Vec<Given> {
    for view in &meta.table().view_only {
        // what is read only says nothing
        if let Some(collection) = given.field_mut(view.field).collection_mut() {
            collection.take_values();
            collection.set_handles(&[], false);
        }
    }
    let mut collections = Vec::new();
    for relationship in &meta.table().relationships {
        let Some(collection) = given.field_mut(relationship.field).collection_mut() else {
            continue;
        };
        let whole = collection.is_loaded();
        let (values, handles) = (collection.take_values(), collection.handles());
        // a new object's handles would be those of another object's children
        collection.set_handles(&[], whole && new);
        if (whole || !values.is_empty() || !handles.is_empty())
            && (relationship.cascade.merge || new)
        {
            collections.push(Given { relationship, whole, handles, values });
        }
    }
    collections
}

/// What the database computes it computes again.
fn unset_computed(given: &mut dyn Object) {
    for (index, field) in given.meta().fields.iter().enumerate() {
        if field.computed.is_some() {
            given.field_mut(index).unset();
        }
    }
}
