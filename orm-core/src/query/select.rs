//! SELECT as a value: built once, run anywhere, as often as wanted.
//!
//! `select(..)` makes an unbound statement: finish it with `.all(&mut session)`. `session.query(..)`
//! makes the same one bound to the session: finish it with `.all()`.

use super::{EntityRows, Execute, Pages, Selection, Statement, Stream};
use crate::error::{Error, ErrorKind, Result};
use crate::expression::{Column, Condition, Expr, IncludePath, JoinPath, ToOne};
use crate::model::{Entity, Model};
use crate::statement::{Join, JoinKind, Node, OrderBy, Ordering, SelectStatement, Selected};
use std::marker::PhantomData;

/// A SELECT that is not bound to a session or connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbound;

/// A SELECT of `S`; `X` is where it runs, or [`Unbound`].
#[must_use = "a statement does nothing until it is run, by `.all(..)` and its like"]
pub struct Select<S, X = Unbound> {
    pub(super) statement: SelectStatement,
    pub(super) home: X,
    selection: PhantomData<fn() -> S>,
}

/// A statement that selects an entity, a column, an expression or a tuple of them.
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, mut session) = blog()?;
/// let by_slug = select(Article).filter(Article.slug.eq("rust"));
/// let handles: Vec<Handle<Article>> = by_slug.all(&mut session)?;
/// # drop(session);
/// # let mut connection = engine.connect()?;
/// let values: Vec<Article> = by_slug.all(&mut connection)?;
/// # assert_eq!((handles.len(), values[0].title.as_str()), (1, "Rust"));
/// # Ok::<(), Error>(())
/// ```
pub fn select<S: Selection>(selection: S) -> Select<S> {
    Select::bound(&selection, Unbound)
}

impl<S, X: Clone> Clone for Select<S, X> {
    fn clone(&self) -> Select<S, X> {
        Select {
            statement: self.statement.clone(),
            home: self.home.clone(),
            selection: PhantomData,
        }
    }
}

impl<S, X> Select<S, X> {
    /// The statement, untyped.
    #[doc(hidden)]
    pub fn statement(&self) -> &SelectStatement {
        &self.statement
    }
}

impl<S: Selection, X> Select<S, X> {
    /// A statement bound to where it runs.
    #[doc(hidden)]
    pub fn bound(selection: &S, home: X) -> Select<S, X> {
        let mut statement = SelectStatement::default();
        selection.add_to(&mut statement);
        Select { statement, home, selection: PhantomData }
    }

    /// Keeps the rows for which the condition is true; several calls must all be true.
    pub fn filter(mut self, condition: impl Condition) -> Self {
        self.statement.filter.push(condition.into_predicate().node);
        self
    }

    /// Joins what a relationship leads to; rows without it are left out.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let pairs = select((Article, Author)).join(Article.author).all(&mut session)?;
    ///
    /// let boss = Employee.alias("boss");
    /// let names = select((Employee.name, boss.name)).join(Employee.manager.to(boss)).all(&mut session)?;
    /// # assert_eq!((pairs.len(), names.len()), (3, 0));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn join(self, path: impl JoinPath) -> Self {
        self.joined(JoinKind::Inner, path)
    }

    /// Joins what a relationship leads to; rows without it are kept. What is selected of it is
    /// `optional()`: `select((Article, Author.optional())).left_join(Article.author)`.
    pub fn left_join(self, path: impl JoinPath) -> Self {
        self.joined(JoinKind::Left, path)
    }

    /// Each row of a model beside each row of the others. Without it, models that neither a join nor
    /// a condition connects are an error when the statement is built.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let statement = select((Author.name, Tag.name));
    /// assert!(statement.clone().all(&mut session).is_err());
    /// let each_with_each = statement.cross_join(Tag).all(&mut session)?;
    /// # assert_eq!(each_with_each.len(), 6);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn cross_join(mut self, entity: impl Entity) -> Self {
        let source = entity.__source();
        if !self.statement.from.contains(&source) {
            self.statement.from.push(source);
        }
        self.statement.crossed.push(source);
        self
    }

    fn joined(mut self, kind: JoinKind, path: impl JoinPath) -> Self {
        for (source, on) in path.steps() {
            let join = Join { kind, source, on };
            // the same way twice is once; another way to the same table is told when it is compiled
            if !self
                .statement
                .joins
                .iter()
                .any(|known| known.source == source && known.on == join.on)
            {
                self.statement.joins.push(join);
            }
        }
        self
    }

    /// Sorts the rows; several calls sort by the first, then by the next. Without it no order is
    /// promised.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// select(Article).order_by(Article.title).all(&mut session)?; // rising
    /// select(Article).order_by((Article.title.desc(), Article.id.asc())).all(&mut session)?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn order_by(mut self, terms: impl Orders) -> Self {
        terms.add_to(&mut self.statement.order_by);
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.statement.limit = Some(rows);
        self
    }

    /// Passes over so many rows first.
    pub fn offset(mut self, rows: u64) -> Self {
        self.statement.offset = Some(rows);
        self
    }

    /// Equal rows are given once.
    pub fn distinct(mut self) -> Self {
        self.statement.distinct = true;
        self
    }

    /// One row per group of equal values; what else is selected must be an aggregate.
    pub fn group_by(mut self, terms: impl Groups) -> Self {
        terms.add_to(&mut self.statement.group_by);
        self
    }

    /// Keeps the groups for which the condition is true.
    pub fn having(mut self, condition: impl Condition) -> Self {
        self.statement.having.push(condition.into_predicate().node);
        self
    }
}

