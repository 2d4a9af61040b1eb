//! Which rows are set to which expressions: objects of a model whose columns are set to the same go
//! together. What is sent for them is said by `expressions`.

use super::super::identity_map::ObjectId;
use orm_core::schema::Table;
use orm_core::statement::Node;
use std::fmt;

/// Objects with the columns, as positions in their tables, that are set to expressions.
pub(crate) type Expressions = Vec<(ObjectId, Vec<(usize, Node)>)>;

/// Rows of one table whose columns are set to the same expressions.
#[derive(Debug)]
pub(crate) struct Evaluated {
    pub model: usize,
    pub set: Vec<(usize, Node)>,
    pub objects: Vec<ObjectId>,
}

impl Evaluated {
    /// `update 2 rows of counters (n) by expressions`.
    pub fn print(&self, table: &Table, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            self.set.iter().map(|&(index, _)| table.column(index).name.as_str()).collect();
        let rows = match self.objects.len() {
            1 => "1 row".to_owned(),
            count => format!("{count} rows"),
        };
        writeln!(f, "update {rows} of {} ({}) by expressions", table.full_name(), names.join(", "))
    }
}

/// What is sent for these objects.
pub(super) fn batches(expressions: Expressions) -> Vec<Evaluated> {
    let mut batches: Vec<Evaluated> = Vec::new();
    for (id, set) in expressions {
        let same = |batch: &&mut Evaluated| batch.model == id.model && batch.set == set;
        match batches.iter_mut().find(same) {
            Some(batch) => batch.objects.push(id),
            None => batches.push(Evaluated { model: id.model, set, objects: vec![id] }),
        }
    }
    batches
}
