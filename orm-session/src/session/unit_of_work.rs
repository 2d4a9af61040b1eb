//! The unit of work: from what was added, changed and deleted to the batches of a flush.
//!
//! One flush: both sides of relationships are held together, cascades settled (which may load),
//! the batches planned, sent, and their results carried back. The phases are in [`super::flush`];
//! here they are called in order.

use super::by_database::DoneByDatabase;
use super::flush::{self, Failure, FlushPlan, Linked};
use super::identity_map::ObjectId;
use super::{Session, State};
use crate::faults::{Fault, planted};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::{ModelMeta, RelationshipKind, Table};

impl Session {
    /// Writes what was added, changed and deleted since the last flush. With nothing to write it
    /// sends nothing and begins no transaction.
    ///
    /// # Errors
    /// `InvalidState` and `Stale` before or while SQL is sent, and every kind of the database. An
    /// error while SQL is sent ends the transaction: the session says so until `rollback`. Those of
    /// hooks are handed on.
    pub fn flush(&mut self) -> Result<()> {
        self.usable()?;
        self.outside_of_hooks("flush")?;
        match self.hooks.clone() {
            None => self.write().map(|_| ()),
            Some(hooks) => self.flush_with(&hooks),
        }
    }

    /// Writes what is open; `false` where that was nothing.
    pub(super) fn write(&mut self) -> Result<bool> {
        let Some((plan, done)) = self.plan()? else { return Ok(false) };
        tracing::debug!(target: "orm::flush", "{plan}");
        self.begin()?;
        let cleared = self.cleared_links(&done);
        let linked = Linked { changes: self.edits.links.tables(), cleared };
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Err(Error::new(ErrorKind::Closed, "no transaction is open"));
        };
        let number = self.transaction_number;
        match flush::persist(&mut self.map, &plan, &linked, transaction, scope, number) {
            Ok(()) => {
                self.point_to_new(&plan.switched);
                self.tell_objects(&done);
                self.leave_collections(&self.deleted_by(&done));
                if !self.under.criteria.is_empty() {
                    let written = [&self.work.added[..], &self.work.touched].concat();
                    self.note_written(written);
                }
                self.forget_work();
                self.read_rewritten()?;
                Ok(true)
            }
            Err(failure) => {
                let error = self.told_by_rows(failure);
                Err(self.fail(error))
            }
        }
    }

    /// The error of a flush that failed; where it missed rows, as what is there once it is undone
    /// tells which. What can't be asked is not told.
    fn told_by_rows(&mut self, Failure { error, shortfall }: Failure) -> Error {
        let Some(shortfall) = shortfall else { return error };
        let asked = match (self.undo_to_boundary(), &mut self.transaction) {
            (Ok(()), Some(transaction)) => flush::asked(&self.map, &shortfall, transaction).ok(),
            _ => None,
        };
        asked.unwrap_or(error)
    }

    /// What a flush sends; `None` when nothing has to be written. Loads what cascades need.
    pub(super) fn plan(&mut self) -> Result<Option<(FlushPlan, DoneByDatabase)>> {
        self.reconcile()?;
        if self.work.is_empty() && self.edits.is_empty() {
            return Ok(None);
        }
        let mut done = self.cascade()?;
        self.keep_positions()?;
        if let Some(hooks) = self.hooks.clone() {
            self.call_for_objects(&hooks, &mut done)?;
            self.keep_positions()?;
        }
        // what the database deletes with others is there no more when they are sent
        let mut expressions = self.expressions();
        if !expressions.is_empty() && !done.deleted.is_empty() {
            expressions.retain(|(id, _)| !done.deleted.contains(id));
        }
        let features = &self.engine.dialect().features;
        let mut plan = flush::plan(&mut self.map, &self.work, expressions, features)?;
        if plan.changes_keys() {
            flush::follow(&self.map, &mut plan, &self.tables())?;
        }
        if plan.is_empty() && self.edits.links.is_empty() {
            self.forget_work();
            return Ok(None);
        }
        Ok(Some((plan, done)))
    }

    /// The objects whose rows a flush deletes, or the database with them.
    fn deleted_by(&self, done: &DoneByDatabase) -> Vec<ObjectId> {
        let deleting = self.work.deleting.iter().copied();
        let deleting = deleting
            .filter(|&id| matches!(self.map.state(id), State::ToBeDeleted | State::Deleted));
        deleting.chain(done.deleted.iter().copied()).collect()
    }

    /// The link tables of the models of objects that are deleted, with these objects.
    pub(super) fn cleared_links(
        &self,
        done: &DoneByDatabase,
    ) -> Vec<(&'static ModelMeta, usize, Vec<ObjectId>)> {
        let deleted = self.deleted_by(done);
        let mut cleared = Vec::new();
        if deleted.is_empty() {
            return cleared;
        }
        for link in self.link_tables() {
            for (side, field) in link.fields.iter().enumerate() {
                let objects: Vec<ObjectId> = deleted
                    .iter()
                    .copied()
                    .filter(|id| field.target() == Some(self.map.models[id.model].meta))
                    .collect();
                if !objects.is_empty() {
                    cleared.push((link, side, objects));
                }
            }
        }
        cleared
    }

    /// The tables of the registered models, of those the session has met, and their link tables.
    fn tables(&self) -> Vec<&'static Table> {
        let mut models = self.engine.schema().models().to_vec();
        let met = self.map.models.iter().map(|model| model.meta).chain(self.link_tables());
        for model in met {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        models.into_iter().map(ModelMeta::table).collect()
    }

    /// The link tables of the registered models, and of those the session has met.
    pub(super) fn link_tables(&self) -> Vec<&'static ModelMeta> {
        let mut links = self.engine.schema().links().to_vec();
        for model in &self.map.models {
            for relationship in &model.meta.table().relationships {
                if let RelationshipKind::ManyToMany { link, .. } = relationship.kind
                    && !links.contains(&link)
                {
                    links.push(link);
                }
            }
        }
        links
    }

    /// Nothing differs from what the database has any more. Copies of objects that were lent go, so
    /// that their next change is noticed; where collections changed, rollback has them.
    pub(super) fn forget_work(&mut self) {
        self.all_settled();
        for id in std::mem::take(&mut self.work).touched {
            let original =
                self.map.values_mut(id.model).and_then(|values| values.take_original(id.slot));
            if let (Some(original), Some(scope)) = (original, self.scopes.last_mut())
                && original.meta().has_collections()
            {
                scope.record(&mut self.map, id, Some(original));
            }
        }
        self.edits.clear();
    }

    /// Writes pending changes before a query, as far as that is wanted; an error names the query.
    pub(super) fn flush_before(&mut self, what: impl FnOnce() -> String) -> Result<()> {
        let writes = self.options.autoflush || planted(Fault::FlushedQuietly);
        if writes && !self.is_flushing() {
            self.flush().map_err(|error| {
                error.with_context(format!("while pending changes were flushed before {}", what()))
            })
        } else {
            self.settle()
        }
    }
}
