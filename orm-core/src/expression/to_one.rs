//! A many-to-one relationship in statements: `Article.author`.
//!
//! It is the foreign key's column (or columns) and the way to the other model.

use super::relation::{self, IncludePath, JoinTo, Joined, Path};
use super::{Column, Condition, Predicate, all_of, expr};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Entity, FieldType, Handle, KeyType, Model, RawHandle, Ref};
use crate::statement::{ColumnRef, ComparisonOperator, Node, OrderBy, Ordering, Source};
use crate::types::{DbType, Key};
use std::fmt;
use std::marker::PhantomData;

/// The relationship from `M` to one `T` by a foreign key in `M`; `T` is `Option<…>` where the key may
/// be NULL.
pub struct ToOne<M, T> {
    source: Source,
    field: u16,
    models: PhantomData<fn() -> (M, T)>,
}

/// What a [`ToOne`] points to: a model, or `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "write `#[derive(Model)]` on the struct `{Self}`"
)]
pub trait ToOneTarget {
    /// The model.
    type Model: Model;
    /// The field's type.
    type Reference: FieldType;
    /// What `session.load` gives.
    type Loaded;

    /// What was found, as `session.load` gives it.
    #[doc(hidden)]
    fn loaded(found: Option<RawHandle>) -> Result<Self::Loaded>;
}

#[diagnostic::do_not_recommend]
impl<T: Model> ToOneTarget for T {
    type Model = T;
    type Reference = Ref<T>;
    type Loaded = Handle<T>;

    fn loaded(found: Option<RawHandle>) -> Result<Handle<T>> {
        found.map(RawHandle::typed).ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("the `{}` pointed to has no row", T::meta().name),
            )
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model> ToOneTarget for Option<T> {
    type Model = T;
    type Reference = Option<Ref<T>>;
    type Loaded = Option<Handle<T>>;

    fn loaded(found: Option<RawHandle>) -> Result<Option<Handle<T>>> {
        Ok(found.map(RawHandle::typed))
    }
}

impl<M, T> ToOne<M, T> {
    /// The relationship of the field at `field`.
    #[doc(hidden)]
    pub const fn __new(source: Source, field: u16) -> ToOne<M, T> {
        ToOne { source, field, models: PhantomData }
    }

    /// What it comes from.
    #[doc(hidden)]
    pub const fn __source(self) -> Source {
        self.source
    }

    /// What it comes from.
    #[doc(hidden)]
    pub fn source(&self) -> Source {
        self.source
    }

    /// The position of its field.
    #[doc(hidden)]
    pub fn field(&self) -> usize {
        usize::from(self.field)
    }

    /// The columns of the foreign key.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let width = self.source.table().columns_of(self.field()).count();
        (0..width).map(|part| self.node(part)).collect()
    }

    /// The first column of the foreign key.
    pub(crate) fn first_node(&self) -> Node {
        self.node(0)
    }

    fn node(&self, part: usize) -> Node {
        let part = u16::try_from(part).unwrap_or(u16::MAX);
        Node::Column(ColumnRef { source: self.source, field: self.field, part })
    }

    /// `foreign key = key of other`: of a handle, a key, a `Ref`, a column.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let log = engine.record();
    /// # let ezz = session.query(Author).filter(Author.name.eq("Ezz")).one()?;
    /// # log.take();
    /// let by_ezz = select(Article).filter(Article.author.eq(ezz)).all(&mut session)?;
    /// // … WHERE "articles"."author_id" = ?
    /// # assert!(log.take()[0].ends_with(r#"WHERE "articles"."author_id" = ?1"#));
    /// # assert_eq!(by_ezz.len(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn eq(self, other: impl KeyOf<T::Model>) -> Predicate
    where
        T: ToOneTarget,
    {
        let others = other.key_nodes();
        all_of(
            self.nodes()
                .into_iter()
                .zip(others)
                .map(|(own, other)| expr::compare(own, ComparisonOperator::Equal, other)),
        )
    }

    /// `foreign key <> key of other`.
    pub fn ne(self, other: impl KeyOf<T::Model>) -> Predicate
    where
        T: ToOneTarget,
    {
        super::not(self.eq(other))
    }

    /// Points to nothing: `foreign key IS NULL`.
    pub fn is_null(self) -> Predicate {
        expr::is_null(self.first_node(), false)
    }

    /// Points to a row: `foreign key IS NOT NULL`.
    pub fn is_not_null(self) -> Predicate {
        expr::is_null(self.first_node(), true)
    }

    /// Points to one of several: by handles, keys or `Ref`s.
    pub fn in_<K: KeyOf<T::Model>>(self, others: impl IntoIterator<Item = K>) -> Predicate
    where
        T: ToOneTarget,
    {
        super::any_of(others.into_iter().map(|other| self.eq(other)))
    }

