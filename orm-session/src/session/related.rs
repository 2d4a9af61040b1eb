//! Loading what relationships lead to: `session.load`, `include`, and what a flush needs.
//!
//! 1. One statement per relationship, whatever the number of owners: the keys travel as a list.
//! 2. A lazy load takes the object and the next [`COHORT`] of those it was loaded with that lack
//!    the relationship: a loop over n objects sends ⌈n/1000⌉ statements.
//! 3. What is known already (a loaded collection, an object in the map, a NULL key) costs nothing.
//! 4. What was changed in memory and not flushed is kept: rows that point elsewhere by now are not
//!    in the collection, pending ones are.

use super::Session;
use super::cohort::Cohort;
use super::edits::members;
use super::identity_map::{EntryState, ObjectId};
use super::loader::{Loader, Overwrite};
use super::state::State;
use crate::engine::transaction::Plan;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::expression::Relation;
use orm_core::model::HandleOf;
use orm_core::query::{Statement, collection_statement, owner_key, targets_statement};
use orm_core::schema::{ModelMeta, Relationship, RelationshipKind};
use orm_core::statement::{IncludeNode, Parameters, SelectStatement, Source};
use orm_core::types::{Key, RowReader};
use rustc_hash::{FxHashMap, FxHashSet};
use std::panic::Location;

/// The most objects that one lazy load is for.
const COHORT: usize = 1000;
/// The most composite keys in one statement of a database without array parameters.
const COMPOSITE_KEYS: usize = 10_000;

/// What a relationship that is not loaded does when it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadMode {
    /// It is loaded, together with those of the objects loaded with its owner.
    #[default]
    Lazy,
    /// It is an error that says what to include.
    Forbid,
}

impl Session {
    /// Whether `load` and accessors may send SQL; they do unless it is forbidden.
    pub fn load_mode(mut self, mode: LoadMode) -> Session {
        self.options.load_mode = mode;
        self
    }

