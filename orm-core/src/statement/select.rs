//! SELECT.

use super::{ColumnRef, ComparisonOperator, LeftOut, Node, Source};
use crate::model::{Arena, Model, TypedArena};
use crate::schema::ModelMeta;
use crate::schema::variants::DISCRIMINATOR;
use crate::types::{ColumnType, Value};

/// A SELECT, clause by clause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectStatement {
    /// What is selected, in order.
    pub selected: Vec<Selected>,
    /// Whether equal rows are given once.
    pub distinct: bool,
    /// The tables; the first is FROM, the others are what was selected without a join.
    pub from: Vec<Source>,
    /// Those of them that nothing needs to connect.
    pub crossed: Vec<Source>,
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
    /// Parts of collections that are selected, read by statements of their own.
    pub parts: Vec<PartNode>,
    /// What stands in FROM in place of the table of its source.
    pub derived: Option<Box<Derived>>,
    /// The criteria that do not hold in it, nor in what it includes.
    pub left_out: LeftOut,
}

impl SelectStatement {
    /// Selects the rows of a variant only, where the source asks for one.
    pub fn select_variant(&mut self, source: Source) {
        let Some(variant) = source.variant else { return };
        let Some(variant) = source.model.variants().get(usize::from(variant)) else { return };
        let Some(kind) = ColumnRef::of(source, DISCRIMINATOR) else { return };
        let value =
            Node::Value { ty: ColumnType::Text, value: Value::Text(variant.value.to_owned()) };
        let condition = Node::Comparison {
            operator: ComparisonOperator::Equal,
            left: Box::new(Node::Column(kind)),
            right: Box::new(value),
        };
        if !self.filter.contains(&condition) {
            self.filter.push(condition);
        }
    }

    /// How many columns stand before what is selected at `index`.
    pub fn columns_before(&self, index: usize) -> usize {
        self.selected[..index].iter().map(Selected::width).sum()
    }
}

/// A part of a collection: what `select` takes beside its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct PartNode {
    /// The owner.
    pub start: Source,
    /// The field that is the relationship.
    pub field: usize,
    /// Where the owner's key begins in what is selected.
    pub key: usize,
    /// The conditions: all of them.
    pub filter: Vec<Node>,
    /// The order, before that of the collection.
    pub order_by: Vec<OrderBy>,
    /// The most rows of one owner.
    pub limit: Option<u64>,
    /// How many rows of one owner are passed over.
    pub offset: Option<u64>,
    /// What is loaded behind it.
    pub include: Vec<IncludeNode>,
}

/// A SELECT in FROM whose rows are numbered. Columns of its entities keep their names; what else it
/// selects is called by [`Derived::NAMES`] in order, the number [`Derived::PLACE`].
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The SELECT.
    pub select: SelectStatement,
    /// Rows are numbered among those that are equal in these.
    pub partition: Vec<Node>,
    /// The order of the numbers.
    pub numbered_by: Vec<OrderBy>,
}

impl Derived {
    /// The number of a row.
    pub const PLACE: &'static str = "orm_place";
    /// What is selected beside entities: parts of a key.
    pub const NAMES: [&'static str; 8] =
        ["orm_1", "orm_2", "orm_3", "orm_4", "orm_5", "orm_6", "orm_7", "orm_8"];
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
    /// Read in the rows of its owner, into this storage; else by a statement of its own.
    pub joined: Option<NewArena>,
    /// What is loaded further.
    pub children: Vec<IncludeNode>,
}

impl IncludeNode {
    /// Puts a step among others; one of the same relationship takes over what is behind it.
    pub fn add_to(self, nodes: &mut Vec<IncludeNode>) {
        let same =
            |known: &&mut IncludeNode| known.model == self.model && known.field == self.field;
        match nodes.iter_mut().find(same) {
            Some(known) => {
                known.joined = known.joined.or(self.joined);
                self.children.into_iter().for_each(|child| child.add_to(&mut known.children));
            }
            None => {
                let mut children = Vec::new();
                self.children.into_iter().for_each(|child| child.add_to(&mut children));
                nodes.push(IncludeNode { children, ..self });
            }
        }
    }
}

/// Makes storage for objects of a model.
#[derive(Clone, Copy, Debug)]
pub struct NewArena(pub fn() -> Box<dyn Arena>);

impl NewArena {
    /// Storage for objects of `M`.
    pub fn of<M: Model>() -> NewArena {
        NewArena(|| Box::<TypedArena<M>>::default())
    }
}

impl PartialEq for NewArena {
    /// Which model it is for is told by the relationship beside it.
    fn eq(&self, _: &NewArena) -> bool {
        true
    }
}

/// Something selected.
#[derive(Clone, Debug, PartialEq)]
pub enum Selected {
    /// The columns of an entity.
    Entity {
        /// The entity.
        source: Source,
        /// Whether its row may be missing (`optional()`).
        optional: bool,
        /// Positions of the deferred columns that are read too, behind the others.
        deferred: Vec<usize>,
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

impl Selected {
    /// An entity, without its deferred columns.
    pub fn entity(source: Source) -> Selected {
        Selected::Entity { source, optional: false, deferred: Vec::new() }
    }

    /// How many columns it has in a row.
    pub fn width(&self) -> usize {
        match self {
            Selected::Entity { source, deferred, .. } => source.table().read.len() + deferred.len(),
            Selected::Node { .. } => 1,
        }
    }
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
