//! What objects and collections are mistaken for, and what is told: the bounds here hold for nothing
//! but what they are meant for, and their messages say what to write.
//!
//! `Session` and `Many` ask for them.

use super::{Handle, Many, Model};

/// A new object, as `session.add` takes it: every [`Model`], by value, and the struct of a variant of
/// one that is an enum.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be added to a session",
    label = "expected a new object by value, such as `Article::new(…)`",
    note = "an object that has a handle is in its session already; of a reference give a `.clone()`, or the object itself; a struct of your own needs `#[derive(Model)]`"
)]
pub trait NewObject {
    /// The model.
    type Model: Model;

    /// The value of the model.
    #[doc(hidden)]
    fn into_model(self) -> Self::Model;
}

#[diagnostic::do_not_recommend]
impl<M: Model> NewObject for M {
    type Model = M;

    fn into_model(self) -> M {
        self
    }
}

/// What `session.set` lets a relationship lead to: a [`Handle`], an `Option` of one, or `None`.
#[diagnostic::on_unimplemented(
    message = "the relationship can't lead to `{Self}`: it leads to a `{M}`",
    label = "expected a `Handle<{M}>`, an `Option` of it, or `None`"
)]
pub trait MaybeHandle<M> {
    /// The handle.
    #[doc(hidden)]
    fn maybe(self) -> Option<Handle<M>>;
}

#[diagnostic::do_not_recommend]
impl<M> MaybeHandle<M> for Handle<M> {
    fn maybe(self) -> Option<Handle<M>> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M> MaybeHandle<M> for Option<Handle<M>> {
    fn maybe(self) -> Option<Handle<M>> {
        self
    }
}

/// What has a length: nothing that may not be loaded.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` may not be loaded: it has no length and no iterator of its own",
    label = "ask for the objects first",
    note = "the method of the handle loads them, `let articles = author.articles(&mut session)?;`, and gives a `Vec` of handles; what is loaded is `session[author].articles.get()?`"
)]
pub trait AlwaysLoaded {}

/// Never to be called: told by the compiler, with what to write.
#[doc(hidden)]
#[allow(clippy::iter_without_into_iter)]
impl<T> Many<T> {
    pub fn len(&self) -> usize
    where
        Self: AlwaysLoaded,
    {
        self.get().map_or(0, <[_]>::len)
    }

    pub fn is_empty(&self) -> bool
    where
        Self: AlwaysLoaded,
    {
        self.len() == 0
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Handle<T>>
    where
        Self: AlwaysLoaded,
    {
        self.get().unwrap_or_default().iter()
    }
}
