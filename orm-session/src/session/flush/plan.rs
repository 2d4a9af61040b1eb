//! Which batches are sent: rows of one table, one operation and one set of columns in one batch.
//!
//! The number of statements is the sum over (table, operation, column set) of the number of levels.
//! The order is inserts, updates, deletes; that of the schedule where UNIQUE values are handed on.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::diff::Change;
use super::evaluated::Evaluated;
use super::order::Ordered;
use super::schedule::{Kind, Schedule};
use orm_core::schema::{Follower, Table};
use rustc_hash::{FxHashMap, FxHashSet};
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
    /// Columns that come back: those left to the database, and those it computes.
    pub returning: Vec<usize>,
    /// Whether rows are found by their last known version too, and an UPDATE writes the next one.
    pub versioned: bool,
    pub objects: Vec<ObjectId>,
}

impl Batch {
    /// Whether there is no statement to send: an object takes over a row that is as it should be.
    pub fn writes_nothing(&self) -> bool {
        self.operation == Operation::Update && self.columns.is_empty() && !self.versioned
    }
}

/// The batches of a flush, in order.
#[derive(Debug, Default)]
pub(crate) struct FlushPlan {
    pub batches: Vec<Batch>,
    /// Columns that are set to expressions, behind the batches.
    pub evaluated: Vec<Evaluated>,
    /// UNIQUE constraints that are checked behind it: model and name.
    pub deferred: Vec<(usize, String)>,
    /// New objects with the deleted ones whose rows they take over.
    pub switched: Vec<(ObjectId, ObjectId)>,
    pub tables: Vec<&'static Table>,
    /// What repeats a key that a batch changes, and follows it: by the batch's position.
    pub followers: FxHashMap<usize, Vec<Follower>>,
    /// Rows with a version that a statement writes already: only the first one checks it.
    checked: FxHashSet<ObjectId>,
}

/// Batches by table: nothing is handed on.
pub(super) fn by_table(map: &IdentityMap, ordered: &Ordered) -> FlushPlan {
    let mut plan = FlushPlan::of(map);
    let columns_of =
        |id: ObjectId, key: usize| &map.models[id.model].meta.table().foreign_keys[key].columns;
    let mut left_out: FxHashMap<ObjectId, Vec<usize>> = FxHashMap::default();
    for &(id, key) in &ordered.deferred {
        left_out.entry(id).or_default().extend(columns_of(id, key));
    }
    for level in &ordered.inserts {
        plan.insert(map, level, &left_out);
    }
    let first = plan.batches.len();
    for &(id, key) in &ordered.deferred {
        plan.add(first, Operation::Update, id, (columns_of(id, key), &[]));
    }
    plan.update(&ordered.updates);
    let first = plan.batches.len();
    for &(id, key) in &ordered.severed {
        let columns = columns_of(id, key);
        plan.add(first, Operation::Update, id, (columns, columns));
    }
    for level in &ordered.deletes {
        plan.delete(map, level);
    }
    plan
}

/// Batches by row, in the order of a schedule.
pub(super) fn by_row(map: &IdentityMap, schedule: &Schedule) -> FlushPlan {
    let mut plan = FlushPlan::of(map);
    for step in &schedule.steps {
        let rows: Vec<ObjectId> = step.rows.iter().map(|row| row.id).collect();
        match step.kind {
            Kind::Insert => {
                let left_out = step.rows.iter().filter(|row| !row.nulled.is_empty());
                let left_out = left_out.map(|row| (row.id, row.nulled.clone())).collect();
                plan.insert(map, &rows, &left_out);
            }
            Kind::Delete => plan.delete(map, &rows),
            Kind::Vacate | Kind::Close | Kind::Update => {
                let first = plan.batches.len();
                for row in &step.rows {
                    let lists = (&row.columns[..], &row.nulled[..]);
                    plan.add(first, Operation::Update, row.id, lists);
                }
            }
        }
    }
    let names = schedule.deferred.iter().map(|&(model, constraint)| {
        (model, constraint.name(map.models[model].meta.table()).to_owned())
    });
    plan.deferred.extend(names);
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
    fn of(map: &IdentityMap) -> FlushPlan {
        let tables = map.models.iter().map(|model| model.meta.table()).collect();
        FlushPlan { tables, ..FlushPlan::default() }
    }

    /// Adds rows that are updated.
    fn update(&mut self, changes: &[Change]) {
        let first = self.batches.len();
        for change in changes {
            self.add(first, Operation::Update, change.id, (&change.columns, &[]));
        }
    }

    /// Adds rows of one level that are deleted.
    fn delete(&mut self, map: &IdentityMap, level: &[ObjectId]) {
        let first = self.batches.len();
        for &id in level {
            if map.object(id).is_none() {
                // only its key is known, and no version to compare
                self.checked.insert(id);
            }
            self.add(first, Operation::Delete, id, (&[], &[]));
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
                if self.tables[id.model].version.is_some() {
                    self.checked.insert(id);
                }
                continue;
            }
            let columns = &map.models[id.model].meta.table().columns;
            let written =
                |index: &usize| columns[*index].computed.is_none() && !unset.contains(index);
            let columns: Vec<usize> = (0..columns.len()).filter(written).collect();
            let lists = (&columns[..], nulled.map_or(&[][..], Vec::as_slice));
            let batch = self.add(first, Operation::Insert, id, lists);
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
    ) -> usize {
        let table = self.tables[id.model];
        // an INSERT gives the version as the object has it
        let first_of_row = table.version.is_some() && self.checked.insert(id);
        let versioned = first_of_row && operation != Operation::Insert;
        let same = |batch: &Batch| {
            batch.model == id.model
                && batch.operation == operation
                // few and short: quicker than a call that compares memory
                && batch.columns.iter().eq(columns)
                && batch.nulled.iter().eq(nulled)
                && batch.versioned == versioned
        };
        if let Some(found) = self.batches[first..].iter().position(same) {
            self.batches[first + found].objects.push(id);
            return first + found;
        }
        let returning = match operation {
            // what is not written comes back
            Operation::Insert => {
                (0..table.columns.len()).filter(|index| !columns.contains(index)).collect()
            }
            Operation::Update => table.computed().collect(),
            Operation::Delete => Vec::new(),
        };
        self.batches.push(Batch {
            operation,
            model: id.model,
            columns: columns.to_vec(),
            nulled: nulled.to_vec(),
            returning,
            versioned,
            objects: vec![id],
        });
        self.batches.len() - 1
    }

    /// Whether nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.evaluated.is_empty()
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
                Operation::Update if batch.writes_nothing() => {
                    write!(f, "keep {rows} of {name}")?;
                }
                Operation::Update => {
                    write!(f, "update {rows} of {name} ({})", names(&batch.columns))?;
                }
                Operation::Delete => write!(f, "delete {rows} from {name}")?,
            }
            if batch.versioned {
                write!(f, ", version checked")?;
            }
            if !batch.nulled.is_empty() {
                write!(f, ", {} as NULL", names(&batch.nulled))?;
            }
            writeln!(f)?;
        }
        self.evaluated
            .iter()
            .try_for_each(|evaluated| evaluated.print(self.tables[evaluated.model], f))
    }
}
