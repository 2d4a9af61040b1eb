//! What the code that `#[derive(Embed)]` writes for the columns of a struct calls: they are selected,
//! set and asked for as a whole.
//!
//! They are known by the first of them and by how many they are.

use crate::expression::{Assignment, Predicate};
use crate::model::Field;
use crate::statement::{ColumnRef, Node, SelectStatement, Selected, SetColumn};
use crate::types::{BindWriter, Value, ValueRef};

/// The columns of an embedded struct.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedColumns {
    /// The first.
    pub first: ColumnRef,
    /// How many.
    pub width: usize,
}

impl EmbeddedColumns {
    fn all(self) -> impl Iterator<Item = ColumnRef> {
        let parts = (0..self.width).map(|ahead| u16::try_from(ahead).unwrap_or(u16::MAX));
        parts.map(move |ahead| ColumnRef { part: self.first.part + ahead, ..self.first })
    }

    /// Selects them.
    pub fn add_to(self, statement: &mut SelectStatement) {
        let source = self.first.source;
        if !statement.from.contains(&source) {
            statement.from.push(source);
        }
        statement.select_variant(source);
        for column in self.all() {
            if let Some(ty) = column.column().map(|column| column.ty) {
                let node = Node::Column(column);
                statement.selected.push(Selected::Node { node, ty, optional: false });
            }
        }
    }

    /// Sets them to what a value holds.
    pub fn set<M>(self, value: &mut dyn Field) -> Assignment<M> {
        value.round();
        let set = self.all().enumerate().filter_map(|(part, column)| {
            let ty = column.column()?.ty;
            let mut taken = Taken(Value::Null);
            value.encode(part, &mut taken);
            Some(SetColumn { column, value: Node::Value { ty, value: taken.0 } })
        });
        Assignment::of_all(set.collect())
    }

    /// All are NULL.
    pub fn are_null(self) -> Predicate {
        let null =
            |column| Node::IsNull { operand: Box::new(Node::Column(column)), negated: false };
        crate::expression::all_of(self.all().map(|column| Predicate::of(null(column))))
    }
}

struct Taken(Value);

impl BindWriter for Taken {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = Value::from(value);
    }
}
