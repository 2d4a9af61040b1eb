//! Which batches are sent: rows of one table, one operation and one set of columns in one batch.
//!
//! The number of statements is the sum over (table, operation, column set) of the number of levels.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::order::Ordered;
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
    tables: Vec<&'static Table>,
}

pub(super) fn plan(map: &IdentityMap, ordered: Ordered) -> FlushPlan {
    let tables = map.models.iter().map(|model| model.meta.table()).collect();
    let mut plan = FlushPlan { batches: Vec::new(), tables };
    let mut deferred: FxHashMap<ObjectId, Vec<usize>> = FxHashMap::default();
    for &(id, field) in &ordered.deferred {
        let columns = map.models[id.model].meta.table().columns_of(field);
        deferred.entry(id).or_default().extend(columns);
    }
    // one list for all rows: a batch copies it when it is opened
    let mut columns = Vec::new();
    for level in &ordered.inserts {
        let first = plan.batches.len();
        for &id in level {
            let returning = inserted_columns(map, id, &mut columns);
            let nulled = deferred.get(&id).map_or(&[][..], Vec::as_slice);
            plan.add(first, Operation::Insert, id, (&columns, nulled), returning);
        }
    }
    let first = plan.batches.len();
    for &(id, field) in &ordered.deferred {
        let columns: Vec<usize> = map.models[id.model].meta.table().columns_of(field).collect();
        plan.add(first, Operation::Update, id, (&columns, &[]), None);
    }
    let first = plan.batches.len();
    for change in &ordered.updates {
        plan.add(first, Operation::Update, change.id, (&change.columns, &[]), None);
    }
    let first = plan.batches.len();
    for &(id, field) in &ordered.severed {
        let columns: Vec<usize> = map.models[id.model].meta.table().columns_of(field).collect();
        plan.add(first, Operation::Update, id, (&columns, &columns), None);
    }
    for level in &ordered.deletes {
        let first = plan.batches.len();
        for &id in level {
            plan.add(first, Operation::Delete, id, (&[], &[]), None);
        }
    }
    plan
}

/// All columns but those left to the database, and the one of these that is the key.
fn inserted_columns(map: &IdentityMap, id: ObjectId, columns: &mut Vec<usize>) -> Option<usize> {
    columns.clear();
    let table = map.models[id.model].meta.table();
    let object = map.object(id)?;
    let unset = |&index: &usize| {
        let column = table.column(index);
        column.auto && object.field(column.field).is_unset()
    };
    columns.extend((0..table.columns.len()).filter(|index| !unset(index)));
    (0..table.columns.len()).find(unset)
}

impl FlushPlan {
    /// Adds a row to its batch among those from `first` on, or opens one.
    fn add(
        &mut self,
        first: usize,
        operation: Operation,
        id: ObjectId,
        (columns, nulled): (&[usize], &[usize]),
        returning: Option<usize>,
    ) {
        let batch = self.batches[first..].iter_mut().find(|batch| {
            batch.model == id.model
                && batch.operation == operation
                // few and short: quicker than a call that compares memory
                && batch.columns.iter().eq(columns)
                && batch.nulled.iter().eq(nulled)
                && batch.returning == returning
        });
        match batch {
            Some(batch) => batch.objects.push(id),
            None => self.batches.push(Batch {
                operation,
                model: id.model,
                columns: columns.to_vec(),
                nulled: nulled.to_vec(),
                returning,
                objects: vec![id],
            }),
        }
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
