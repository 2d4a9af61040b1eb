//! What a statement must not contradict, checked before its text is written. Of a SELECT:
//!
//! 1. Every column comes from something selected or joined.
//! 2. Beside an aggregate, what is selected, sorted by or asked for in HAVING is grouped by (an
//!    entity by its key).
//! 3. No aggregate stands in WHERE.
//! 4. Each table joined has a name of its own.
//! 5. What is selected of the far side of a LEFT JOIN is `optional()`.
//! 6. What is selected is connected (`connected`).
//!
//! UPDATE and DELETE name one table, and no aggregate.

use crate::error::{Error, ErrorKind, Result};
use crate::statement::{JoinKind, Node, SelectStatement, Selected, Source};

/// `outer` are the tables of the statements around this one.
pub(super) fn check(select: &SelectStatement, outer: &[Source]) -> Result<()> {
    sources(select, outer)?;
    joined_once(select)?;
    optional(select)?;
    super::connected::check(select)?;
    if let Some(node) = select.filter.iter().find(|node| node.has_aggregate()) {
        return Err(invalid(format!(
            "an aggregate ({}) can't stand in `filter`; put the condition in `having`",
            named(node)
        )));
    }
    grouping(select)
}

/// What a set-based UPDATE or DELETE of `written` uses.
pub(super) fn check_written<'n>(
    written: Source,
    outer: &[Source],
    used: impl IntoIterator<Item = &'n Node>,
) -> Result<()> {
    for node in used {
        let mut unknown = None;
        node.sources(&mut |source| {
            if source != written && !outer.contains(&source) {
                unknown.get_or_insert(source);
            }
        });
        if let Some(source) = unknown {
            return Err(invalid(format!(
                "a column of `{}`{} is used in a statement that writes `{}` alone; ask for it \
                 over a relationship, by `has` or `any`",
                source.model.name,
                under_alias(source),
                written.model.name
            )));
        }
        if node.has_aggregate() {
            return Err(invalid(format!(
                "an aggregate ({}) can't stand in a statement that writes rows; compute it by a \
                 query of its own",
                named(node)
            )));
        }
    }
    Ok(())
}

/// What a criterion says of a mention of its table: nothing of other tables but by subqueries, which
/// are checked as they are written.
pub(super) fn check_criterion(name: &str, mention: Source, condition: &Node) -> Result<()> {
    let mut elsewhere = None;
    condition.sources(&mut |source| {
        if source != mention {
            elsewhere.get_or_insert(source);
        }
    });
    let model = mention.model.name;
    if let Some(source) = elsewhere {
        return Err(invalid(format!(
            "the criterion `{name}` of `{model}` uses a column of `{}` that is not of what its closure \
             is given; write it by the closure's argument, other models by `any` and `has`",
            source.model.name
        )));
    }
    if condition.has_aggregate() {
        return Err(invalid(format!(
            "an aggregate ({}) can't stand in the criterion `{name}` of `{model}`",
            named(condition)
        )));
    }
    Ok(())
}

fn under_alias(source: Source) -> String {
    source.alias.map(|alias| format!(" under the alias `{alias}`")).unwrap_or_default()
}

fn sources(select: &SelectStatement, outer: &[Source]) -> Result<()> {
    let known = |source: &Source| {
        select.from.contains(source)
            || outer.contains(source)
            || select.joins.iter().any(|join| join.source == *source)
    };
    let mut unknown = None;
    let mut visit = |node: &Node| {
        node.sources(&mut |source| {
            if !known(&source) {
                unknown.get_or_insert(source);
            }
        });
    };
    select.filter.iter().for_each(&mut visit);
    select.group_by.iter().for_each(&mut visit);
    select.having.iter().for_each(&mut visit);
    select.order_by.iter().for_each(|term| visit(&term.node));
    select.joins.iter().for_each(|join| visit(&join.on));
    match unknown {
        None => Ok(()),
        Some(source) => Err(invalid(format!(
            "a column of `{}`{} is used, which is neither selected nor joined; select it, or join \
             it",
            source.model.name,
            under_alias(source)
        ))),
    }
}

