//! How an object in a session is known: small, `Copy`, and never mistaken for another object.

use super::Model;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::Deref;

/// A handle with its model erased: the session, a place in it, and how often the place was reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RawHandle {
    session: NonZeroU32,
    slot: u32,
    generation: u32,
}

impl RawHandle {
    /// A handle of `session`, at `slot`, used the `generation`th time.
    pub fn new(session: NonZeroU32, slot: u32, generation: u32) -> RawHandle {
        RawHandle { session, slot, generation }
    }

    /// The session's number.
    pub fn session(self) -> NonZeroU32 {
        self.session
    }

    /// The place among the session's objects of the model.
    pub fn slot(self) -> u32 {
        self.slot
    }

    /// How often the place was used before.
    pub fn generation(self) -> u32 {
        self.generation
    }

    /// The handle as one of a model; the caller knows that it is.
    pub fn typed<M>(self) -> Handle<M> {
        Handle { raw: self, model: PhantomData }
    }
}

/// A handle of an object of the model `M`: [`Handle<M>`], asked for by this name where the message of
/// a mistake would not tell the model otherwise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handle of a `{M}`",
    label = "expected a `Handle<{M}>`: the relationship starts at `{M}`"
)]
pub trait HandleOf<M, Other = ()> {
    /// `Other`. Known of a right handle alone: where two handles are exchanged, the second one is not
    /// told as well.
    #[doc(hidden)]
    type Other;

    /// The handle.
    #[doc(hidden)]
    fn handle(self) -> Handle<M>;
}

#[diagnostic::do_not_recommend]
impl<M, Other> HandleOf<M, Other> for Handle<M> {
    type Other = Other;

    fn handle(self) -> Handle<M> {
        self
    }
}

/// Never asked for. With one implementation alone the compiler would take the model from the handle
/// and blame the relationship, in words of its own.
#[diagnostic::do_not_recommend]
impl<M, Other> HandleOf<(M,), Other> for Handle<M> {
    type Other = Other;

    fn handle(self) -> Handle<(M,)> {
        self.raw.typed()
    }
}

/// What the accessors of a model are called on; `ArticleRelations` is a kind of it.
///
/// The derive writes the accessors as methods of `dyn ArticleRelations` itself, so that they are
/// found wherever a handle is, without an import. Only [`RawHandle`] implements it.
pub trait Relations {
    /// The object.
    fn __raw(&self) -> RawHandle;
}

impl Relations for RawHandle {
    fn __raw(&self) -> RawHandle {
        *self
    }
}

impl fmt::Debug for RawHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.slot)
    }
}

/// An object in a session: `session[handle]` reads it, `&mut session[handle]` changes it.
///
/// `Copy`, and the same for the object's whole life in the session: over flush, commit, rollback
/// and change of its key. Two handles are equal when they are of the same object. It prints model
/// and place (`Article#3`); keys and states are told by the session.
///
/// A handle has no methods of its own, so that a model's accessors (`author.articles(&mut session)?`)
/// can't clash with them. One that is called like a method of a trait, such as `clone`, is reached by
/// `(*handle).clone(&mut session)?`.
pub struct Handle<M> {
    raw: RawHandle,
    model: PhantomData<fn() -> M>,
}

impl<M> From<Handle<M>> for RawHandle {
    fn from(handle: Handle<M>) -> RawHandle {
        handle.raw
    }
}

impl<M: Model> Deref for Handle<M> {
    type Target = M::Relations;

    fn deref(&self) -> &M::Relations {
        M::relations(&self.raw)
    }
}

impl<M> Clone for Handle<M> {
    fn clone(&self) -> Handle<M> {
        *self
    }
}

impl<M> Copy for Handle<M> {}

impl<M> PartialEq for Handle<M> {
    fn eq(&self, other: &Handle<M>) -> bool {
        self.raw == other.raw
    }
}

impl<M> Eq for Handle<M> {}

impl<M> Hash for Handle<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl<M> PartialOrd for Handle<M> {
    fn partial_cmp(&self, other: &Handle<M>) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<M> Ord for Handle<M> {
    fn cmp(&self, other: &Handle<M>) -> std::cmp::Ordering {
        self.raw.cmp(&other.raw)
    }
}

impl<M> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = std::any::type_name::<M>();
        write!(f, "{}{:?}", path.rsplit("::").next().unwrap_or(path), self.raw)
    }
}