    /// The row pointed to meets a condition.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let log = engine.record();
    /// let by_ezz =
    ///     select(Article).filter(Article.author.has(|author| author.name.eq("Ezz"))).all(&mut session)?;
    /// // … WHERE EXISTS (SELECT … FROM "authors" AS "authors_1" WHERE …)
    /// # assert!(log.take().iter().any(|sql| sql.contains("EXISTS (SELECT ")));
    /// # assert_eq!(by_ezz.len(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn has<C: Condition>(
        self,
        condition: impl FnOnce(<T::Model as Model>::Entity) -> C,
    ) -> Predicate
    where
        T: ToOneTarget,
    {
        relation::exists(self.source, self.field(), T::Model::entity(), condition)
    }

    /// The same relationship to an alias of the other model, for `join`.
    pub fn to(self, other: <T::Model as Model>::Entity) -> JoinTo
    where
        T: ToOneTarget,
    {
        JoinTo::new(self.source, self.field(), other.__source())
    }

    /// What is loaded further, in `include`.
    pub fn then(self, path: impl IncludePath<T::Model>) -> Path<M>
    where
        T: ToOneTarget,
    {
        Path::new(self.source.model, self.field(), path.nodes())
    }

    /// The same, read in the rows of its owner by a LEFT JOIN, in `include`.
    pub fn joined(self) -> Joined<M, T::Model>
    where
        T: ToOneTarget,
    {
        Joined::new(self.source.model, self.field())
    }

    /// Rising order of the key.
    pub fn asc(self) -> Ordering {
        self.ordering(false)
    }

    /// Falling order of the key.
    pub fn desc(self) -> Ordering {
        self.ordering(true)
    }

    fn ordering(self, descending: bool) -> Ordering {
        let term = |node| OrderBy { node, descending, nulls_first: None };
        Ordering(self.nodes().into_iter().map(term).collect())
    }
}

impl<M, T> Clone for ToOne<M, T> {
    fn clone(&self) -> ToOne<M, T> {
        *self
    }
}

impl<M, T> Copy for ToOne<M, T> {}

impl<M, T> fmt::Debug for ToOne<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.source.model.name, self.source.model.fields[self.field()].name)
    }
}

impl<M, T> From<ToOne<M, T>> for Ordering {
    fn from(relationship: ToOne<M, T>) -> Ordering {
        relationship.asc()
    }
}

/// Something that is a key of model `M`: a handle, a key, a `Ref`, a column of the key's type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a key nor a handle of `{M}`",
    label = "expected a `Handle<{M}>`, a key or a `Ref<{M}>`"
)]
pub trait KeyOf<M> {
    /// One expression per column of the key.
    #[doc(hidden)]
    fn key_nodes(self) -> Vec<Node>;
}

#[diagnostic::do_not_recommend]
impl<M: Model> KeyOf<M> for Handle<M> {
    fn key_nodes(self) -> Vec<Node> {
        let (handle, source) = (RawHandle::from(self), Source::of(M::meta()));
        (0..M::Key::WIDTH).map(|part| Node::ObjectKey { handle, source, part }).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> KeyOf<M> for &Ref<M> {
    fn key_nodes(self) -> Vec<Node> {
        match (self.erased().key(), self.erased().handle()) {
            (Some(key), _) => value_nodes::<M>(key),
            (None, Some(handle)) => handle.typed::<M>().key_nodes(),
            (None, None) => {
                let told = "compared with an object that is in no session; `add` it first";
                vec![Node::Invalid(told); M::Key::WIDTH]
            }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> KeyOf<M> for Ref<M> {
    fn key_nodes(self) -> Vec<Node> {
        (&self).key_nodes()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, K: DbType> KeyOf<M> for K
where
    M: Model<Key = K>,
{
    fn key_nodes(self) -> Vec<Node> {
        value_nodes::<M>(&self.to_key())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model<Key = String>> KeyOf<M> for &str {
    fn key_nodes(self) -> Vec<Node> {
        value_nodes::<M>(&Key::Text(self.into()))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model<Key = (A, B)>, A: KeyType, B: KeyType> KeyOf<M> for (A, B) {
    fn key_nodes(self) -> Vec<Node> {
        value_nodes::<M>(&self.to_key())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model<Key = K>, K, O> KeyOf<M> for Column<O, K> {
    fn key_nodes(self) -> Vec<Node> {
        vec![self.node()]
    }
}

#[diagnostic::do_not_recommend]
impl<From, M> KeyOf<M> for ToOne<From, Option<M>> {
    fn key_nodes(self) -> Vec<Node> {
        self.nodes()
    }
}

#[diagnostic::do_not_recommend]
impl<From, M> KeyOf<M> for ToOne<From, M> {
    fn key_nodes(self) -> Vec<Node> {
        self.nodes()
    }
}

fn value_nodes<M: Model>(key: &Key) -> Vec<Node> {
    let table = M::meta().table();
    let columns = table.primary_key.iter().map(|&index| table.column(index).ty);
    columns.enumerate().map(|(part, ty)| Node::Value { ty, value: key.value(part, ty) }).collect()
}
