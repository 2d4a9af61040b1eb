//! One object per key: which objects a session has, where they are, and what is known of each.
//!
//! Per model there is a list of entries (what is known), an arena (the values) and an index by key.
//! An entry may be *reserved*: its key is known from a foreign key, its row was not read yet. So a
//! `Ref` has the handle of its object from the moment its key is known, whichever is loaded first.
//!
//! Nothing here does I/O or knows of transactions; [`super::scope`] keeps what rollback needs.

use super::key_index::KeyIndex;
use super::state::{Gone, State};
use orm_core::model::{Arena, Chunks, Model, Object, RawHandle, TypedArena};
use orm_core::schema::{FieldSpec, ModelMeta};
use orm_core::types::Key;
use rustc_hash::FxHashMap;
use std::any::{Any, TypeId};
use std::num::NonZeroU32;

/// A place in the map: the model's number and the place among its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectId {
    pub model: usize,
    pub slot: usize,
}

/// What is known of one object: as long as a line of the processor's cache, and nowhere in two.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Entry {
    pub state: EntryState,
    /// The key it is found by; `None` while it is pending.
    pub key: Option<Key>,
    /// The transaction its row was last read or written in.
    pub read_in: u32,
    /// The scope it was first loaded or added in.
    pub born: u32,
    /// Which fields the database filled at the flush: the bits of their positions.
    pub generated: u64,
    /// The scope that keeps what it was before, and where in its list.
    pub recorded_in: u32,
    pub recorded_at: u32,
    /// The objects it was loaded with, and its place among them.
    pub cohort: (u32, u32),
    /// Whether its relationships may have been changed since both sides were last held together.
    pub unsettled: bool,
    /// Whether criteria have to say again that it is there: it was read round them, or written since.
    pub unasked: bool,
}

/// A state of an object; beside the public ones, a key without a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryState {
    /// Only the key is known.
    Reserved,
    /// As the user sees it.
    Known(State),
}

/// The objects of one model.
pub(crate) struct ModelMap {
    pub meta: &'static ModelMeta,
    /// Fields that are foreign keys, with the number of the model they point to.
    pub references: Vec<(usize, usize)>,
    /// Whether any field is a reference or a collection.
    pub related: bool,
    pub entries: Chunks<Entry>,
    by_key: KeyIndex,
    /// The SELECT of one object by its key, once it was sent.
    pub get_text: Option<String>,
    /// Whether it is noted which rows were read.
    pub watched: bool,
    arena: Option<Box<dyn Arena>>,
}

/// All objects of a session.
pub(crate) struct IdentityMap {
    session: NonZeroU32,
    /// How often everything was taken out: places are used again, handles of before are of nobody.
    generation: u32,
    pub models: Vec<ModelMap>,
    /// The models of which it is noted which rows were read, and what was read of them.
    pub watched: Vec<TypeId>,
    pub read: Vec<ObjectId>,
    by_type: FxHashMap<TypeId, usize>,
    /// Whether any model has a collection that keeps places.
    pub positioned: bool,
    /// Objects whose rows were not as the session knew them: a rollback makes them stale.
    pub doubted: Vec<ObjectId>,
    /// Objects whose rows the database wrote by itself, with versions that it keeps: to be read again.
    pub rewritten: Vec<ObjectId>,
    /// The model asked for last, which most likely is the next one.
    last: Option<(TypeId, usize)>,
}

impl IdentityMap {
    pub fn new(session: NonZeroU32) -> IdentityMap {
        IdentityMap {
            session,
            generation: 0,
            models: Vec::new(),
            watched: Vec::new(),
            read: Vec::new(),
            by_type: FxHashMap::default(),
            positioned: false,
            doubted: Vec::new(),
            rewritten: Vec::new(),
            last: None,
        }
    }

    /// The number of a model, given to it at its first use.
    pub fn model(&mut self, meta: &'static ModelMeta) -> usize {
        let ty = (meta.type_id)();
        if let Some(known) = self.known_model(ty) {
            self.last = Some((ty, known));
            return known;
        }
        let number = self.models.len();
        self.by_type.insert(ty, number);
        self.models.push(ModelMap {
            meta,
            references: Vec::new(),
            related: meta.fields.iter().any(|field| field.target().is_some()),
            entries: Chunks::default(),
            by_key: KeyIndex::default(),
            get_text: None,
            watched: self.watched.contains(&ty),
            arena: None,
        });
        for (index, field) in meta.fields.iter().enumerate() {
            self.positioned |= field.relationship.position.is_some();
            match field.spec {
                FieldSpec::Reference { target, .. } => {
                    let target = self.model(target.model());
                    self.models[number].references.push((index, target));
                }
                FieldSpec::Collection { target, .. } => {
                    self.model(target.model());
                }
                FieldSpec::Column { .. } | FieldSpec::Embedded { .. } => {}
            }
        }
        for key in meta.declared.foreign_keys {
            self.model(key.target.model());
        }
        number
    }