impl<E: EntityRows, X> Select<E, X>
where
    E::Model: Model,
{
    /// Loads relationships with the rows, one statement per relationship and level whatever the
    /// number of rows.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let log = engine.record();
    /// let authors =
    ///     select(Author).include(Author.articles.then(Article.tags)).all(&mut session)?;
    /// // three SELECTs: authors, their articles, the tags of these
    /// # assert_eq!(log.take().iter().filter(|sql| sql.starts_with("SELECT")).count(), 3);
    /// # assert_eq!(authors.len(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn include(mut self, path: impl IncludePath<E::Model>) -> Self {
        path.nodes().into_iter().for_each(|node| node.add_to(&mut self.statement.include));
        self
    }
}

/// The first row's statement: LIMIT 1, by key where no order is said.
fn first_of(statement: &SelectStatement) -> SelectStatement {
    let mut first = statement.clone();
    let rows_are_of_a_table = first.group_by.is_empty()
        && !first.distinct
        && !first.selected.iter().any(|selected| match selected {
            Selected::Node { node, .. } => node.has_aggregate(),
            Selected::Entity { .. } => false,
        });
    if first.order_by.is_empty()
        && rows_are_of_a_table
        && let Some(source) = first.from.first()
    {
        first.order_by.extend(Node::key_of(*source).into_iter().map(|node| OrderBy {
            node,
            descending: false,
            nulls_first: None,
        }));
    }
    first.limit = Some(first.limit.map_or(1, |limit| limit.min(1)));
    first
}

fn first<S: Selection, E: Execute>(
    statement: &SelectStatement,
    home: &mut E,
) -> Result<Option<E::Row<S>>> {
    Ok(home.rows::<S>(Statement::Rows(&first_of(statement)))?.into_iter().next())
}

fn one_or_none<S: Selection, E: Execute>(
    statement: &SelectStatement,
    home: &mut E,
) -> Result<Option<E::Row<S>>> {
    let mut two = statement.clone();
    two.limit = Some(two.limit.map_or(2, |limit| limit.min(2)));
    let mut rows = home.rows::<S>(Statement::Rows(&two))?.into_iter();
    let row = rows.next();
    if rows.next().is_some() {
        return Err(Error::new(
            ErrorKind::SeveralFound,
            format!(
                "several rows of {} found where one was asked for; filter further, or take the `first`",
                names(statement)
            ),
        ));
    }
    Ok(row)
}

fn one<S: Selection, E: Execute>(statement: &SelectStatement, home: &mut E) -> Result<E::Row<S>> {
    one_or_none::<S, E>(statement, home)?.ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!(
                "no row of {} found where one was asked for; `one_or_none` gives an `Option`",
                names(statement)
            ),
        )
    })
}

fn names(statement: &SelectStatement) -> String {
    let names: Vec<_> =
        statement.from.iter().map(|source| format!("`{}`", source.model.name)).collect();
    names.join(", ")
}

impl<S: Selection> Select<S, Unbound> {
    /// All rows, in the order said.
    pub fn all<E: Execute>(&self, home: &mut E) -> Result<Vec<E::Row<S>>> {
        home.rows::<S>(Statement::Rows(&self.statement))
    }

    /// The first row; by key where no order is said. Sends LIMIT 1.
    pub fn first<E: Execute>(&self, home: &mut E) -> Result<Option<E::Row<S>>> {
        first::<S, E>(&self.statement, home)
    }

    /// The only row.
    ///
    /// # Errors
    /// `NotFound` when there is none, `SeveralFound` when there are more.
    pub fn one<E: Execute>(&self, home: &mut E) -> Result<E::Row<S>> {
        one::<S, E>(&self.statement, home)
    }

