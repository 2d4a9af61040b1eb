//! Taking objects out of the session without touching their rows: one, with those of collections
//! that go along, or all.
//!
//! 1. What is taken out is gone: its changes are not written, a rollback does not bring it back, its
//!    row is found by key as if never seen.
//! 2. References to it that stay behind point to its row by key; collections that held it are not
//!    loaded any more, for they would not be all there is.
//! 3. `clear` uses places again; handles of before are of nobody, whatever is at their place.

use super::Session;
use super::edits::{Edits, handles_in, members};
use super::flush::Work;
use super::identity_map::ObjectId;
use super::scope::Scope;
use super::state::{Gone, State};
use orm_core::error::Result;
use orm_core::model::{Handle, Model, Object, RawHandle, RefValue};
use orm_core::schema::RelationshipKind;
use rustc_hash::FxHashSet;

impl Session {
    /// Takes an object out of the session, with those in its collections with `cascade(expunge)`.
    /// Their rows stay as they are; changes not flushed are not written. Nothing is sent.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let author = session.get(Author, 1)?.unwrap();
    /// session.expunge(author)?;
    /// assert!(session.try_get(author).is_err());
    /// let again = session.get(Author, 1)?.unwrap(); // read again, another object
    /// assert_ne!(again, author);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `Closed` for an object that is gone or of another session; those of relationships that
    /// contradict each other.
    pub fn expunge<M: Model>(&mut self, object: Handle<M>) -> Result<()> {
        let id = self.living(object)?;
        self.settle()?;
        let all = self.taken_along(id);
        self.point_by_key(&all);
        self.unload_those_with(&all);
        for &id in &all {
            self.edits.orphans.retain(|&(child, _), orphan| child != id && orphan.owner != id);
            self.edits.known.retain(|&(known, _), _| known != id);
            self.edits.replaced.retain(|&(owner, _)| owner != id);
            self.map.remove(id, Gone::Expunged);
        }
        self.edits.links.forget(|id| all.contains(&id));
        Ok(())
    }

