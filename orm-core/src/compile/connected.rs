//! That the tables of a SELECT are connected: by joins, by conditions over several of them, or by the
//! program's word (`cross_join`). Otherwise each row of one stands beside each row of the other, which
//! hardly anybody wants.

use crate::error::{Error, ErrorKind, Result};
use crate::statement::{Node, SelectStatement, Source};

pub(super) fn check(select: &SelectStatement) -> Result<()> {
    let Some((first, others)) = select.from.split_first() else { return Ok(()) };
    if others.iter().all(|source| select.crossed.contains(source)) {
        return Ok(());
    }
    let mut groups = Groups::of(select);
    for join in &select.joins {
        groups.connect(&join.on, Some(join.source));
    }
    for condition in &select.filter {
        each_of_all(condition, &mut |condition| groups.connect(condition, None));
    }
    match others.iter().find(|&&other| !groups.same(*first, other)) {
        Some(other) if !select.crossed.contains(other) => Err(Error::new(
            ErrorKind::InvalidStatement,
            format!(
                "nothing connects `{}` and `{other}`: each row of one would stand beside each row of \
                 the other; join them, or ask for that by `cross_join({other})`",
                first.alias.unwrap_or(first.model.name),
                other = other.alias.unwrap_or(other.model.name),
            ),
        )),
        _ => Ok(()),
    }
}

/// The conditions that must all be true.
fn each_of_all(condition: &Node, visit: &mut dyn FnMut(&Node)) {
    match condition {
        Node::And(nodes) => nodes.iter().for_each(|node| each_of_all(node, visit)),
        _ => visit(condition),
    }
}

/// Sources by what connects them: two of one number are connected.
struct Groups(Vec<(Source, usize)>);

impl Groups {
    fn of(select: &SelectStatement) -> Groups {
        let mut groups: Vec<(Source, usize)> = Vec::new();
        for source in select.from.iter().copied().chain(select.joins.iter().map(|join| join.source))
        {
            if groups.iter().all(|(known, _)| *known != source) {
                groups.push((source, groups.len()));
            }
        }
        let crossed = select.crossed.iter().chain(select.from.first());
        let mut groups = Groups(groups);
        let crossed: Vec<Source> = crossed.copied().collect();
        if crossed.len() > 1 {
            crossed.windows(2).for_each(|pair| groups.merge(pair[0], pair[1]));
        }
        groups
    }

    /// What a condition is over is connected by it.
    fn connect(&mut self, condition: &Node, with: Option<Source>) {
        let mut over: Vec<Source> = with.into_iter().collect();
        sources(condition, &mut |source| over.push(source));
        over.windows(2).for_each(|pair| self.merge(pair[0], pair[1]));
    }

    fn merge(&mut self, one: Source, other: Source) {
        let (Some(one), Some(other)) = (self.number(one), self.number(other)) else { return };
        self.0
            .iter_mut()
            .filter(|(_, number)| *number == other)
            .for_each(|(_, number)| *number = one);
    }

    fn same(&self, one: Source, other: Source) -> bool {
        self.number(one) == self.number(other)
    }

    fn number(&self, source: Source) -> Option<usize> {
        self.0.iter().find(|(known, _)| *known == source).map(|(_, number)| *number)
    }
}

/// The sources of columns, those in subqueries too.
fn sources(node: &Node, found: &mut dyn FnMut(Source)) {
    match node {
        Node::Column(column) => found(column.source),
        Node::Derived { source, .. } => found(*source),
        Node::Exists(inner) | Node::Scalar(inner) => {
            inner.filter.iter().for_each(|node| sources(node, found));
            inner.joins.iter().for_each(|join| sources(&join.on, found));
        }
        _ => node.children(&mut |child| sources(child, found)),
    }
}
