//! UPDATE and DELETE over sets of rows; the unit of work's batches are built by the flush.

use super::{ColumnRef, LeftOut, Node, Source};
use crate::schema::FieldSpec;

/// UPDATE … SET … WHERE ….
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateStatement {
    /// The table.
    pub source: Source,
    /// SET.
    pub set: Vec<SetColumn>,
    /// WHERE: all of them.
    pub filter: Vec<Node>,
    /// The criteria that do not hold in it.
    pub left_out: LeftOut,
}

impl UpdateStatement {
    /// The columns that a session reads back: those that are set, with all others of an embedded
    /// struct, which is read as a whole.
    pub fn returned(&self) -> Vec<ColumnRef> {
        let mut returned: Vec<ColumnRef> = Vec::with_capacity(self.set.len());
        for SetColumn { column, .. } in &self.set {
            let field = &column.source.model.fields[usize::from(column.field)];
            if !matches!(field.spec, FieldSpec::Embedded { .. }) {
                returned.push(*column);
            } else if !returned.iter().any(|known| known.field == column.field) {
                let parts = 0..u16::try_from(field.spec.width()).unwrap_or(u16::MAX);
                returned.extend(parts.map(|part| ColumnRef { part, ..*column }));
            }
        }
        returned
    }
}

/// `column = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct SetColumn {
    /// The column.
    pub column: ColumnRef,
    /// The value.
    pub value: Node,
}

/// DELETE FROM … WHERE ….
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteStatement {
    /// The table.
    pub source: Source,
    /// WHERE: all of them.
    pub filter: Vec<Node>,
    /// The criteria that do not hold in it.
    pub left_out: LeftOut,
}
