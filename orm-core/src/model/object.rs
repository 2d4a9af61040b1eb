//! A model whose type is known at run time only: what the unit of work handles.

use super::{Arena, Field, Model, TypedArena};
use crate::schema::variants::DISCRIMINATOR;
use crate::schema::{ModelMeta, Table};
use crate::types::{BindWriter, Key};
use std::any::Any;

/// A value of some model.
pub trait Object: Any + Send + Sync {
    /// What the derive says of the model.
    fn meta(&self) -> &'static ModelMeta;

    /// The field at `index`.
    fn field(&self, index: usize) -> &dyn Field;

    /// The field at `index`.
    fn field_mut(&mut self, index: usize) -> &mut dyn Field;

    /// What the field at `index` becomes when a changed row is written; `None` where it has no
    /// `on_update = …`.
    fn on_update_value(&self, index: usize) -> Option<Box<dyn Field>>;

    /// The version behind that of this object; `None` where the model has none.
    fn next_version(&self) -> Option<Box<dyn Field>>;

    /// Becomes a copy of an object of the same model.
    fn become_copy(&mut self, other: &dyn Object);

    /// A copy.
    fn boxed(&self) -> Box<dyn Object>;

    /// An empty place for objects of the model.
    fn new_arena(&self) -> Box<dyn Arena>;
}

impl<M: Model> Object for M {
    fn meta(&self) -> &'static ModelMeta {
        M::meta()
    }

    fn field(&self, index: usize) -> &dyn Field {
        Model::field(self, index)
    }

    fn field_mut(&mut self, index: usize) -> &mut dyn Field {
        Model::field_mut(self, index)
    }

    fn on_update_value(&self, index: usize) -> Option<Box<dyn Field>> {
        M::on_update_value(index)
    }

    fn next_version(&self) -> Option<Box<dyn Field>> {
        M::next_version(Some(self))
    }

    fn become_copy(&mut self, other: &dyn Object) {
        if let Some(other) = (other as &dyn Any).downcast_ref::<M>() {
            self.clone_from(other);
        }
    }

    fn boxed(&self) -> Box<dyn Object> {
        Box::new(self.clone())
    }

    fn new_arena(&self) -> Box<dyn Arena> {
        Box::<TypedArena<M>>::default()
    }
}

impl dyn Object {
    /// The table the object is a row of.
    pub fn table(&self) -> &'static Table {
        self.meta().table()
    }

    /// Writes the value of the table's column at `index`.
    pub fn encode(&self, index: usize, out: &mut dyn BindWriter) {
        let column = self.table().column(index);
        self.field(column.field).encode(column.part, out);
    }

    /// The primary key; `None` while a part of it is unset.
    pub fn key(&self) -> Option<Key> {
        let table = self.table();
        if let [only] = table.primary_key[..] {
            // the common case, one column: no list of parts
            let column = table.column(only);
            return self.field(column.field).key(column.part);
        }
        let mut parts = crate::types::KeyParts::default();
        for &index in &table.primary_key {
            self.encode(index, &mut parts);
        }
        parts.finish()
    }

    /// Takes over those fields of another object of the model that it says something of. Where that
    /// one is another variant, this one becomes it, and keeps the other fields.
    pub fn take_over(&mut self, other: &dyn Object, says: impl Fn(usize) -> bool) {
        let all = 0..self.meta().fields.len();
        if self.is_variant_of(other) {
            for index in all.filter(|&index| says(index)) {
                self.field_mut(index).assign(other.field(index));
            }
            return;
        }
        let before = self.boxed();
        self.become_copy(other);
        for index in all.filter(|&index| !says(index)) {
            self.field_mut(index).assign(before.field(index));
        }
    }

    /// Whether both are the same variant of their model; always, of a model that has none.
    fn is_variant_of(&self, other: &dyn Object) -> bool {
        self.meta().variants().is_empty()
            || self.field(DISCRIMINATOR).same(other.field(DISCRIMINATOR))
    }

    /// Sets the field at `index` to what its `on_update = …` says.
    pub fn set_on_update(&mut self, index: usize) {
        if let Some(value) = self.on_update_value(index) {
            self.field_mut(index).assign(&*value);
        }
    }

    /// Cuts every value to what its column keeps.
    pub fn round(&mut self) {
        for index in 0..self.meta().fields.len() {
            self.field_mut(index).round();
        }
    }
}
