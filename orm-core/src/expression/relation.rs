//! What relationships have in common: how their rows are connected, joins, `include` paths,
//! conditions over the other side.

use super::{Condition, ToOne, ToOneTarget, expr};
use crate::error::Result;
use crate::model::{Entity, Handle, Model, RawHandle};
use crate::schema::{ModelMeta, Relationship, RelationshipKind};
use crate::statement::{
    ColumnRef, ComparisonOperator, IncludeNode, NewArena, Node, SelectStatement, Selected, Source,
    intern,
};
use crate::types::{ColumnType, Value};
use std::cell::Cell;
use std::marker::PhantomData;

/// A relationship of a model, as a value: `Author.articles`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship",
    label = "expected a relationship such as `Author.articles`"
)]
pub trait Relation: Copy {
    /// The model it starts at.
    type From: Model;
    /// The model it leads to.
    type To: Model;
    /// What `session.load` gives: handles, one handle, or `Option` of one.
    type Loaded;

    /// What it starts at in a statement.
    #[doc(hidden)]
    fn start(&self) -> Source;

    /// The position of its field.
    #[doc(hidden)]
    fn position(&self) -> usize;

    /// What was found, as `session.load` gives it.
    #[doc(hidden)]
    fn loaded(found: Vec<RawHandle>) -> Result<Self::Loaded>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ToOneTarget> Relation for ToOne<M, T> {
    type From = M;
    type To = T::Model;
    type Loaded = T::Loaded;

    fn start(&self) -> Source {
        self.source()
    }

    fn position(&self) -> usize {
        self.field()
    }

    fn loaded(found: Vec<RawHandle>) -> Result<T::Loaded> {
        T::loaded(found.first().copied())
    }
}

/// How the rows of a relationship are connected: the conditions between its start and its end, and
/// the link table between them with the conditions from the start to it.
pub struct Connection {
    /// The link table of a many-to-many, and how it is connected to the start.
    pub link: Option<(Source, Node)>,
    /// How the end is connected to the start, or to the link table.
    pub on: Node,
}

/// How `relationship`, which starts at `from`, leads to `to`.
pub fn connection(relationship: &Relationship, from: Source, to: Source) -> Connection {
    let mut connection = connected(relationship, from, to);
    if let (Some(condition), Node::And(all)) = (own_condition(relationship, to), &mut connection.on)
    {
        all.push(condition);
    }
    connection
}

/// The condition that a relationship has on what it leads to.
pub fn own_condition(relationship: &Relationship, to: Source) -> Option<Node> {
    let made = apart(|| (relationship.filter?.0)(to).downcast::<Node>().ok());
    made.map(|node| *node)
}

fn connected(relationship: &Relationship, from: Source, to: Source) -> Connection {
    match relationship.kind {
        RelationshipKind::ManyToOne => {
            let on = equal(columns_of(from, relationship.field), Node::key_of(to));
            Connection { link: None, on }
        }
        RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference } => {
            let on = equal(columns_of(to, reference), Node::key_of(from));
            Connection { link: None, on }
        }
        RelationshipKind::ManyToMany { link, own, other } => {
            let alias = match (from.alias, to.alias) {
                (None, None) => None,
                _ => Some(intern(&format!("{}_{}", link.table().name, to.name()))),
            };
            let link = Source::named(link, alias);
            let start = equal(columns_of(link, own), Node::key_of(from));
            let on = equal(Node::key_of(to), columns_of(link, other));
            Connection { link: Some((link, start)), on }
        }
    }
}

/// The columns of a field.
pub(crate) fn columns_of(source: Source, field: usize) -> Vec<Node> {
    let parts = source.table().columns_of(field).count();
    let field = u16::try_from(field).unwrap_or(u16::MAX);
    (0..parts)
        .map(|part| {
            let part = u16::try_from(part).unwrap_or(u16::MAX);
            Node::Column(ColumnRef { source, field, part })
        })
        .collect()
}

fn equal(left: Vec<Node>, right: Vec<Node>) -> Node {
    let pairs = left.into_iter().zip(right);
    let equal = |(left, right)| expr::compare(left, ComparisonOperator::Equal, right).node;
    Node::And(pairs.map(equal).collect())
}

