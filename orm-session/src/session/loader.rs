//! From rows to objects.
//!
//! What a row of a known key does to its object:
//! 1. not changed, and read in an earlier transaction, or stale: overwritten;
//! 2. not changed, and read in this transaction: kept;
//! 3. changed, or deleted: kept.
//!
//! A statement that locks its rows overwrites in the second case too; `populate_existing` and
//! `refresh` in all cases but a deleted object. Where a row is locked whose object was changed, its
//! version must be the one that the object was read with.

use super::cohort::Cohort;
use super::identity_map::{EntryState, IdentityMap, ObjectId};
use super::scope::Scope;
use super::state::State;
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Handle, Model, Object, RefValue};
use orm_core::query::Tracker;
use orm_core::schema::{FieldSpec, ModelMeta};
use orm_core::types::{RowReader, decode_error};

/// Which objects that are known take over what a row says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Overwrite {
    /// Those not changed, and read in an earlier transaction or stale.
    #[default]
    Older,
    /// Those not changed.
    Unchanged,
    /// All that are not deleted; changes not flushed are given up.
    All,
}

/// Puts rows into the identity map.
pub(super) struct Loader<'a> {
    pub map: &'a mut IdentityMap,
    pub scope: &'a mut Scope,
    pub transaction_number: u32,
    /// The model of the last row, which most likely is the next one's.
    last: Option<(&'static ModelMeta, usize)>,
    /// Entities in the order of their rows: those loaded together.
    pub loaded: Cohort,
    /// How many rows are about to come, as far as it is known.
    pub coming: usize,
    pub overwrite: Overwrite,
}