/// A table that is joined is not the one it is joined to, and is joined in one way.
fn joined_once(select: &SelectStatement) -> Result<()> {
    let is_joined = |source: &Source| select.joins.iter().any(|join| join.source == *source);
    let twice = select.joins.iter().enumerate().find(|(place, join)| {
        select.joins[..*place].iter().any(|before| before.source == join.source)
    });
    let itself = || select.joins.first().filter(|_| select.from.iter().all(is_joined));
    match twice.map(|(_, join)| join).or_else(itself) {
        None => Ok(()),
        Some(join) => Err(invalid(format!(
            "`{0}` stands twice in the statement; give the one that is joined an alias: \
             `let other = {0}.alias(\"other\")`, and join `.to(other)`",
            join.source.model.name
        ))),
    }
}

/// What may be missing is selected as `Option`.
fn optional(select: &SelectStatement) -> Result<()> {
    let left = |source: Source| {
        select.joins.iter().any(|join| join.kind == JoinKind::Left && join.source == source)
    };
    for selected in &select.selected {
        let (source, optional, field) = match selected {
            Selected::Entity { source, optional, .. } => (*source, *optional, None),
            Selected::Node { node: Node::Column(column), optional, .. } => {
                let nullable = column.column().is_some_and(|column| column.nullable);
                (column.source, *optional || nullable, Some(usize::from(column.field)))
            }
            Selected::Node { .. } => continue,
        };
        if left(source) && !optional {
            let name = match field {
                Some(field) => format!("{}.{}", source.model.name, source.model.fields[field].name),
                None => source.model.name.to_owned(),
            };
            return Err(invalid(format!(
                "`{name}` is on the far side of a left join and may be missing; select \
                 `{name}.optional()`"
            )));
        }
    }
    Ok(())
}

fn grouping(select: &SelectStatement) -> Result<()> {
    let aggregated = !select.group_by.is_empty()
        || !select.having.is_empty()
        || select.selected.iter().any(|selected| match selected {
            Selected::Node { node, .. } => node.has_aggregate(),
            Selected::Entity { .. } => false,
        });
    if !aggregated {
        return Ok(());
    }
    let sorted = select.order_by.iter().map(|term| (&term.node, "sorted by"));
    let kept = select.having.iter().map(|node| (node, "asked for in `having`"));
    for (node, verb) in sorted.chain(kept) {
        if !is_grouped(select, node) {
            return Err(invalid(format!(
                "{} is {verb} beside an aggregate and not grouped by; add it to `group_by`",
                named(node)
            )));
        }
    }
    for selected in &select.selected {
        match selected {
            Selected::Entity { source, .. } if !grouped_by_key(select, *source) => {
                return Err(invalid(format!(
                    "`{}` is selected beside an aggregate and not grouped by; add its key to \
                     `group_by`",
                    source.model.name
                )));
            }
            Selected::Node { node, .. } if !is_grouped(select, node) => {
                return Err(invalid(format!(
                    "{} is selected beside an aggregate and not grouped by; add it to `group_by`",
                    named(node)
                )));
            }
            Selected::Entity { .. } | Selected::Node { .. } => {}
        }
    }
    Ok(())
}

/// Whether the value is one per group: grouped by, an aggregate, or made of such.
fn is_grouped(select: &SelectStatement, node: &Node) -> bool {
    if select.group_by.contains(node) || matches!(node, Node::Aggregate { .. }) {
        return true;
    }
    if let Node::Column(column) = node {
        return grouped_by_key(select, column.source);
    }
    let mut all = true;
    node.children(&mut |child| all &= is_grouped(select, child));
    all
}

/// A table grouped by its primary key has one row per group.
fn grouped_by_key(select: &SelectStatement, source: Source) -> bool {
    let key = Node::key_of(source);
    !key.is_empty() && key.iter().all(|column| select.group_by.contains(column))
}

pub(super) fn named(node: &Node) -> String {
    match node {
        Node::Column(column) => format!("`{}`", column.path()),
        Node::Aggregate { function, operand: Some(operand), .. } => {
            format!("`{function:?}` of {}", named(operand))
        }
        Node::Aggregate { .. } => "`count(*)`".to_owned(),
        _ => "an expression".to_owned(),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidStatement, message)
}