thread_local! {
    /// How many conditions over other sides are around what is built now: what their aliases are
    /// numbered by.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Builds conditions whose aliases are those of no condition that a program writes: they are put into
/// statements that have such ones.
pub(crate) fn apart<T>(build: impl FnOnce() -> T) -> T {
    const AWAY: usize = 1000;
    let around = DEPTH.get();
    DEPTH.set(around + AWAY);
    let built = build();
    DEPTH.set(around);
    built
}

/// `EXISTS` over the other side of a relationship, under an alias of its own.
pub(crate) fn exists<E: Entity, C: Condition>(
    start: Source,
    field: usize,
    entity: E,
    condition: impl FnOnce(E) -> C,
) -> super::Predicate {
    let depth = DEPTH.get() + 1;
    DEPTH.set(depth);
    let other = entity.alias(&format!("{}_{depth}", entity.table().name));
    let condition = condition(other).into_predicate().node;
    let to = other.__source();
    let relationship = start.table().relationship_of(field);
    let connected = relationship.map(|relationship| connection(relationship, start, to));
    DEPTH.set(depth - 1);
    let Some(Connection { link, on }) = connected else {
        return super::Predicate::of(Node::Invalid(
            "a relationship that was not resolved; register the models to be told why",
        ));
    };
    let one = Node::Value { ty: ColumnType::Integer, value: Value::Int(1) };
    let mut select = SelectStatement {
        selected: vec![Selected::Node { node: one, ty: ColumnType::Integer, optional: false }],
        from: vec![to],
        ..SelectStatement::default()
    };
    if let Some((link, start)) = link {
        select.from.push(link);
        select.filter.push(start);
    }
    select.filter.push(on);
    if condition != Node::And(Vec::new()) {
        select.filter.push(condition);
    }
    super::Predicate::of(Node::Exists(Box::new(select)))
}

/// A relationship and the alias it leads to, for `join`.
#[derive(Clone, Copy, Debug)]
pub struct JoinTo {
    start: Source,
    field: usize,
    to: Source,
}

impl JoinTo {
    pub(crate) fn new(start: Source, field: usize, to: Source) -> JoinTo {
        JoinTo { start, field, to }
    }
}

/// What `join` takes: a relationship, or `relationship.to(alias)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be joined by",
    label = "expected a relationship such as `Article.author`, or `.to(alias)` of one"
)]
pub trait JoinPath {
    /// The tables joined, in order, each with its condition.
    #[doc(hidden)]
    fn steps(&self) -> Vec<(Source, Node)>;
}

#[diagnostic::do_not_recommend]
impl<R: Relation> JoinPath for R {
    fn steps(&self) -> Vec<(Source, Node)> {
        JoinTo::new(self.start(), self.position(), R::To::entity().__source()).steps()
    }
}

#[diagnostic::do_not_recommend]
impl JoinPath for JoinTo {
    fn steps(&self) -> Vec<(Source, Node)> {
        let Some(relationship) = self.start.table().relationship_of(self.field) else {
            return vec![(self.to, Node::Invalid("a relationship that was not resolved"))];
        };
        let Connection { link, on } = connection(relationship, self.start, self.to);
        link.into_iter().chain([(self.to, on)]).collect()
    }
}

/// A relationship and what is loaded behind it: `Author.articles.then(Article.tags)`.
#[derive(Clone, Debug)]
pub struct Path<M> {
    node: IncludeNode,
    model: PhantomData<fn() -> M>,
}

impl<M> Path<M> {
    pub(crate) fn new(
        model: &'static ModelMeta,
        field: usize,
        children: Vec<IncludeNode>,
    ) -> Path<M> {
        let node = IncludeNode { model, field, joined: None, children };
        Path { node, model: PhantomData }
    }
}

/// A relationship that `include` reads in the rows of its owner: `Author.articles.joined()`.
#[derive(Clone, Debug)]
pub struct Joined<M, T> {
    node: IncludeNode,
    models: PhantomData<fn() -> (M, T)>,
}

impl<M, T: Model> Joined<M, T> {
    pub(crate) fn new(model: &'static ModelMeta, field: usize) -> Joined<M, T> {
        let joined = Some(NewArena::of::<T>());
        let node = IncludeNode { model, field, joined, children: Vec::new() };
        Joined { node, models: PhantomData }
    }

    /// What is loaded further; `joined()` too, or by statements of its own.
    pub fn then(self, path: impl IncludePath<T>) -> Path<M> {
        let node = IncludeNode { children: path.nodes(), ..self.node };
        Path { node, model: PhantomData }
    }
}

/// What `include` takes: a relationship that starts at `M`, a path of them, or a tuple of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship of `{M}`",
    label = "expected a relationship that starts at `{M}`",
    note = "`include` takes whole collections; a part of one is selected beside its owner: `select((Author, Author.articles.filter(..)))`"
)]
pub trait IncludePath<M> {
    /// The steps.
    #[doc(hidden)]
    fn nodes(self) -> Vec<IncludeNode>;
}

#[diagnostic::do_not_recommend]
impl<M, R: Relation<From = M>> IncludePath<M> for R {
    fn nodes(self) -> Vec<IncludeNode> {
        let model = self.start().model;
        vec![IncludeNode { model, field: self.position(), joined: None, children: Vec::new() }]
    }
}

#[diagnostic::do_not_recommend]
impl<M> IncludePath<M> for Path<M> {
    fn nodes(self) -> Vec<IncludeNode> {
        vec![self.node]
    }
}

#[diagnostic::do_not_recommend]
impl<M, T> IncludePath<M> for Joined<M, T> {
    fn nodes(self) -> Vec<IncludeNode> {
        vec![self.node]
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<Model, $($name: IncludePath<Model>),+> IncludePath<Model> for ($($name,)+) {
            fn nodes(self) -> Vec<IncludeNode> {
                let mut nodes = Vec::new();
                $(nodes.extend(self.$index.nodes());)+
                nodes
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}

/// The handles of what a collection holds.
pub(crate) fn typed<T>(found: Vec<RawHandle>) -> Vec<Handle<T>> {
    found.into_iter().map(RawHandle::typed).collect()
}
