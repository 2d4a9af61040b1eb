//! What can be selected, and what its rows are.
//!
//! A selection has two faces: `Plain` values from a connection, `Tracked` ones from a session, in
//! which entities are handles. For everything but entities they are the same.

use crate::error::Result;
use crate::expression::{Column, Expr, Optional, Predicate, SqlValue, ToOne, ToOneTarget};
use crate::model::{Arena, Entity, FieldType, Handle, Model, Object, RawHandle};
use crate::statement::{Node, SelectStatement, Selected, Source};
use crate::types::{ColumnType, DbType, RowReader};

/// Puts entities read from rows into an identity map.
#[doc(hidden)]
pub trait Tracker {
    /// The handle of the object whose row comes next.
    fn track<M: Model>(&mut self, row: &mut RowReader<'_>) -> Result<Handle<M>>;
}

/// An entity, a column, an expression, a relationship, a part of a collection, or a tuple of up to
/// eight of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be selected",
    label = "expected an entity, a column, an expression, or a tuple of up to 8 of them",
    note = "of a `#[derive(Row)]` struct each field takes what selects the field's type: `String` a column of text, `Option<String>` one that may be NULL, `i64` `count(…)`, a model its entity"
)]
pub trait Selection {
    /// A row read from a connection.
    type Plain;
    /// A row read from a session.
    type Tracked;

    /// Adds what it selects, and where it comes from.
    #[doc(hidden)]
    fn add_to(&self, statement: &mut SelectStatement);

