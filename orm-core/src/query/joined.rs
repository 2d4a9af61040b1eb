//! What `include(Author.articles.joined())` makes of a statement: one that reads owners and what
//! they lead to in the same rows.
//!
//! 1. Each relationship is a LEFT JOIN under an alias of its own, below the one it starts at.
//! 2. Where a relationship may lead to several rows, the statement itself goes into FROM with its
//!    rows numbered: LIMIT counts owners, their order stays, and who reads tells by the number
//!    where the next owner begins.
//! 3. Rows are sorted by the number, then by the order of each collection.

use super::order_of;
use crate::error::{Error, ErrorKind, Result};
use crate::expression::{Connection, connection};
use crate::schema::{Relationship, RelationshipKind};
use crate::statement::{
    Derived, IncludeNode, Join, JoinKind, NewArena, Node, OrderBy, SelectStatement, Selected,
    Source, intern,
};
use crate::types::ColumnType;

/// A statement that reads what it includes in its rows.
pub struct JoinedStatement {
    /// The statement: the row's number where rows are numbered, the owner, then each step.
    pub statement: SelectStatement,
    /// Whether several rows may be of one owner; the first column numbers owners then.
    pub numbered: bool,
    /// What is read in the rows, owners before what they lead to.
    pub steps: Vec<JoinedStep>,
}

/// A relationship that is read in the rows.
pub struct JoinedStep {
    /// The step it starts at; `None`: the statement's entity.
    pub owner: Option<usize>,
    /// The relationship.
    pub relationship: &'static Relationship,
    /// Storage for what is read.
    pub arena: NewArena,
    /// How many columns it has in a row.
    pub width: usize,
    /// What is loaded behind it by statements of its own.
    pub rest: Vec<IncludeNode>,
}

impl JoinedStatement {
    /// Of a statement; `None` where nothing is to be read in its rows.
    ///
    /// # Errors
    /// `InvalidStatement` for a joined relationship behind one that is not, and for grouped rows.
    pub fn of(select: &SelectStatement) -> Result<Option<JoinedStatement>> {
        for node in &select.include {
            refuse_below(node)?;
        }
        let Some(Selected::Entity { source, .. }) = select.selected.first() else {
            return Ok(None);
        };
        if select.include.iter().all(|node| node.joined.is_none()) {
            return Ok(None);
        }
        if select.distinct || !select.group_by.is_empty() || !select.having.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidStatement,
                "`joined()` can't be in the `include` of a statement with `distinct` or \
                 `group_by`; leave it away",
            ));
        }
        if select.lock.is_some() {
            return Err(Error::new(
                ErrorKind::InvalidStatement,
                "`joined()` can't be in the `include` of a statement that locks rows, for a row \
                 that is missing can't be locked; leave it away",
            ));
        }
        let numbered = select.include.iter().any(may_lead_to_several);
        let mut statement = SelectStatement { include: Vec::new(), ..select.clone() };
        let mut owner = *source;
        if numbered {
            owner = Source::named(source.model, Some("owners"));
            statement = numbered_in_from(statement, owner);
        }
        let mut joined = JoinedStatement { statement, numbered, steps: Vec::new() };
        joined.add(owner, None, &select.include);
        Ok(Some(joined))
    }

    fn add(&mut self, from: Source, owner: Option<usize>, nodes: &[IncludeNode]) {
        for node in nodes {
            let Some(arena) = node.joined else { continue };
            let Some(relationship) = node.model.table().relationship_of(node.field) else {
                continue;
            };
            let alias = Some(intern(&format!("joined_{}", self.steps.len() + 1)));
            let to = Source::named(relationship.target, alias);
            let Connection { link, on } = connection(relationship, from, to);
            for (source, on) in link.into_iter().chain([(to, on)]) {
                self.statement.joins.push(Join { kind: JoinKind::Left, source, on });
            }
            let selected = Selected::Entity { source: to, optional: true, deferred: Vec::new() };
            let width = selected.width();
            self.statement.selected.push(selected);
            if self.numbered {
                self.statement.order_by.extend(order_of(relationship, to));
            }
            let step = self.steps.len();
            self.steps.push(JoinedStep {
                owner,
                relationship,
                arena,
                width,
                rest: rest_of(&node.children),
            });
            self.add(to, Some(step), &node.children);
        }
    }
}

/// What is loaded by statements of its own.
pub fn rest_of(nodes: &[IncludeNode]) -> Vec<IncludeNode> {
    nodes.iter().filter(|node| node.joined.is_none()).cloned().collect()
}

/// The statement in FROM, its rows numbered in its order.
fn numbered_in_from(mut select: SelectStatement, owner: Source) -> SelectStatement {
    let numbered_by = select.order_by.clone();
    if select.limit.is_none() && select.offset.is_none() {
        select.order_by.clear();
    }
    let place = Node::Derived { source: owner, name: Derived::PLACE };
    let left_out = select.left_out.clone();
    let derived = Derived { select, partition: Vec::new(), numbered_by };
    SelectStatement {
        selected: vec![
            Selected::Node { node: place.clone(), ty: ColumnType::BigInt, optional: false },
            Selected::entity(owner),
        ],
        from: vec![owner],
        order_by: vec![OrderBy { node: place, descending: false, nulls_first: None }],
        derived: Some(Box::new(derived)),
        left_out,
        ..SelectStatement::default()
    }
}

/// Whether a relationship read in the rows, or one behind it, may lead to several.
fn may_lead_to_several(node: &IncludeNode) -> bool {
    let to_one = node
        .model
        .table()
        .relationship_of(node.field)
        .is_none_or(|relationship| matches!(relationship.kind, RelationshipKind::ManyToOne));
    node.joined.is_some() && (!to_one || node.children.iter().any(may_lead_to_several))
}

/// What is read in the rows of its owner must have an owner in these rows.
fn refuse_below(node: &IncludeNode) -> Result<()> {
    for child in &node.children {
        if node.joined.is_none() && child.joined.is_some() {
            let (model, other) = (node.model.name, child.model.name);
            let (field, below) =
                (node.model.fields[node.field].name, child.model.fields[child.field].name);
            return Err(Error::new(
                ErrorKind::InvalidStatement,
                format!(
                    "`{other}.{below}.joined()` stands behind `{model}.{field}`, which is not joined; \
                     write `{model}.{field}.joined().then(..)`, or leave `joined()` away"
                ),
            ));
        }
        refuse_below(child)?;
    }
    Ok(())
}
