//! SELECT.

use super::{Node, Source};
use crate::schema::ModelMeta;
use crate::types::ColumnType;

/// A SELECT, clause by clause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectStatement {
    /// What is selected, in order.
    pub selected: Vec<Selected>,
    /// Whether equal rows are given once.
    pub distinct: bool,
    /// The tables; the first is FROM, the others are what was selected without a join.
    pub from: Vec<Source>,
    /// The joins.
    pub joins: Vec<Join>,
    /// WHERE: all of them.
    pub filter: Vec<Node>,
    /// GROUP BY.
    pub group_by: Vec<Node>,
    /// HAVING: all of them.
    pub having: Vec<Node>,
    /// ORDER BY.
    pub order_by: Vec<OrderBy>,
    /// LIMIT.
    pub limit: Option<u64>,
    /// OFFSET.
    pub offset: Option<u64>,
    /// FOR UPDATE or FOR SHARE.
    pub lock: Option<RowLock>,
    /// Relationships that are loaded with the rows, by statements of their own.
    pub include: Vec<IncludeNode>,
    /// Whether the objects of a session take over what their rows say, whatever they hold.
    pub populate_existing: bool,
}

/// How the rows of a SELECT are locked until the transaction ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowLock {
    /// Against writers only.
    pub shared: bool,
    /// What is done about rows that are locked by others.
    pub wait: LockWait,
    /// The tables whose rows are locked; none named is all.
    pub of: Vec<Source>,
}

/// What is done about rows that another transaction has locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockWait {
    /// Wait for its end.
    #[default]
    Wait,
    /// Fail at once.
    NoWait,
    /// Leave them out.
    SkipLocked,
}

/// One step of an `include`, and what is loaded behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct IncludeNode {
    /// The model it starts at.
    pub model: &'static ModelMeta,
    /// The field that is the relationship.
    pub field: usize,
    /// What is loaded further.
    pub children: Vec<IncludeNode>,
}

/// Something selected.
#[derive(Clone, Debug, PartialEq)]
pub enum Selected {
    /// All columns of an entity.
    Entity {
        /// The entity.
        source: Source,
        /// Whether its row may be missing (`optional()`).
        optional: bool,
    },
    /// An expression.
    Node {
        /// The expression.
        node: Node,
        /// The type it is read as.
        ty: ColumnType,
        /// Whether it may be NULL where its columns can't (`optional()`).
        optional: bool,
    },
}

/// A join.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Inner or left.
    pub kind: JoinKind,
    /// What is joined.
    pub source: Source,
    /// ON.
    pub on: Node,
}

/// Which rows a join keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Rows with a match.
    Inner,
    /// All rows of the left side.
    Left,
}

/// One term of ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderBy {
    /// By what.
    pub node: Node,
    /// Descending.
    pub descending: bool,
    /// Where NULLs go, where it is said.
    pub nulls_first: Option<bool>,
}

/// One or several terms of ORDER BY, as `order_by` takes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering(pub Vec<OrderBy>);