    /// Takes everything out of the session: objects, changes not flushed, what `take` would give. The
    /// transaction goes on, with what was flushed. Memory is given back, which makes a session that
    /// reads for ever possible.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let mut pages = select(Article).pages(&mut session, 2)?;
    /// while let Some(articles) = pages.next(&mut session)? {
    ///     for article in articles {
    ///         session[article].title.push('!');
    ///     }
    ///     session.flush()?;
    ///     session.clear();
    /// }
    /// # assert_eq!(session.query(Article).filter(Article.title.eq("Rust!")).count()?, 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn clear(&mut self) {
        self.map.clear();
        self.work = Work::default();
        self.edits = Edits::default();
        self.cohorts.clear();
        self.left_over.clear();
        for scope in &mut self.scopes {
            scope.clear();
        }
    }

    /// An object and those that its collections take along.
    fn taken_along(&self, id: ObjectId) -> FxHashSet<ObjectId> {
        let mut all = vec![id];
        let mut seen: FxHashSet<ObjectId> = all.iter().copied().collect();
        let mut index = 0;
        while let Some(&owner) = all.get(index) {
            index += 1;
            for relationship in &self.map.models[owner.model].meta.table().relationships {
                if relationship.cascade.expunge {
                    let inside = members(&self.map, owner, relationship, false).into_iter();
                    let living = inside.filter(|&id| !matches!(self.map.state(id), State::Gone(_)));
                    all.extend(living.filter(|&id| seen.insert(id)));
                }
            }
        }
        seen
    }

    /// Lets references to objects that leave point to their rows.
    fn point_by_key(&mut self, leaving: &FxHashSet<ObjectId>) {
        for model in 0..self.map.models.len() {
            for (field, target) in self.map.models[model].references.clone() {
                if !leaving.iter().any(|id| id.model == target) {
                    continue;
                }
                for slot in 0..self.map.models[model].entries.len() {
                    let id = ObjectId { model, slot };
                    if leaving.contains(&id) {
                        continue;
                    }
                    let mut pointed = Vec::new();
                    self.each_value(id, &mut |value| {
                        let handle = value.field(field).reference().and_then(RefValue::handle);
                        let at =
                            handle.map(|it| ObjectId { model: target, slot: it.slot() as usize });
                        pointed.extend(at.filter(|at| leaving.contains(at)));
                    });
                    for at in pointed {
                        self.replace_target(id, field, at);
                    }
                }
            }
        }
    }

    /// Looks at what an object is, what it is compared with, and what rollbacks put back.
    fn each_value(&mut self, id: ObjectId, look: &mut dyn FnMut(&mut dyn Object)) {
        if let Some(values) = self.map.values_mut(id.model) {
            if let Some(object) = values.get_mut(id.slot) {
                look(object);
            }
            if let Some(original) = values.original_mut(id.slot) {
                look(original);
            }
        }
        for kept in Scope::values(&mut self.scopes, &self.map, id) {
            look(&mut **kept);
        }
    }

    /// A reference, and what it was before, is by the key of what it pointed to, at a place that is
    /// reserved for the row.
    fn replace_target(&mut self, id: ObjectId, field: usize, leaving: ObjectId) {
        let Some(key) = self.map.entry(leaving).key.clone() else { return };
        // no longer found by its key, so that a new place is
        self.map.set_key(leaving, None);
        let place = self.map.reserve(leaving.model, &key);
        let handle = self.map.handle(place);
        self.map.entry_mut(leaving).key = Some(key);
        let old = self.map.handle(leaving);
        self.each_value(id, &mut |value| {
            if let Some(reference) = value.field_mut(field).reference_mut()
                && reference.handle() == Some(old)
            {
                reference.set_handle(handle);
            }
        });
        self.edits.forget(id, field);
    }

    /// Collections that hold an object that leaves, or held it when a scope began, are not all there is
    /// any more.
    fn unload_those_with(&mut self, leaving: &FxHashSet<ObjectId>) {
        for model in 0..self.map.models.len() {
            for relationship in self.map.models[model].meta.table().all_relationships() {
                let target = self.map.known_model((relationship.target.type_id)());
                let handles = leaving.iter().filter(|id| Some(id.model) == target);
                let handles: FxHashSet<RawHandle> =
                    handles.map(|&id| self.map.handle(id)).collect();
                if matches!(relationship.kind, RelationshipKind::ManyToOne) || handles.is_empty() {
                    continue;
                }
                for slot in 0..self.map.models[model].entries.len() {
                    let owner = ObjectId { model, slot };
                    if leaving.contains(&owner) {
                        continue;
                    }
                    let gone = self.held_of(owner, relationship.field, &handles);
                    if gone.is_empty() {
                        continue;
                    }
                    if self.map.state(owner) == State::Pending {
                        // it has no rows to load: what is left is all there is
                        self.take_out_handles(owner, relationship.field, &gone);
                        continue;
                    }
                    self.unload(owner, relationship.field);
                    for kept in Scope::values(&mut self.scopes, &self.map, owner) {
                        if let Some(collection) =
                            kept.field_mut(relationship.field).collection_mut()
                        {
                            collection.set_handles(&[], false);
                        }
                    }
                }
            }
        }
    }

    /// Which of the objects that leave a collection holds, or held before.
    fn held_of(
        &mut self,
        owner: ObjectId,
        field: usize,
        leaving: &FxHashSet<RawHandle>,
    ) -> Vec<RawHandle> {
        let mut held = Vec::new();
        self.each_value(owner, &mut |value| {
            held.extend(handles_in(value, field).iter().filter(|it| leaving.contains(it)).copied());
        });
        held
    }

    fn take_out_handles(&mut self, owner: ObjectId, field: usize, gone: &[RawHandle]) {
        let object = self.map.object_mut(owner);
        if let Some(collection) = object.and_then(|object| object.field_mut(field).collection_mut())
        {
            for &handle in gone {
                collection.take_out(handle);
            }
        }
        self.edits.forget(owner, field);
    }
}