    /// What a relationship of an object leads to: handles, one handle, or `Option` of one.
    ///
    /// What is not loaded is read by one statement, together with that of a thousand objects
    /// loaded with this one: a loop over objects that loads for each sends one statement per 1,000.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let author = session.get(Author, 1)?.unwrap();
    /// let articles: Vec<Handle<Article>> = session.load(author, Author.articles)?;
    /// let same: Handle<Author> = session.load(articles[0], Article.author)?;
    /// assert_eq!(same, author);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotLoaded` under [`LoadMode::Forbid`]; `Closed` for an object that is gone.
    #[track_caller]
    pub fn load<R: Relation>(
        &mut self,
        object: impl HandleOf<R::From>,
        relationship: R,
    ) -> Result<R::Loaded> {
        self.usable()?;
        let id = self.living(object.handle())?;
        self.settle()?;
        let field = relationship.position();
        self.check_variant(id, field, "loaded")?;
        let meta = self.map.models[id.model].meta;
        let Some(relationship) = meta.table().relationship_of(field) else {
            let problems = meta.table().problems.join("; ");
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("`{}.{}` can't be loaded: {problems}", meta.name, meta.fields[field].name),
            ));
        };
        let mut sent = 0;
        if !self.is_loaded(id, field) {
            if self.options.load_mode == LoadMode::Forbid {
                return Err(Error::new(
                    ErrorKind::NotLoaded,
                    format!(
                        "`{0}.{1}` is not loaded and loading is forbidden; write \
                         `.include({0}.{1})` in the query of `{0}`",
                        meta.name, meta.fields[field].name
                    ),
                ));
            }
            self.flush_before(|| {
                format!("`{}.{}` was loaded", meta.name, meta.fields[field].name)
            })?;
            let before = self.related_statements;
            let owners = self.cohort_lacking(id, field);
            self.load_related(&owners, relationship, Overwrite::Older)?;
            sent = self.related_statements - before;
        }
        if let Some(loads) = &mut self.lazy_loads {
            loads.note(Location::caller(), meta.name, meta.fields[field].name, sent);
        }
        let found = members(&self.map, id, relationship, false);
        // what the flush took out with its owner is nowhere any more
        let there = found.into_iter().filter(|&id| self.is_found(id, relationship));
        R::loaded(there.map(|id| self.map.handle(id)).collect())
    }

    /// Whether a relationship of an object is known.
    pub(super) fn is_loaded(&self, id: ObjectId, field: usize) -> bool {
        let Some(object) = self.map.object(id) else { return false };
        let table = self.map.models[id.model].meta.table();
        let Some(relationship) = table.relationship_of(field) else { return true };
        match object.field(field).collection() {
            Some(collection) => collection.is_loaded(),
            None => members(&self.map, id, relationship, false)
                .iter()
                .all(|&target| self.is_here(target) || self.is_hidden(target)),
        }
    }

    /// Whether an object's row was read, and is not stale.
    pub(super) fn is_here(&self, id: ObjectId) -> bool {
        !matches!(self.map.entry(id).state, EntryState::Reserved | EntryState::Known(State::Stale))
            && !self.must_ask(id)
    }

    /// Whether what a relationship leads to is given out: it is there, and of what a reference points
    /// to no criterion hides it.
    fn is_found(&self, id: ObjectId, relationship: &Relationship) -> bool {
        let to_one = matches!(relationship.kind, RelationshipKind::ManyToOne);
        self.map.object(id).is_some() && !(to_one && self.hides(id))
    }

    /// The object and those loaded with it of which a relationship is not known: those behind it, then
    /// those before it, for a loop may go in another order.
    fn cohort_lacking(&self, id: ObjectId, field: usize) -> Vec<ObjectId> {
        let (cohort, position) = self.map.entry(id).cohort;
        let position = position as usize;
        let Some(cohort) = self.cohorts.get(cohort as usize) else { return vec![id] };
        if cohort.get(position) != Some(id) {
            return vec![id];
        }
        // several owners may have led to one object
        let mut seen = FxHashSet::default();
        cohort
            .from(position)
            .chain(cohort.from(0).take(position))
            .filter(|&id| {
                matches!(self.map.state(id), State::Persistent | State::Stale)
                    && !self.is_loaded(id, field)
                    && seen.insert(id)
            })
            .take(COHORT)
            .collect()
    }

    /// Loads a relationship of several objects of one model.
    pub(super) fn load_related(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
        overwrite: Overwrite,
    ) -> Result<Vec<ObjectId>> {
        if owners.is_empty() {
            return Ok(Vec::new());
        }
        match relationship.kind {
            RelationshipKind::ManyToOne => self.load_targets(owners, relationship),
            _ => self.load_collections(owners, relationship, overwrite),
        }
    }

    /// The objects that references point to, as far as they are not here.
    fn load_targets(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
    ) -> Result<Vec<ObjectId>> {
        let mut targets: Vec<ObjectId> = owners
            .iter()
            .flat_map(|&owner| members(&self.map, owner, relationship, false))
            .filter(|&target| !self.is_here(target))
            .collect();
        targets.sort_unstable();
        targets.dedup();
        let keys: Vec<Key> =
            targets.iter().filter_map(|&target| self.map.entry(target).key.clone()).collect();
        let mut loaded = Vec::new();
        for keys in self.chunks(&keys) {
            let statement = targets_statement(relationship.target, keys);
            loaded.extend(self.read_objects(&statement, owners[0], relationship)?);
        }
        self.note_hidden(&targets);
        self.make_cohort(loaded.iter().copied().collect());
        Ok(loaded)
    }

    /// The collections of owners that have a row.
    fn load_collections(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
        overwrite: Overwrite,
    ) -> Result<Vec<ObjectId>> {
        let found = self.read_pairs(owners, relationship, overwrite)?;
        let loaded: Vec<ObjectId> = found.iter().map(|&(_, member)| member).collect();
        self.fill_collections(owners, relationship, found);
        self.make_cohort(loaded.iter().copied().collect());
        Ok(loaded)
    }

    /// Makes collections of owners and members that were read; of other owners nothing is taken.
    pub(super) fn fill_collections(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
        found: Vec<(ObjectId, ObjectId)>,
    ) {
        let mut collections: FxHashMap<ObjectId, Vec<ObjectId>> = FxHashMap::default();
        for (owner, member) in found {
            if self.still_related(owner, relationship, member) {
                collections.entry(owner).or_default().push(member);
            }
        }
        // of what a condition of its own is true for only the database can tell
        let mut in_memory = if relationship.view_only {
            FxHashMap::default()
        } else {
            self.related_in_memory(relationship)
        };
        for &owner in owners {
            let mut list = collections.remove(&owner).unwrap_or_default();
            if let Some(more) = in_memory.remove(&owner) {
                let known: FxHashSet<ObjectId> = list.iter().copied().collect();
                list.extend(more.into_iter().filter(|member| !known.contains(member)));
            }
            let handles: Vec<_> = list.iter().map(|&id| self.map.handle(id)).collect();
            self.set_collection(owner, relationship.field, &handles);
        }
    }

    /// Fills in a collection that was read, also in the copy that changes are compared with.
    fn set_collection(
        &mut self,
        owner: ObjectId,
        field: usize,
        handles: &[orm_core::model::RawHandle],
    ) {
        self.edits.forget(owner, field);
        if let Some(scope) = self.scopes.last_mut() {
            scope.read.push((owner, field));
        }
        let own = self.map.handle(owner);
        let Some(values) = self.map.values_mut(owner.model) else { return };
        if let Some(object) = values.get_mut(owner.slot)
            && let Some(collection) = object.field_mut(field).collection_mut()
        {
            collection.set_handles(handles, true);
            collection.set_owner(own);
        }
        if let Some(original) = values.original_mut(owner.slot)
            && let Some(collection) = original.field_mut(field).collection_mut()
        {
            collection.set_handles(handles, true);
            collection.set_owner(own);
        }
    }

    /// Whether a row that was read is still in the collection, after what was changed in memory.
    fn still_related(
        &self,
        owner: ObjectId,
        relationship: &Relationship,
        member: ObjectId,
    ) -> bool {
        if !self.map.is_alive(member) {
            return false;
        }
        match relationship.reference() {
            Some(reference) => {
                self.map.pointed_at(member, reference) == Some(owner)
                    && !self.edits.is_orphan_of(member, reference, owner)
            }
            None => self.edits.links.said(relationship, owner, member) != Some(false),
        }
    }

    /// Objects that are in collections by changes not flushed, per owner.
    fn related_in_memory(&self, relationship: &Relationship) -> FxHashMap<ObjectId, Vec<ObjectId>> {
        let Some(reference) = relationship.reference() else {
            return self.edits.links.added(relationship);
        };
        let mut related: FxHashMap<ObjectId, Vec<ObjectId>> = FxHashMap::default();
        let Some(model) = self.map.known_model((relationship.target.type_id)()) else {
            return related;
        };
        for &id in self.work.added.iter().chain(&self.work.touched) {
            if id.model == model
                && self.map.is_alive(id)
                && let Some(owner) = self.map.pointed_at(id, reference)
                && !self.edits.is_orphan_of(id, reference, owner)
            {
                related.entry(owner).or_default().push(id);
            }
        }
        related
    }

    /// What a relationship of one owner leads to in the database, whatever memory says.
    pub(super) fn related_in_database(
        &mut self,
        owner: ObjectId,
        relationship: &'static Relationship,
    ) -> Result<Vec<ObjectId>> {
        let pairs = self.read_pairs(&[owner], relationship, Overwrite::Older)?;
        Ok(pairs.into_iter().map(|(_, member)| member).collect())
    }

    /// Reads owners and members of collections, in the order of the collections.
    pub(super) fn read_pairs(
        &mut self,
        owners: &[ObjectId],
        relationship: &'static Relationship,
        overwrite: Overwrite,
    ) -> Result<Vec<(ObjectId, ObjectId)>> {
        let model = owners[0].model;
        let keys: Vec<Key> =
            owners.iter().filter_map(|&owner| self.map.entry(owner).key.clone()).collect();
        let from = Source::of(self.map.models[model].meta);
        let width = from.table().primary_key.len();
        let mut pairs = Vec::new();
        for keys in self.chunks(&keys) {
            let statement = collection_statement(relationship, from, keys);
            let mut found = Vec::new();
            let target = self.target_of(owners[0], relationship);
            self.each_row(&statement, target, overwrite, &mut |loader, target, row| {
                let owner = owner_key(from.table(), width, row)?;
                row.skip(width);
                let member = loader.load(target, row)?;
                if let Some(owner) = owner.and_then(|key| loader.map.by_key(model, &key)) {
                    found.push((owner, member));
                }
                Ok(())
            })?;
            pairs.append(&mut found);
        }
        self.note_asked(pairs.iter().map(|&(_, member)| member));
        Ok(pairs)
    }

    fn read_objects(
        &mut self,
        statement: &SelectStatement,
        owner: ObjectId,
        relationship: &'static Relationship,
    ) -> Result<Vec<ObjectId>> {
        let mut objects = Vec::new();
        let target = self.target_of(owner, relationship);
        self.each_row(statement, target, Overwrite::Older, &mut |loader, target, row| {
            objects.push(loader.load(target, row)?);
            Ok(())
        })?;
        self.note_asked(objects.iter().copied());
        Ok(objects)
    }

    /// The model that a relationship leads to, with a place for its objects.
    fn target_of(&mut self, owner: ObjectId, relationship: &'static Relationship) -> usize {
        let target = self.map.model(relationship.target);
        if let Some(object) = self.map.object(owner)
            && self.map.values(target).is_none()
            && let Some(arena) = object.field(relationship.field).target_arena()
        {
            self.map.set_arena(target, arena);
        }
        target
    }

    /// Runs a statement that selects objects of a model and hands out its rows.
    pub(super) fn each_row(
        &mut self,
        statement: &SelectStatement,
        target: usize,
        overwrite: Overwrite,
        each: &mut dyn FnMut(&mut Loader<'_>, usize, &mut RowReader<'_>) -> Result<()>,
    ) -> Result<()> {
        let compiled = self.compile(Statement::Rows(statement))?;
        self.begin()?;
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Ok(());
        };
        self.related_statements += 1;
        let mut loader = Loader::new(&mut self.map, scope, self.transaction_number);
        loader.overwrite = overwrite;
        let parameters = Parameters::Values(&compiled.parameters);
        let done = transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
            each(&mut loader, target, &mut RowReader::new(row))
        });
        done.map_err(|error| self.told(error))?;
        self.tell_loaded()
    }

    /// Loads what an `include` names for objects just loaded.
    pub(super) fn include(&mut self, owners: &[ObjectId], nodes: &[IncludeNode]) -> Result<()> {
        for node in nodes {
            let relationship = included(node.model, node.field)?;
            // joins give one object several times
            let mut seen = FxHashSet::default();
            let lacking: Vec<ObjectId> = owners
                .iter()
                .copied()
                .filter(|&id| !self.is_loaded(id, node.field) && seen.insert(id))
                .collect();
            self.load_related(&lacking, relationship, Overwrite::Older)?;
            if node.children.is_empty() {
                continue;
            }
            let mut next: Vec<ObjectId> = owners
                .iter()
                .flat_map(|&owner| members(&self.map, owner, relationship, false))
                .filter(|&id| self.is_found(id, relationship))
                .collect();
            next.sort_unstable();
            next.dedup();
            self.include(&next, &node.children)?;
        }
        Ok(())
    }

    /// Objects that were loaded together are loaded further together.
    pub(super) fn make_cohort(&mut self, objects: Cohort) {
        if objects.len() < 2 {
            return;
        }
        let Ok(number) = u32::try_from(self.cohorts.len()) else { return };
        for (position, id) in (0..).zip(objects.from(0)) {
            self.map.entry_mut(id).cohort = (number, position);
        }
        self.cohorts.push(objects);
    }

    /// Lists of keys that fit a statement: one list, unless each key has several columns and the
    /// database takes no arrays.
    pub(super) fn chunks<'k>(&self, keys: &'k [Key]) -> Vec<&'k [Key]> {
        let composite = keys.first().is_some_and(|key| key.width() > 1);
        let most = if composite && !self.engine.dialect().features.array_parameters {
            COMPOSITE_KEYS
        } else {
            usize::MAX
        };
        keys.chunks(most.min(keys.len().max(1))).collect()
    }
}

/// The relationship that a field is.
pub(super) fn included(model: &'static ModelMeta, field: usize) -> Result<&'static Relationship> {
    model.table().relationship_of(field).ok_or_else(|| {
        let problems = model.table().problems.join("; ");
        let name = model.fields[field].name;
        Error::new(
            ErrorKind::Configuration,
            format!("`{}.{name}` can't be included: {problems}", model.name),
        )
    })
}
