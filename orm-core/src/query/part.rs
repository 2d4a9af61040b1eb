//! A part of a collection as a value to select: `Author.articles.filter(..).order_by(..).limit(3)`.
//!
//! It is read beside its owner, by one statement for all rows, and is a result of its own: nothing
//! of it is put into the collection, and nothing that is done to it is written.

use super::select::Orders;
use super::selection::{Selection, Tracker, add_source};
use crate::error::{Error, ErrorKind, Result};
use crate::expression::{Condition, IncludePath, Relation, ToMany};
use crate::model::{Arena, Handle, Model, Object, RawHandle, TypedArena};
use crate::schema::Table;
use crate::statement::{IncludeNode, Node, OrderBy, PartNode, SelectStatement, Selected, Source};
use crate::types::{Key, Row, RowReader};
use std::any::Any;
use std::marker::PhantomData;

/// A part of the collection of `T` that an `M` has; selected beside the `M`.
///
/// ```
/// # use orm_doc_models::*;
/// # let (engine, mut session) = blog()?;
/// # let log = engine.record();
/// let most_read = Author.articles.order_by(Article.views.desc()).limit(3);
/// let rows: Vec<(Handle<Author>, Vec<Handle<Article>>)> =
///     select((Author, most_read)).all(&mut session)?;
/// // two SELECTs: the authors; three articles of each by `row_number() OVER (PARTITION BY …)`
/// # assert_eq!(rows.len(), 3);
/// # assert_eq!(log.take().iter().filter(|sql| sql.starts_with("SELECT")).count(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Part<M, T> {
    node: PartNode,
    models: PhantomData<fn() -> (M, T)>,
}

impl<M, T: Model> Part<M, T> {
    /// Keeps what the condition is true for; several calls must all be true.
    pub fn filter(mut self, condition: impl Condition) -> Part<M, T> {
        self.node.filter.push(condition.into_predicate().node);
        self
    }

    /// Sorts; among equals the order of the collection decides, then the key.
    pub fn order_by(mut self, terms: impl Orders) -> Part<M, T> {
        terms.add_to(&mut self.node.order_by);
        self
    }

    /// At most so many of each owner.
    pub fn limit(mut self, rows: u64) -> Part<M, T> {
        self.node.limit = Some(rows);
        self
    }

    /// Passes over so many of each owner first.
    pub fn offset(mut self, rows: u64) -> Part<M, T> {
        self.node.offset = Some(rows);
        self
    }

    /// Loads relationships of what is in it, by a statement each.
    pub fn include(mut self, path: impl IncludePath<T>) -> Part<M, T> {
        path.nodes().into_iter().for_each(|node| node.add_to(&mut self.node.include));
        self
    }
}

impl<M: Model, T: Model> ToMany<M, T> {
    fn part(self) -> Part<M, T> {
        let node = PartNode {
            start: self.start(),
            field: self.position(),
            key: 0,
            filter: Vec::new(),
            order_by: Vec::<OrderBy>::new(),
            limit: None,
            offset: None,
            include: Vec::<IncludeNode>::new(),
        };
        Part { node, models: PhantomData }
    }

    /// The part of it that a condition is true for, to be selected beside its owner.
    pub fn filter(self, condition: impl Condition) -> Part<M, T> {
        self.part().filter(condition)
    }

    /// All of it in another order, to be selected beside its owner.
    pub fn order_by(self, terms: impl Orders) -> Part<M, T> {
        self.part().order_by(terms)
    }

    /// The first so many of each owner, to be selected beside it.
    pub fn limit(self, rows: u64) -> Part<M, T> {
        self.part().limit(rows)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Model> Selection for Part<M, T> {
    type Plain = Vec<T>;
    type Tracked = Vec<Handle<T>>;

    fn add_to(&self, statement: &mut SelectStatement) {
        let start = self.node.start;
        add_source(statement, start);
        statement.parts.push(PartNode { key: statement.selected.len(), ..self.node.clone() });
        let table = start.table();
        for (node, &index) in Node::key_of(start).into_iter().zip(&table.primary_key) {
            let ty = table.column(index).ty;
            statement.selected.push(Selected::Node { node, ty, optional: true });
        }
    }

    fn plain(row: &mut RowReader<'_>) -> Result<Vec<T>> {
        row.skip(M::meta().table().primary_key.len());
        Ok(Vec::new())
    }

    fn tracked<Tr: Tracker>(row: &mut RowReader<'_>, _tracker: &mut Tr) -> Result<Vec<Handle<T>>> {
        row.skip(M::meta().table().primary_key.len());
        Ok(Vec::new())
    }

    fn arenas(arenas: &mut Vec<Box<dyn Arena>>) {
        arenas.push(Box::<TypedArena<T>>::default());
    }

    fn put_values(row: &mut Vec<T>, parts: &mut dyn FnMut() -> Vec<Box<dyn Object>>) {
        *row = parts()
            .into_iter()
            .filter_map(|value| {
                let value: Box<dyn Any> = value;
                value.downcast::<T>().ok().map(|value| *value)
            })
            .collect();
    }

    fn put_handles(row: &mut Vec<Handle<T>>, parts: &mut dyn FnMut() -> Vec<RawHandle>) {
        *row = parts().into_iter().map(RawHandle::typed).collect();
    }
}

/// Storage for what each part that a statement selects holds.
///
/// # Errors
/// `InvalidStatement` for a part that is selected as a field: what reads the field has no owner.
pub fn part_arenas<S: Selection>(statement: &SelectStatement) -> Result<Vec<Box<dyn Arena>>> {
    let mut arenas = Vec::new();
    S::arenas(&mut arenas);
    if arenas.len() == statement.parts.len() {
        return Ok(arenas);
    }
    Err(Error::new(
        ErrorKind::InvalidStatement,
        "a part of a collection can't be a field of a `#[derive(Row)]` struct; select it in a tuple",
    ))
}

/// The keys of the owners of each part that a statement selects, row by row.
pub struct PartOwners {
    places: Vec<(usize, Source)>,
    /// One list for each part, with a key for each row; `None` where an outer join has no owner.
    pub keys: Vec<Vec<Option<Key>>>,
}

impl PartOwners {
    /// For the rows of a statement.
    pub fn of(statement: &SelectStatement) -> PartOwners {
        let places: Vec<(usize, Source)> = statement
            .parts
            .iter()
            .map(|part| (statement.columns_before(part.key), part.start))
            .collect();
        let keys = vec![Vec::new(); places.len()];
        PartOwners { places, keys }
    }

    /// Takes the keys of one more row.
    pub fn read(&mut self, row: &dyn Row) -> Result<()> {
        for ((place, source), keys) in self.places.iter().zip(&mut self.keys) {
            let mut reader = RowReader::new(row);
            reader.skip(*place);
            let table: &Table = source.table();
            keys.push(super::owner_key(table, table.primary_key.len(), &reader)?);
        }
        Ok(())
    }
}