impl<'a> Loader<'a> {
    pub fn new(
        map: &'a mut IdentityMap,
        scope: &'a mut Scope,
        transaction_number: u32,
    ) -> Loader<'a> {
        Loader {
            map,
            scope,
            transaction_number,
            last: None,
            loaded: Cohort::default(),
            coming: 0,
            overwrite: Overwrite::default(),
        }
    }

    fn model<M: Model>(&mut self) -> usize {
        let meta = M::meta();
        match self.last {
            Some((last, number)) if std::ptr::eq(last, meta) => number,
            _ => {
                let number = self.map.model(meta);
                self.map.models[number].reserve::<M>(std::mem::take(&mut self.coming));
                self.last = Some((meta, number));
                number
            }
        }
    }

    /// The object of the row that comes next in a row; its model has an arena.
    pub fn load(&mut self, model: usize, row: &mut RowReader<'_>) -> Result<ObjectId> {
        let table = self.map.models[model].meta.table();
        let Some(key) = table.read_key(row)? else {
            return Err(Error::new(
                ErrorKind::Decode,
                format!("a row of `{}` has NULL in its primary key", table.model.name),
            ));
        };
        let (slot, known) = self.map.models[model].find_or_push(key, self.scope.serial);
        let id = ObjectId { model, slot };
        if !known {
            return self.fill(id, row);
        }
        match self.map.entry(id).state {
            EntryState::Reserved => {
                let entry = self.map.entry_mut(id);
                entry.state = EntryState::Known(State::Persistent);
                entry.born = self.scope.serial;
                self.fill(id, row)
            }
            EntryState::Known(state) => {
                let changed =
                    self.map.values(model).is_some_and(|values| values.original(slot).is_some());
                let fresh = state == State::Persistent
                    && self.map.entry(id).read_in == self.transaction_number;
                let has_row = matches!(state, State::Persistent | State::Stale)
                    && !planted(Fault::RowNotTakenOver);
                let overwritten = match self.overwrite {
                    Overwrite::Older => !changed && !fresh,
                    Overwrite::Unchanged => !changed,
                    Overwrite::All => true,
                };
                if has_row && overwritten {
                    self.overwrite(id, row)?;
                } else {
                    if has_row && self.overwrite == Overwrite::Unchanged {
                        self.check_version(id, row)?;
                    }
                    row.skip(table.read.len());
                }
                Ok(id)
            }
        }
    }

    /// A row that is locked has the version that its changed object was read with.
    fn check_version(&self, id: ObjectId, row: &RowReader<'_>) -> Result<()> {
        let table = self.map.models[id.model].meta.table();
        let original = self.map.values(id.model).and_then(|values| values.original(id.slot));
        let (Some(version), Some(original)) = (table.version, original) else { return Ok(()) };
        let column = table.column(version);
        let Some(place) = column.place else { return Ok(()) };
        let mut locked = original.boxed();
        let field = locked.field_mut(column.field);
        field.decode(0, row.peek(place)).map_err(|why| decode_error(&column.name, &why))?;
        if field.same(original.field(column.field)) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Stale,
            format!(
                "{} was changed here, and its row has been changed since it was read, by another \
                 transaction or by SQL text in this one; roll back, `refresh` it, and change it again",
                self.map.describe(id)
            ),
        ))
    }

    /// Reads the row of an object that was not here.
    fn fill(&mut self, id: ObjectId, row: &mut RowReader<'_>) -> Result<ObjectId> {
        if let Some(values) = self.map.values_mut(id.model)
            && let Err(error) = values.read(id.slot, row)
        {
            self.map.entry_mut(id).state = EntryState::Reserved;
            return Err(error);
        }
        self.map.entry_mut(id).read_in = self.transaction_number;
        self.point(id);
        self.note_read(id);
        Ok(id)
    }

    /// Remembers that a row was read into an object, where somebody wants to know.
    fn note_read(&mut self, id: ObjectId) {
        if self.map.models[id.model].watched {
            self.map.read.push(id);
        }
    }

    /// Takes over what the database has now; what the object was is kept for rollback where it
    /// differs. Collections stay as they are.
    fn overwrite(&mut self, id: ObjectId, row: &mut RowReader<'_>) -> Result<()> {
        let Some(values) = self.map.values_mut(id.model) else { return Ok(()) };
        let mut new = values.read_object(row)?;
        self.scope.record(self.map, id, None);
        self.give_up_changes(id, &*new);
        let old = self.map.object(id);
        if !old.is_some_and(|old| same_row(old, &*new)) {
            if let Some(old) = old {
                for relationship in old.table().all_relationships() {
                    let field = relationship.field;
                    if old.field(field).collection().is_some() {
                        new.field_mut(field).assign(old.field(field));
                    }
                }
            }
            if let Some(old) = self.map.put(id, new) {
                self.scope.record(self.map, id, Some(old));
            }
            self.point(id);
        }
        let entry = self.map.entry_mut(id);
        entry.state = EntryState::Known(State::Persistent);
        entry.read_in = self.transaction_number;
        self.note_read(id);
        Ok(())
    }

    /// What an object that was lent is compared with is the row from now on.
    fn give_up_changes(&mut self, id: ObjectId, row: &dyn Object) {
        let Some(values) = self.map.values_mut(id.model) else { return };
        let Some(original) = values.original_mut(id.slot) else { return };
        let before = original.boxed();
        let fields = row.meta().fields;
        original
            .take_over(row, |index| !matches!(fields[index].spec, FieldSpec::Collection { .. }));
        self.scope.record(self.map, id, Some(before));
    }

    /// Gives the references of a row just read the handles of their objects.
    pub fn point(&mut self, id: ObjectId) {
        for index in 0..self.map.models[id.model].references.len() {
            let (field, target) = self.map.models[id.model].references[index];
            let key = self
                .map
                .object(id)
                .and_then(|object| object.field(field).reference())
                .and_then(RefValue::key)
                .cloned();
            let Some(key) = key else { continue };
            let target = self.map.reserve(target, &key);
            let handle = self.map.handle(target);
            if let Some(reference) =
                self.map.object_mut(id).and_then(|object| object.field_mut(field).reference_mut())
            {
                reference.set_handle(handle);
            }
        }
    }
}

fn same_row(one: &dyn Object, other: &dyn Object) -> bool {
    (0..one.meta().fields.len()).all(|index| one.field(index).same(other.field(index)))
}

impl Tracker for Loader<'_> {
    fn track<M: Model>(&mut self, row: &mut RowReader<'_>) -> Result<Handle<M>> {
        let model = self.model::<M>();
        let id = self.load(model, row)?;
        self.loaded.push(id);
        Ok(self.map.handle(id).typed())
    }
}
