//! Which batches are sent: rows of one table, one operation and one set of columns in one batch.
//!
//! The number of statements is the sum over (table, operation, column set) of the number of levels.
//! The order is inserts, updates, deletes; what gives up UNIQUE values goes before ([`release`]).

use super::super::identity_map::{IdentityMap, ObjectId};
use super::diff::Change;
use super::order::Ordered;
use super::release;
use orm_core::schema::Table;
use rustc_hash::FxHashMap;
use std::fmt;

/// What a batch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Insert,
    Update,
    Delete,
}

/// Rows of one table that are written by one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub operation: Operation,
    pub model: usize,
    /// Columns that are written.
    pub columns: Vec<usize>,
    /// Columns among them that are written as NULL whatever the object says.
    pub nulled: Vec<usize>,
    /// The column whose generated value comes back.
    pub returning: Option<usize>,
    pub objects: Vec<ObjectId>,
}

/// The batches of a flush, in order.
#[derive(Debug, Default)]
pub(crate) struct FlushPlan {
    pub batches: Vec<Batch>,
    /// Whether deletes come before inserts.
    pub deletes_first: bool,
    tables: Vec<&'static Table>,
}

pub(super) fn plan(map: &IdentityMap, mut ordered: Ordered, by_database: bool) -> FlushPlan {
    let tables = map.models.iter().map(|model| model.meta.table()).collect();
    let mut plan = FlushPlan { tables, ..FlushPlan::default() };
    let updates = std::mem::take(&mut ordered.updates);
    let (given_up, updates): (Vec<_>, Vec<_>) =
        updates.into_iter().partition(|change| release::gives_up(map, change));
    ordered.updates = updates;
    plan.update(&given_up);
    plan.deletes_first = release::deletes_first(map, &ordered, by_database);
    if plan.deletes_first {
        plan.delete(&ordered.deletes);
    }
    let mut deferred: FxHashMap<ObjectId, Vec<usize>> = FxHashMap::default();
    for &(id, field) in &ordered.deferred {
        let columns = map.models[id.model].meta.table().columns_of(field);
        deferred.entry(id).or_default().extend(columns);
    }
    for level in &ordered.inserts {
        plan.insert(map, level, &deferred);
    }
    let first = plan.batches.len();
    for &(id, field) in &ordered.deferred {
        let columns: Vec<usize> = map.models[id.model].meta.table().columns_of(field).collect();
        plan.add(first, Operation::Update, id, (&columns, &[]), None);
    }
    plan.update(&ordered.updates);
    let first = plan.batches.len();
    for &(id, field) in &ordered.severed {
        let columns: Vec<usize> = map.models[id.model].meta.table().columns_of(field).collect();
        plan.add(first, Operation::Update, id, (&columns, &columns), None);
    }
    if !plan.deletes_first {
        plan.delete(&ordered.deletes);
    }
    plan
}

/// The columns of an object that are left to the database.
fn unset_columns(map: &IdentityMap, id: ObjectId, unset: &mut Vec<usize>) {
    unset.clear();
    let Some(object) = map.object(id) else { return };
    for (index, column) in map.models[id.model].meta.table().columns.iter().enumerate() {
        if column.auto && object.field(column.field).is_unset() {
            unset.push(index);
        }
    }
}

impl FlushPlan {
    /// Adds rows that are updated.
    fn update(&mut self, changes: &[Change]) {
        let first = self.batches.len();
        for change in changes {
            self.add(first, Operation::Update, change.id, (&change.columns, &[]), None);
        }
    }

    /// Adds rows that are deleted, level by level.
    fn delete(&mut self, levels: &[Vec<ObjectId>]) {
        for level in levels {
            let first = self.batches.len();
            for &id in level {
                self.add(first, Operation::Delete, id, (&[], &[]), None);
            }
        }
    }

    /// Adds rows of one level that are inserted.
    fn insert(
        &mut self,
        map: &IdentityMap,
        level: &[ObjectId],
        deferred: &FxHashMap<ObjectId, Vec<usize>>,
    ) {
        let first = self.batches.len();
        let (mut unset, mut last_unset) = (Vec::new(), Vec::new());
        // the batch of the last row, if the next row may be of the same one: most are
        let mut last: Option<usize> = None;
        for (passed, &id) in level.iter().enumerate() {
            unset_columns(map, id, &mut unset);
            let nulled = if deferred.is_empty() { None } else { deferred.get(&id) };
            if let Some(last) = last
                && let batch = &mut self.batches[last]
                && batch.model == id.model
                && nulled.is_none()
                && unset == last_unset
            {
                batch.objects.push(id);
                continue;
            }
            let all = map.models[id.model].meta.table().columns.len();
            let columns: Vec<usize> = (0..all).filter(|index| !unset.contains(index)).collect();
            let lists = (&columns[..], nulled.map_or(&[][..], Vec::as_slice));
            let returning = unset.first().copied();
            let batch = self.add(first, Operation::Insert, id, lists, returning);
            if passed == 0 {
                self.batches[batch].objects.reserve(level.len());
            }
            last = nulled.is_none().then_some(batch);
            std::mem::swap(&mut unset, &mut last_unset);
        }
    }

    /// Adds a row to its batch among those from `first` on, or opens one; where that is.
    fn add(
        &mut self,
        first: usize,
        operation: Operation,
        id: ObjectId,
        (columns, nulled): (&[usize], &[usize]),
        returning: Option<usize>,
    ) -> usize {
        let same = |batch: &Batch| {
            batch.model == id.model
                && batch.operation == operation
                // few and short: quicker than a call that compares memory
                && batch.columns.iter().eq(columns)
                && batch.nulled.iter().eq(nulled)
                && batch.returning == returning
        };
        if let Some(found) = self.batches[first..].iter().position(same) {
            self.batches[first + found].objects.push(id);
            return first + found;
        }
        self.batches.push(Batch {
            operation,
            model: id.model,
            columns: columns.to_vec(),
            nulled: nulled.to_vec(),
            returning,
            objects: vec![id],
        });
        self.batches.len() - 1
    }

    /// Whether nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }
}

/// One line per batch: `insert 2 rows into authors (firstname, lastname, email)`.
impl fmt::Display for FlushPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for batch in &self.batches {
            let table = self.tables[batch.model];
            let names = |columns: &[usize]| {
                let names: Vec<&str> =
                    columns.iter().map(|&index| table.column(index).name.as_str()).collect();
                names.join(", ")
            };
            let rows = match batch.objects.len() {
                1 => "1 row".to_owned(),
                count => format!("{count} rows"),
            };
            let name = table.full_name();
            match batch.operation {
                Operation::Insert => {
                    write!(f, "insert {rows} into {name} ({})", names(&batch.columns))?;
                }
                Operation::Update => {
                    write!(f, "update {rows} of {name} ({})", names(&batch.columns))?;
                }
                Operation::Delete => write!(f, "delete {rows} from {name}")?,
            }
            if !batch.nulled.is_empty() {
                write!(f, ", {} as NULL", names(&batch.nulled))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
