//! UPDATE and DELETE over sets of rows; the unit of work's batches are built by the flush.

use super::{ColumnRef, Node, Source};

/// UPDATE … SET … WHERE ….
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateStatement {
    /// The table.
    pub source: Source,
    /// SET.
    pub set: Vec<SetColumn>,
    /// WHERE: all of them.
    pub filter: Vec<Node>,
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
}