    /// The only row, or none.
    ///
    /// # Errors
    /// `SeveralFound` when there are more.
    pub fn one_or_none<E: Execute>(&self, home: &mut E) -> Result<Option<E::Row<S>>> {
        one_or_none::<S, E>(&self.statement, home)
    }

    /// How many rows the statement returns, LIMIT and grouping included.
    pub fn count<E: Execute>(&self, home: &mut E) -> Result<i64> {
        home.scalar::<Expr<i64>>(Statement::Count(&self.statement))
    }

    /// Whether the statement returns a row.
    pub fn exists<E: Execute>(&self, home: &mut E) -> Result<bool> {
        home.scalar::<Expr<bool>>(Statement::Exists(&self.statement))
    }

    /// The rows one by one, read in batches in constant memory; plain values, with what is included.
    pub fn stream<E: Execute>(&self, home: &mut E) -> Result<Stream<S>> {
        let cursor = home.open_cursor(&self.statement)?;
        Ok(Stream::new(cursor, self.statement.clone()))
    }

    /// The rows in pages of so many, with what is included; handles, in a session.
    pub fn pages<E: Execute>(&self, home: &mut E, rows: u32) -> Result<Pages<S>> {
        let cursor = home.open_cursor(&self.statement)?;
        Ok(Pages::new(cursor, rows, self.statement.clone()))
    }
}

impl<S: Selection, E: Execute> Select<S, &mut E> {
    /// All rows, in the order said.
    pub fn all(&mut self) -> Result<Vec<E::Row<S>>> {
        self.home.rows::<S>(Statement::Rows(&self.statement))
    }

    /// The first row; by key where no order is said. Sends LIMIT 1.
    pub fn first(&mut self) -> Result<Option<E::Row<S>>> {
        first::<S, E>(&self.statement, self.home)
    }

    /// The only row.
    ///
    /// # Errors
    /// `NotFound` when there is none, `SeveralFound` when there are more.
    pub fn one(&mut self) -> Result<E::Row<S>> {
        one::<S, E>(&self.statement, self.home)
    }

    /// The only row, or none.
    ///
    /// # Errors
    /// `SeveralFound` when there are more.
    pub fn one_or_none(&mut self) -> Result<Option<E::Row<S>>> {
        one_or_none::<S, E>(&self.statement, self.home)
    }

    /// How many rows the statement returns, LIMIT and grouping included.
    pub fn count(&mut self) -> Result<i64> {
        self.home.scalar::<Expr<i64>>(Statement::Count(&self.statement))
    }

    /// Whether the statement returns a row.
    pub fn exists(&mut self) -> Result<bool> {
        self.home.scalar::<Expr<bool>>(Statement::Exists(&self.statement))
    }
}

/// What `order_by` takes: a column, an expression, `.asc()` or `.desc()` of one, a list or a tuple
/// of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sorted by",
    label = "expected a column, `.asc()` or `.desc()` of one, or a tuple of these"
)]
pub trait Orders {
    /// Adds the terms.
    #[doc(hidden)]
    fn add_to(self, terms: &mut Vec<OrderBy>);
}

#[diagnostic::do_not_recommend]
impl<O: Into<Ordering>> Orders for O {
    fn add_to(self, terms: &mut Vec<OrderBy>) {
        terms.extend(self.into().0);
    }
}

#[diagnostic::do_not_recommend]
impl Orders for Vec<Ordering> {
    fn add_to(self, terms: &mut Vec<OrderBy>) {
        terms.extend(self.into_iter().flat_map(|ordering| ordering.0));
    }
}

/// What `group_by` takes: a column, a relationship, an expression, or a tuple of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be grouped by",
    label = "expected a column, an expression, or a tuple of these"
)]
pub trait Groups {
    /// Adds the terms.
    #[doc(hidden)]
    fn add_to(self, terms: &mut Vec<Node>);
}

#[diagnostic::do_not_recommend]
impl<M, T> Groups for Column<M, T> {
    fn add_to(self, terms: &mut Vec<Node>) {
        terms.push(self.node());
    }
}

#[diagnostic::do_not_recommend]
impl<T> Groups for Expr<T> {
    fn add_to(self, terms: &mut Vec<Node>) {
        terms.push(self.node);
    }
}

#[diagnostic::do_not_recommend]
impl<M, T> Groups for ToOne<M, T> {
    fn add_to(self, terms: &mut Vec<Node>) {
        terms.extend(self.nodes());
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: Orders),+> Orders for ($($name,)+) {
            fn add_to(self, terms: &mut Vec<OrderBy>) {
                $(self.$index.add_to(terms);)+
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name: Groups),+> Groups for ($($name,)+) {
            fn add_to(self, terms: &mut Vec<Node>) {
                $(self.$index.add_to(terms);)+
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