    /// Reads a row.
    #[doc(hidden)]
    fn plain(row: &mut RowReader<'_>) -> Result<Self::Plain>;

    /// Reads a row into an identity map.
    #[doc(hidden)]
    fn tracked<T: Tracker>(row: &mut RowReader<'_>, tracker: &mut T) -> Result<Self::Tracked>;

    /// The value of a row whose relationships can be filled in.
    #[doc(hidden)]
    fn object(row: &mut Self::Plain) -> Option<&mut dyn Object> {
        let _ = row;
        None
    }

    /// Storage for what each part of a collection that is selected holds, in order.
    #[doc(hidden)]
    fn arenas(arenas: &mut Vec<Box<dyn Arena>>) {
        let _ = arenas;
    }

    /// Fills in the parts of collections, which were read after the rows.
    #[doc(hidden)]
    fn put_values(row: &mut Self::Plain, parts: &mut dyn FnMut() -> Vec<Box<dyn Object>>) {
        let _ = (row, parts);
    }

    /// Fills in the parts of collections, which were read after the rows.
    #[doc(hidden)]
    fn put_handles(row: &mut Self::Tracked, parts: &mut dyn FnMut() -> Vec<RawHandle>) {
        let _ = (row, parts);
    }
}

pub(super) fn add_source(statement: &mut SelectStatement, source: Source) {
    if !statement.from.contains(&source) {
        statement.from.push(source);
    }
}

fn add_node(statement: &mut SelectStatement, node: Node, ty: ColumnType) {
    node.sources(&mut |source| {
        add_source(statement, source);
        statement.select_variant(source);
    });
    statement.selected.push(Selected::Node { node, ty, optional: false });
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Selection for E {
    type Plain = E::Model;
    type Tracked = Handle<E::Model>;

    fn add_to(&self, statement: &mut SelectStatement) {
        let source = self.__source();
        add_source(statement, source);
        statement.selected.push(Selected::entity(source));
    }

    fn plain(row: &mut RowReader<'_>) -> Result<E::Model> {
        E::Model::decode(row)
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, tracker: &mut T) -> Result<Handle<E::Model>> {
        tracker.track(row)
    }

    fn object(row: &mut E::Model) -> Option<&mut dyn Object> {
        Some(row)
    }
}

#[diagnostic::do_not_recommend]
impl<M, V: SqlValue> Selection for Column<M, V> {
    type Plain = V;
    type Tracked = V;

    fn add_to(&self, statement: &mut SelectStatement) {
        add_node(statement, self.node(), V::Base::TYPE);
    }

    fn plain(row: &mut RowReader<'_>) -> Result<V> {
        V::read(row)
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, _tracker: &mut T) -> Result<V> {
        V::read(row)
    }
}

#[diagnostic::do_not_recommend]
impl<V: SqlValue> Selection for Expr<V> {
    type Plain = V;
    type Tracked = V;

    fn add_to(&self, statement: &mut SelectStatement) {
        add_node(statement, self.node.clone(), V::Base::TYPE);
    }

    fn plain(row: &mut RowReader<'_>) -> Result<V> {
        V::read(row)
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, _tracker: &mut T) -> Result<V> {
        V::read(row)
    }
}

/// A condition selects as true, false or unknown.
#[diagnostic::do_not_recommend]
impl Selection for Predicate {
    type Plain = Option<bool>;
    type Tracked = Option<bool>;

    fn add_to(&self, statement: &mut SelectStatement) {
        add_node(statement, self.node.clone(), ColumnType::Bool);
    }

    fn plain(row: &mut RowReader<'_>) -> Result<Option<bool>> {
        <Option<bool> as SqlValue>::read(row)
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, _tracker: &mut T) -> Result<Option<bool>> {
        <Option<bool> as SqlValue>::read(row)
    }
}

/// A foreign key selects as the reference: `Ref<T>`, or `Option<Ref<T>>` where it may be NULL.
#[diagnostic::do_not_recommend]
impl<M, O: ToOneTarget> Selection for ToOne<M, O> {
    type Plain = O::Reference;
    type Tracked = O::Reference;

    fn add_to(&self, statement: &mut SelectStatement) {
        let table = self.source().table();
        let columns = table.columns_of(self.field()).map(|index| table.column(index).ty);
        for (node, ty) in self.nodes().into_iter().zip(columns) {
            add_node(statement, node, ty);
        }
    }

    fn plain(row: &mut RowReader<'_>) -> Result<O::Reference> {
        O::Reference::read(row)
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, _tracker: &mut T) -> Result<O::Reference> {
        O::Reference::read(row)
    }
}

/// The side of an outer join that may be missing.
#[diagnostic::do_not_recommend]
impl<E: Entity> Selection for Optional<E> {
    type Plain = Option<E::Model>;
    type Tracked = Option<Handle<E::Model>>;

    fn add_to(&self, statement: &mut SelectStatement) {
        let source = self.0.__source();
        add_source(statement, source);
        let deferred = Vec::new();
        statement.selected.push(Selected::Entity { source, optional: true, deferred });
    }

    fn plain(row: &mut RowReader<'_>) -> Result<Option<E::Model>> {
        if skip_missing::<E::Model>(row) { Ok(None) } else { E::plain(row).map(Some) }
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, tracker: &mut T) -> Result<Self::Tracked> {
        if skip_missing::<E::Model>(row) { Ok(None) } else { E::tracked(row, tracker).map(Some) }
    }
}

/// Passes over the columns of an entity that are all NULL.
fn skip_missing<M: Model>(row: &mut RowReader<'_>) -> bool {
    let width = M::meta().table().read.len();
    let missing = row.all_null(width);
    if missing {
        row.skip(width);
    }
    missing
}

#[diagnostic::do_not_recommend]
impl<M, V: SqlValue> Selection for Optional<Column<M, V>> {
    type Plain = Option<V::Base>;
    type Tracked = Option<V::Base>;

    fn add_to(&self, statement: &mut SelectStatement) {
        let node = self.0.node();
        node.sources(&mut |source| add_source(statement, source));
        let ty = V::Base::TYPE;
        statement.selected.push(Selected::Node { node, ty, optional: true });
    }

    fn plain(row: &mut RowReader<'_>) -> Result<Option<V::Base>> {
        <Option<V::Base> as SqlValue>::read(row)
    }

    fn tracked<T: Tracker>(row: &mut RowReader<'_>, _tracker: &mut T) -> Result<Self::Tracked> {
        <Option<V::Base> as SqlValue>::read(row)
    }
}

macro_rules! tuple_selections {
    ($(($($name:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: Selection),+> Selection for ($($name,)+) {
            type Plain = ($($name::Plain,)+);
            type Tracked = ($($name::Tracked,)+);

            fn add_to(&self, statement: &mut SelectStatement) {
                $(self.$index.add_to(statement);)+
            }

            fn plain(row: &mut RowReader<'_>) -> Result<Self::Plain> {
                Ok(($($name::plain(row)?,)+))
            }

            fn tracked<Tr: Tracker>(
                row: &mut RowReader<'_>,
                tracker: &mut Tr,
            ) -> Result<Self::Tracked> {
                Ok(($($name::tracked(row, tracker)?,)+))
            }

            fn arenas(arenas: &mut Vec<Box<dyn Arena>>) {
                $($name::arenas(arenas);)+
            }

            fn put_values(
                row: &mut Self::Plain,
                parts: &mut dyn FnMut() -> Vec<Box<dyn Object>>,
            ) {
                $($name::put_values(&mut row.$index, parts);)+
            }

            fn put_handles(row: &mut Self::Tracked, parts: &mut dyn FnMut() -> Vec<RawHandle>) {
                $($name::put_handles(&mut row.$index, parts);)+
            }
        }
    )*};
}

tuple_selections! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
