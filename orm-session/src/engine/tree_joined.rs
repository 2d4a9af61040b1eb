//! Plain trees whose relationships were read in the rows of their owners.
//!
//! An owner has as many rows as it leads to; each object is read once per owner, and put into it
//! when all rows are read, from the far end on.

use super::tree::{Reading, fill_nodes};
use orm_core::error::Result;
use orm_core::model::{Arena, Object};
use orm_core::query::{JoinedStatement, Selection, rest_of};
use orm_core::schema::RelationshipKind;
use orm_core::statement::IncludeNode;
use orm_core::types::{Cell, DbType, Key, Row, RowReader};
use rustc_hash::FxHashMap;

/// Rows of a statement and what was read in them.
pub(super) struct JoinedRows<'j, S: Selection> {
    joined: &'j JoinedStatement,
    width: usize,
    rows: Vec<S::Plain>,
    last: Option<i64>,
    steps: Vec<Step>,
}

/// The objects of one step, each with its owner's place in the step before.
struct Step {
    arena: Box<dyn Arena>,
    objects: Vec<Box<dyn Object>>,
    owners: Vec<usize>,
    known: FxHashMap<(usize, Key), usize>,
    /// The object in the row read last.
    current: Option<usize>,
}

impl<'j, S: Selection> JoinedRows<'j, S> {
    pub fn of(joined: &'j JoinedStatement) -> JoinedRows<'j, S> {
        let step = |step: &orm_core::query::JoinedStep| Step {
            arena: (step.arena.0)(),
            objects: Vec::new(),
            owners: Vec::new(),
            known: FxHashMap::default(),
            current: None,
        };
        let first = usize::from(joined.numbered);
        let width =
            joined.statement.columns_before(first + 1) - joined.statement.columns_before(first);
        let steps = joined.steps.iter().map(step).collect();
        JoinedRows { joined, width, rows: Vec::new(), last: None, steps }
    }

    pub fn read(&mut self, row: &dyn Row) -> Result<()> {
        let mut reader = RowReader::new(row);
        let same_owner = self.joined.numbered && {
            let number = place(&mut reader)?;
            self.last.replace(number) == Some(number)
        };
        if same_owner {
            reader.skip(self.width);
        } else {
            self.rows.push(S::plain(&mut reader)?);
        }
        for (index, said) in self.joined.steps.iter().enumerate() {
            let owner = match said.owner {
                Some(owner) => self.steps[owner].current,
                None => self.rows.len().checked_sub(1),
            };
            let table = said.relationship.target.table();
            let key = table.read_key(&reader)?;
            let step = &mut self.steps[index];
            step.current = None;
            let (Some(owner), Some(key)) = (owner, key) else {
                reader.skip(said.width);
                continue;
            };
            if let Some(&known) = step.known.get(&(owner, key.clone())) {
                step.current = Some(known);
                reader.skip(said.width);
                continue;
            }
            step.objects.push(step.arena.read_object(&mut reader)?);
            step.owners.push(owner);
            let place = step.objects.len() - 1;
            step.known.insert((owner, key), place);
            step.current = Some(place);
        }
        Ok(())
    }

    /// Puts everything into its owner; reads what is included besides.
    pub fn fill(
        mut self,
        reading: &mut Reading<'_>,
        include: &[IncludeNode],
    ) -> Result<Vec<S::Plain>> {
        for index in (0..self.steps.len()).rev() {
            let said = &self.joined.steps[index];
            let Step { mut objects, owners, .. } =
                std::mem::replace(&mut self.steps[index], Step::emptied((said.arena.0)()));
            if !said.rest.is_empty() {
                let mut owners: Vec<&mut dyn Object> =
                    objects.iter_mut().map(|object| &mut **object).collect();
                fill_nodes(reading, &mut owners, &said.rest)?;
            }
            let mut above: Vec<&mut dyn Object> = match said.owner {
                Some(owner) => {
                    self.steps[owner].objects.iter_mut().map(|object| &mut **object).collect()
                }
                None => self.rows.iter_mut().filter_map(S::object).collect(),
            };
            let field = said.relationship.field;
            if matches!(said.relationship.kind, RelationshipKind::ManyToOne) {
                for (object, owner) in objects.into_iter().zip(owners) {
                    if let Some(reference) = above[owner].field_mut(field).reference_mut() {
                        reference.set_value(object);
                    }
                }
                continue;
            }
            let mut collections: Vec<Vec<Box<dyn Object>>> = Vec::new();
            collections.resize_with(above.len(), Vec::new);
            for (object, owner) in objects.into_iter().zip(owners) {
                collections[owner].push(object);
            }
            for (owner, values) in above.iter_mut().zip(collections) {
                if let Some(collection) = owner.field_mut(field).collection_mut() {
                    collection.set_values(values);
                }
            }
        }
        let mut owners: Vec<&mut dyn Object> = self.rows.iter_mut().filter_map(S::object).collect();
        fill_nodes(reading, &mut owners, &rest_of(include))?;
        Ok(self.rows)
    }
}

impl Step {
    fn emptied(arena: Box<dyn Arena>) -> Step {
        let (objects, owners) = (Vec::new(), Vec::new());
        Step { arena, objects, owners, known: FxHashMap::default(), current: None }
    }
}

/// The number of a row's owner.
pub(crate) fn place(row: &mut RowReader<'_>) -> Result<i64> {
    match row.take() {
        Cell::Null => Ok(0),
        cell => <i64 as DbType>::decode(cell).map_err(|mismatch| row.mismatch(&mismatch)),
    }
}