    /// The number of a model that the session has used.
    #[inline]
    pub fn known_model(&self, ty: TypeId) -> Option<usize> {
        if let Some((last, number)) = self.last
            && last == ty
        {
            return Some(number);
        }
        self.by_type.get(&ty).copied()
    }

    /// The object at a place of a model that is known to be `M`.
    #[inline]
    pub fn value<M: Model>(&self, id: ObjectId) -> Option<&M> {
        let arena: &dyn Any = &**self.models[id.model].arena.as_ref()?;
        arena.downcast_ref::<TypedArena<M>>()?.value(id.slot)
    }

    /// The values of a model, typed, to change them.
    pub fn arena_mut<M: Model>(&mut self) -> Option<&mut TypedArena<M>> {
        let model = self.known_model(TypeId::of::<M>())?;
        self.models[model].typed_arena()
    }

    /// The handle of a place.
    pub fn handle(&self, id: ObjectId) -> RawHandle {
        let slot = u32::try_from(id.slot).unwrap_or(u32::MAX);
        RawHandle::new(self.session, slot, self.generation)
    }

    /// The session's number.
    pub fn session(&self) -> NonZeroU32 {
        self.session
    }

    /// Whether a handle is of this session, and of before everything was taken out.
    pub fn is_cleared(&self, handle: RawHandle) -> bool {
        handle.session() == self.session && handle.generation() != self.generation
    }

    /// Takes everything out; the places are used again, by handles that differ.
    pub fn clear(&mut self) {
        self.generation += 1;
        self.doubted.clear();
        self.rewritten.clear();
        self.read.clear();
        for map in &mut self.models {
            map.entries = Chunks::default();
            map.by_key = KeyIndex::default();
            map.arena = None;
        }
    }

    /// The place of a handle of a model; `None` for a handle of another session, or of before it was
    /// cleared.
    #[inline]
    pub fn find(&self, handle: RawHandle, ty: TypeId) -> Option<ObjectId> {
        if handle.session() != self.session || handle.generation() != self.generation {
            return None;
        }
        let model = self.known_model(ty)?;
        let slot = handle.slot() as usize;
        (slot < self.models[model].entries.len()).then_some(ObjectId { model, slot })
    }

    pub fn entry(&self, id: ObjectId) -> &Entry {
        &self.models[id.model].entries[id.slot]
    }

    pub fn entry_mut(&mut self, id: ObjectId) -> &mut Entry {
        &mut self.models[id.model].entries[id.slot]
    }

    /// What the user sees of the state; a reserved place is stale to whoever has its handle.
    pub fn state(&self, id: ObjectId) -> State {
        match self.entry(id).state {
            EntryState::Reserved => State::Stale,
            EntryState::Known(state) => state,
        }
    }

    /// Whether an object can be in a collection: it is there, and is not deleted.
    pub fn is_alive(&self, id: ObjectId) -> bool {
        matches!(self.state(id), State::Pending | State::Persistent | State::Stale)
    }

    /// The object that a reference points to.
    pub fn pointed_at(&self, child: ObjectId, reference: usize) -> Option<ObjectId> {
        let references = &self.models[child.model].references;
        let &(_, model) = references.iter().find(|&&(field, _)| field == reference)?;
        let handle = self.object(child)?.field(reference).reference()?.handle()?;
        Some(ObjectId { model, slot: handle.slot() as usize })
    }

    pub fn set_state(&mut self, id: ObjectId, state: State) {
        self.entry_mut(id).state = EntryState::Known(state);
    }

    pub fn object(&self, id: ObjectId) -> Option<&dyn Object> {
        self.models[id.model].arena.as_ref()?.get(id.slot)
    }

    pub fn object_mut(&mut self, id: ObjectId) -> Option<&mut dyn Object> {
        self.models[id.model].arena.as_mut()?.get_mut(id.slot)
    }

    /// The values of a model, where it has any.
    pub fn values(&self, model: usize) -> Option<&dyn Arena> {
        self.models[model].arena.as_deref()
    }

    /// The values of a model, to change them.
    pub fn values_mut(&mut self, model: usize) -> Option<&mut Box<dyn Arena>> {
        self.models[model].arena.as_mut()
    }

    /// Gives a model a place for its values.
    pub fn set_arena(&mut self, model: usize, arena: Box<dyn Arena>) {
        self.models[model].arena.get_or_insert(arena);
    }

