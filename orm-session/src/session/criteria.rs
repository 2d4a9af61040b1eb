//! Criteria on a session: what holds in whatever it reads, the way round, and what is known of objects
//! under them.
//!
//! 1. Every statement of the program is under the criteria, with what it includes. What the session
//!    itself reads to write (children of what is deleted, rows by their keys) is round them.
//! 2. An object that was read round them, or was written here since it was read, is *unasked*: `get` and
//!    references find it again once a row under the criteria said that it is there.
//! 3. What was asked for and is not there is asked again once something was written, or a transaction
//!    began.
//! 4. Hooks run under all of them, whatever is left out around.

use super::Session;
use super::identity_map::ObjectId;
use orm_core::error::Result;
use orm_core::expression::Condition;
use orm_core::model::Entity;
use orm_core::schema::ModelMeta;
use orm_core::statement::{Criteria, LeftOut};
use rustc_hash::FxHashSet;
use std::any::TypeId;

/// The criteria of a session, and what they hide.
#[derive(Default)]
pub(super) struct Under {
    pub criteria: Criteria,
    /// Objects that were asked for under them, and were not there.
    hidden: FxHashSet<ObjectId>,
}

impl Under {
    pub fn of(criteria: Criteria) -> Under {
        Under { criteria, hidden: FxHashSet::default() }
    }

    /// What was not there may be there now.
    pub fn ask_again(&mut self) {
        if !self.criteria.is_empty() {
            self.hidden.clear();
        }
    }
}

impl Session {
    /// Adds a condition on a model that holds in whatever this session reads and writes by statements:
    /// wherever the model's table is mentioned. Those of the engine hold too.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let writer = 1; // who is signed in
    /// let mut session =
    ///     engine.session().criterion("writer", Article, move |article| article.author.eq(writer));
    /// assert_eq!(session.query(Article).count()?, 2);
    /// let all = session.without_criterion("writer", |session| session.query(Article).count())?;
    /// assert_eq!(all, 3);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Said when the session is made; [`add_criterion`](Session::add_criterion) adds one to a session that
    /// is there.
    #[must_use]
    pub fn criterion<E: Entity, C: Condition>(
        mut self,
        name: &'static str,
        entity: E,
        condition: impl Fn(E) -> C + Send + Sync + 'static,
    ) -> Session {
        self.add_criterion(name, entity, condition);
        self
    }

    /// Adds a criterion to a session that is there, from here on: in the closure of a transaction, for
    /// instance. Objects of the model that the session has are asked for again; what handles read and
    /// collections that are loaded stay.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// # let signed_in = 1;
    /// engine.transaction(|session| {
    ///     session.add_criterion("writer", Article, move |article| article.author.eq(signed_in));
    ///     assert_eq!(session.query(Article).count()?, 2);
    ///     Ok(())
    /// })?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn add_criterion<E: Entity, C: Condition>(
        &mut self,
        name: &'static str,
        entity: E,
        condition: impl Fn(E) -> C + Send + Sync + 'static,
    ) {
        let criteria = std::mem::take(&mut self.under.criteria);
        self.under = Under::of(criteria.with(name, entity, condition));
        if let Some(model) = self.map.known_model(TypeId::of::<E::Model>()) {
            for slot in 0..self.map.models[model].entries.len() {
                self.map.entry_mut(ObjectId { model, slot }).unasked = true;
            }
        }
    }

    /// Runs a closure in which the criteria of this name do not hold; others do. Afterwards it is as
    /// before.
    ///
    /// # Errors
    /// Those of the closure, and `InvalidStatement` for a name that no criterion has.
    pub fn without_criterion<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut Session) -> Result<T>,
    ) -> Result<T> {
        self.leaving_out(&LeftOut { all: false, names: vec![name] }, work)
    }

    /// Runs a closure in which no criteria hold. Afterwards it is as before.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let mut session =
    ///     engine.session().criterion("at home", Author, |author| author.country.is_null());
    /// assert!(session.get(Author, 1)?.is_none());
    /// assert!(session.without_criteria(|session| session.get(Author, 1))?.is_some());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn without_criteria<T>(&mut self, work: impl FnOnce(&mut Session) -> T) -> T {
        let none = self.under.criteria.none();
        self.under_criteria(none, work)
    }

    /// Runs a closure in which more criteria are left out.
    pub(super) fn leaving_out<T>(
        &mut self,
        left_out: &LeftOut,
        work: impl FnOnce(&mut Session) -> Result<T>,
    ) -> Result<T> {
        let fewer = self.under.criteria.leaving_out(left_out)?;
        self.under_criteria(fewer, work)
    }

    /// Runs a closure in which all criteria hold.
    pub(super) fn under_all_criteria<T>(&mut self, work: impl FnOnce(&mut Session) -> T) -> T {
        if self.under.criteria.is_empty() {
            return work(self);
        }
        let whole = self.under.criteria.whole();
        self.under_criteria(whole, work)
    }

    fn under_criteria<T>(&mut self, criteria: Criteria, work: impl FnOnce(&mut Session) -> T) -> T {
        let before = std::mem::replace(&mut self.under, Under::of(criteria));
        let restored = Restored { session: self, before };
        work(&mut *restored.session)
    }

    /// Whether all criteria have to say again that an object is there.
    pub(super) fn must_ask(&self, id: ObjectId) -> bool {
        let criteria = &self.under.criteria;
        !criteria.is_empty()
            && self.map.entry(id).unasked
            && criteria.hold_for(self.map.models[id.model].meta)
    }

    /// Whether the criteria hide an object whose row was just asked for.
    pub(super) fn hides(&self, id: ObjectId) -> bool {
        self.under.criteria.hold_for(self.map.models[id.model].meta) && !self.is_here(id)
    }

    /// Whether an object was asked for, and is not there under the criteria.
    pub(super) fn is_hidden(&self, id: ObjectId) -> bool {
        self.under.hidden.contains(&id)
    }

    /// Remembers which of the objects that were asked for are not there.
    pub(super) fn note_hidden(&mut self, asked: &[ObjectId]) {
        if self.under.criteria.is_empty() {
            return;
        }
        for &id in asked {
            if !self.is_here(id) {
                self.under.hidden.insert(id);
            }
        }
    }

    /// Rows of these objects were read under the criteria that hold now.
    pub(super) fn note_asked(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        if self.under.criteria.is_empty() {
            return;
        }
        let round = |meta: &'static ModelMeta| self.under.criteria.are_left_out_for(meta);
        let round: Vec<bool> = self.map.models.iter().map(|model| round(model.meta)).collect();
        for id in objects {
            self.map.entry_mut(id).unasked = round[id.model];
        }
    }

    /// Rows of these objects are not as they were read.
    pub(super) fn note_written(&mut self, objects: impl IntoIterator<Item = ObjectId>) {
        if self.under.criteria.is_empty() {
            return;
        }
        self.under.ask_again();
        for id in objects {
            self.map.entry_mut(id).unasked = true;
        }
    }
}

/// A session whose criteria are put back at the end, also where a closure panics.
struct Restored<'a> {
    session: &'a mut Session,
    before: Under,
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        std::mem::swap(&mut self.session.under, &mut self.before);
        // what was left out inside may have written
        self.session.under.ask_again();
    }
}
