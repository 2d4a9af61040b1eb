//! Objects whose relationships are read in the same rows: `include(Author.articles.joined())`.
//!
//! The rows make collections as a statement of their own would (`related`); what was loaded before,
//! and what was changed in memory, is kept in the same way.

use super::Session;
use super::edits::members;
use super::identity_map::ObjectId;
use super::loader::Loader;
use super::loading::overwritten;
use crate::engine::transaction::Plan;
use crate::engine::tree_joined::place;
use orm_core::error::Result;
use orm_core::query::{JoinedStatement, Selection, Statement};
use orm_core::schema::RelationshipKind;
use orm_core::statement::{Parameters, SelectStatement};
use orm_core::types::{Row, RowReader};
use rustc_hash::FxHashSet;

/// What was read of one relationship: owners and what they lead to, in the order of the rows.
#[derive(Default)]
struct Step {
    model: usize,
    pairs: Vec<(ObjectId, ObjectId)>,
    seen: FxHashSet<(ObjectId, ObjectId)>,
    /// The object in the row read last.
    current: Option<ObjectId>,
}

/// Rows on their way into the identity map.
struct JoinedRows<'a, S: Selection> {
    joined: &'a JoinedStatement,
    width: usize,
    loader: Loader<'a>,
    rows: Vec<S::Tracked>,
    last: Option<i64>,
    steps: Vec<Step>,
}

impl<S: Selection> JoinedRows<'_, S> {
    fn read(&mut self, row: &dyn Row) -> Result<()> {
        let mut reader = RowReader::new(row);
        let same_owner = self.joined.numbered && {
            let number = place(&mut reader)?;
            self.last.replace(number) == Some(number)
        };
        if same_owner {
            reader.skip(self.width);
        } else {
            self.rows.push(S::tracked(&mut reader, &mut self.loader)?);
        }
        let loaded = &self.loader.loaded;
        let first = loaded.len().checked_sub(1).and_then(|last| loaded.get(last));
        for (index, said) in self.joined.steps.iter().enumerate() {
            let owner = said.owner.map_or(first, |owner| self.steps[owner].current);
            let step = &mut self.steps[index];
            step.current = None;
            if owner.is_none() || reader.all_null(said.width) {
                reader.skip(said.width);
                continue;
            }
            let object = self.loader.load(step.model, &mut reader)?;
            step.current = Some(object);
            if let Some(owner) = owner
                && step.seen.insert((owner, object))
            {
                step.pairs.push((owner, object));
            }
        }
        Ok(())
    }
}

impl Session {
    /// Rows with what is read in them, and what is included besides.
    pub(super) fn joined_rows<S: Selection>(
        &mut self,
        joined: &JoinedStatement,
        select: &SelectStatement,
    ) -> Result<Vec<S::Tracked>> {
        let compiled = self.prepare(Statement::Rows(&joined.statement))?;
        let mut steps = Vec::new();
        for said in &joined.steps {
            let model = self.map.model(said.relationship.target);
            self.map.set_arena(model, (said.arena.0)());
            steps.push(Step { model, ..Step::default() });
        }
        let (Some(transaction), Some(scope)) = (&mut self.transaction, self.scopes.last_mut())
        else {
            return Ok(Vec::new());
        };
        let first = usize::from(joined.numbered);
        let width =
            joined.statement.columns_before(first + 1) - joined.statement.columns_before(first);
        let mut loader = Loader::new(&mut self.map, scope, self.transaction_number);
        loader.overwrite = overwritten(select);
        let mut rows =
            JoinedRows::<S> { joined, width, loader, rows: Vec::new(), last: None, steps };
        let parameters = Parameters::Values(&compiled.parameters);
        let done =
            transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| rows.read(row));
        let JoinedRows { loader, rows, steps, .. } = rows;
        let loaded = loader.loaded;
        done.map_err(|error| self.told(error))?;
        self.tell_loaded()?;
        let owners: Vec<ObjectId> = loaded.from(0).collect();
        self.note_asked(owners.iter().copied());
        self.make_cohort(loaded);
        self.fill_steps(joined, &owners, steps);
        // what is loaded by now is passed over: what is left are statements of their own
        self.include(&owners, &select.include)?;
        Ok(rows)
    }

    fn fill_steps(&mut self, joined: &JoinedStatement, owners: &[ObjectId], steps: Vec<Step>) {
        let mut objects: Vec<Vec<ObjectId>> = Vec::new();
        for (said, step) in joined.steps.iter().zip(steps) {
            let relationship = said.relationship;
            let above = said.owner.map_or(owners, |owner| &objects[owner]);
            let mut seen = FxHashSet::default();
            let lacking: Vec<ObjectId> = above
                .iter()
                .copied()
                .filter(|&id| !self.is_loaded(id, relationship.field) && seen.insert(id))
                .collect();
            let found: Vec<ObjectId> = step.pairs.iter().map(|&(_, object)| object).collect();
            self.note_asked(found.iter().copied());
            if !matches!(relationship.kind, RelationshipKind::ManyToOne) {
                self.fill_collections(&lacking, relationship, step.pairs);
            } else if !self.under.criteria.is_empty() {
                let targets = |&id: &ObjectId| members(&self.map, id, relationship, false);
                let targets: Vec<ObjectId> = above.iter().flat_map(targets).collect();
                self.note_hidden(&targets);
            }
            let mut seen = FxHashSet::default();
            self.make_cohort(found.iter().copied().filter(|&id| seen.insert(id)).collect());
            objects.push(found);
        }
    }
}