    /// Adds a pending object.
    pub fn add<M: Model>(&mut self, value: M, born: u32) -> ObjectId {
        let model = self.model(M::meta());
        let slot = self.models[model].push(EntryState::Known(State::Pending), None, born);
        if let Some(arena) = self.models[model].typed_arena::<M>() {
            arena.place(slot, value);
        }
        ObjectId { model, slot }
    }

    /// Adds a pending object whose type is not known here.
    pub fn add_object(&mut self, object: Box<dyn Object>, born: u32) -> ObjectId {
        let model = self.model(object.meta());
        let slot = self.models[model].push(EntryState::Known(State::Pending), None, born);
        let id = ObjectId { model, slot };
        self.put(id, object);
        id
    }

    /// Puts an object at a place that exists.
    pub fn put(&mut self, id: ObjectId, object: Box<dyn Object>) -> Option<Box<dyn Object>> {
        let arena = self.models[id.model].arena.get_or_insert_with(|| object.new_arena());
        arena.put(id.slot, object)
    }

    /// The place found by a key.
    pub fn by_key(&self, model: usize, key: &Key) -> Option<ObjectId> {
        self.models[model].slot(key).map(|slot| ObjectId { model, slot })
    }

    /// The place found by a key, reserved where there is none.
    pub fn reserve(&mut self, model: usize, key: &Key) -> ObjectId {
        self.by_key(model, key).unwrap_or_else(|| {
            let map = &mut self.models[model];
            let slot = map.push(EntryState::Reserved, Some(key.clone()), 0);
            ObjectId { model, slot }
        })
    }

    /// Makes an object be found by a key, and no longer by the one it had.
    pub fn set_key(&mut self, id: ObjectId, key: Option<Key>) {
        let map = &mut self.models[id.model];
        map.by_key.remove(&map.entries, id.slot);
        map.entries[id.slot].key = key;
        map.by_key.insert(&map.entries, id.slot);
    }

    /// Takes an object out for good; its place is not used again.
    pub fn remove(&mut self, id: ObjectId, why: Gone) -> Option<Box<dyn Object>> {
        self.set_key(id, None);
        self.set_state(id, State::Gone(why));
        self.models[id.model].arena.as_mut()?.take(id.slot)
    }

    /// `Author(7)`, `Line(1, 2)`, `Author(new #3)`: how messages name an object. Text keys are not shown.
    pub fn describe(&self, id: ObjectId) -> String {
        self.describe_by(id, |part| format!("{part:?}"))
    }

    /// The same, with the parts of its key as `shown` says.
    pub fn describe_by(&self, id: ObjectId, shown: impl Fn(&Key) -> String) -> String {
        let name = self.models[id.model].meta.name;
        let Some(key) = &self.entry(id).key else { return format!("{name}(new #{})", id.slot) };
        let parts: Vec<String> =
            (0..key.width()).filter_map(|index| key.part(index)).map(shown).collect();
        format!("{name}({})", parts.join(", "))
    }
}

impl ModelMap {
    /// A place for a new object, found by its key where it has one.
    pub fn push(&mut self, state: EntryState, key: Option<Key>, born: u32) -> usize {
        let slot = self.append(state, key, born);
        self.by_key.insert(&self.entries, slot);
        slot
    }

    /// The place of a key whose row was read, and whether it was there before.
    pub fn find_or_push(&mut self, key: Key, born: u32) -> (usize, bool) {
        match self.by_key.find_or_append(&self.entries, &key) {
            Some(slot) => (slot, true),
            None => (self.append(EntryState::Known(State::Persistent), Some(key), born), false),
        }
    }

    fn append(&mut self, state: EntryState, key: Option<Key>, born: u32) -> usize {
        self.entries.push(Entry {
            state,
            key,
            read_in: 0,
            born,
            generated: 0,
            recorded_in: 0,
            recorded_at: 0,
            cohort: (u32::MAX, 0),
            unsettled: false,
            unasked: false,
        });
        self.entries.len() - 1
    }

    /// Makes room for so many more objects.
    pub fn reserve<M: Model>(&mut self, more: usize) {
        self.entries.reserve(more);
        self.by_key.reserve(more);
        if let Some(arena) = self.typed_arena::<M>() {
            arena.reserve(more);
        }
    }

    /// Makes room for so many more keys of objects that are there.
    pub fn reserve_keys(&mut self, more: usize) {
        self.by_key.reserve(more);
    }

    /// A place found by its key.
    pub fn slot(&self, key: &Key) -> Option<usize> {
        self.by_key.find(&self.entries, key)
    }

    /// The values, made at the first use of the typed model.
    pub fn typed_arena<M: Model>(&mut self) -> Option<&mut TypedArena<M>> {
        let arena = self.arena.get_or_insert_with(|| Box::<TypedArena<M>>::default());
        let arena: &mut dyn Any = &mut **arena;
        arena.downcast_mut()
    }
}
