//! SELECT, clause by clause.

use super::mention::{Held, held, held_for_all};
use super::{SqlWriter, node, rank, scope};
use crate::error::{Error, ErrorKind, Result};
use crate::statement::{
    Derived, Join, JoinKind, LockWait, Node, OrderBy, SelectStatement, Selected, Source,
};

/// Writes a SELECT; its clauses in the order they are read.
pub(super) fn write(writer: &mut SqlWriter<'_>, select: &SelectStatement) -> Result<()> {
    scope::check(select, &writer.outer)?;
    inside(writer, select, |writer| {
        columns(writer, select)?;
        from(writer, select)?;
        joins(writer, &select.joins)?;
        filter(writer, select)?;
        group_by(writer, &select.group_by)?;
        condition(writer, " HAVING ", &select.having, &[])?;
        let outer = select.joins.iter().any(|join| join.kind == JoinKind::Left);
        order_by(writer, " ORDER BY ", &select.order_by, outer)?;
        limit(writer, select);
        lock(writer, select)
    })
}

/// Writes the clauses of a SELECT; statements inside them may speak of its tables.
fn inside<'a>(
    writer: &mut SqlWriter<'a>,
    select: &SelectStatement,
    clauses: impl FnOnce(&mut SqlWriter<'a>) -> Result<()>,
) -> Result<()> {
    let around = writer.outer.len();
    let held_before = writer.leave_out(&select.left_out)?;
    writer.outer.extend(&select.from);
    writer.outer.extend(select.joins.iter().map(|join| join.source));
    let done = clauses(writer);
    writer.outer.truncate(around);
    if let Some(criteria) = held_before {
        writer.criteria = criteria;
    }
    done
}

/// Writes a SELECT of which only the number of rows matters: no order unless it decides which rows
/// there are, every column under a name of its own.
pub(super) fn write_counted(writer: &mut SqlWriter<'_>, select: &SelectStatement) -> Result<()> {
    if !select.distinct && select.group_by.is_empty() {
        scope::check(select, &writer.outer)?;
        let aggregates = select.selected.iter().any(|selected| match selected {
            Selected::Node { node, .. } => node.has_aggregate(),
            Selected::Entity { .. } => false,
        });
        if !aggregates {
            return inside(writer, select, |writer| {
                writer.push("SELECT 1 AS one");
                from(writer, select)?;
                joins(writer, &select.joins)?;
                filter(writer, select)?;
                limit(writer, select);
                Ok(())
            });
        }
    }
    let mut unordered = select.clone();
    if unordered.limit.is_none() && unordered.offset.is_none() {
        unordered.order_by.clear();
    }
    write(writer, &unordered)
}

/// Writes a SELECT in FROM: every column under a name, and the number of its row.
fn write_derived(writer: &mut SqlWriter<'_>, derived: &Derived) -> Result<()> {
    let select = &derived.select;
    scope::check(select, &writer.outer)?;
    inside(writer, select, |writer| {
        writer.push("SELECT ");
        let mut names = Derived::NAMES.iter();
        for selected in &select.selected {
            match selected {
                Selected::Entity { source, deferred, .. } => {
                    let table = source.table();
                    for &index in table.read.iter().chain(deferred) {
                        let column = table.column(index);
                        writer.identifier(source.name());
                        writer.push(".");
                        writer.identifier(&column.name);
                        writer.push(" AS ");
                        writer.identifier(&column.name);
                        writer.push(", ");
                    }
                }
                Selected::Node { node, .. } => {
                    node::write(writer, node)?;
                    writer.push(" AS ");
                    writer.identifier(names.next().copied().unwrap_or_default());
                    writer.push(", ");
                }
            }
        }
        writer.push("row_number() OVER (");
        if !derived.partition.is_empty() {
            writer.push("PARTITION BY ");
            writer.separated(&derived.partition, ", ", node::write)?;
        }
        let outer = select.joins.iter().any(|join| join.kind == JoinKind::Left);
        let keyword = if derived.partition.is_empty() { "ORDER BY " } else { " ORDER BY " };
        order_by(writer, keyword, &derived.numbered_by, outer)?;
        writer.push(") AS ");
        writer.identifier(Derived::PLACE);
        from(writer, select)?;
        joins(writer, &select.joins)?;
        filter(writer, select)?;
        order_by(writer, " ORDER BY ", &select.order_by, outer)?;
        limit(writer, select);
        Ok(())
    })
}

fn columns(writer: &mut SqlWriter<'_>, select: &SelectStatement) -> Result<()> {
    writer.push(if select.distinct { "SELECT DISTINCT " } else { "SELECT " });
    writer.separated(&select.selected, ", ", |writer, selected| match selected {
        Selected::Entity { source, deferred, .. } => {
            let table = source.table();
            writer.separated(table.read.iter().chain(deferred), ", ", |writer, &index| {
                writer.read(*source, table.column(index));
                Ok(())
            })
        }
        Selected::Node { node: Node::Column(reference), .. } => {
            let Some(column) = reference.column() else { return node::column(writer, *reference) };
            writer.read(reference.source, column);
            Ok(())
        }
        Selected::Node { node, .. } => node::write(writer, node),
    })
}

fn from(writer: &mut SqlWriter<'_>, select: &SelectStatement) -> Result<()> {
    let joined = |source: &Source| select.joins.iter().any(|join| join.source == *source);
    let sources: Vec<_> = select.from.iter().filter(|source| !joined(source)).collect();
    if sources.is_empty() {
        return Ok(());
    }
    writer.push(" FROM ");
    // a comma binds less than JOIN: the first table comes last, so that joins see it
    let order = sources[1..].iter().chain(&sources[..1]);
    writer.separated(order, ", ", |writer, source| match &select.derived {
        Some(derived) if **source == select.from[0] => {
            writer.push("(");
            write_derived(writer, derived)?;
            writer.push(") AS ");
            writer.identifier(source.name());
            Ok(())
        }
        _ => named(writer, **source),
    })
}

fn joins(writer: &mut SqlWriter<'_>, joins: &[Join]) -> Result<()> {
    let mut rest = joins;
    while let [join, behind @ ..] = rest {
        let held = held(writer, join.source)?;
        if let Some((end, held)) = end_of_link(writer, join, behind)? {
            // what is linked to nothing that holds is as if it were not linked
            writer.push(" LEFT JOIN (");
            named(writer, join.source)?;
            writer.push(" JOIN ");
            named(writer, end.source)?;
            on(writer, &end.on, &held)?;
            writer.push(")");
            on(writer, &join.on, &[])?;
            rest = &behind[1..];
            continue;
        }
        writer.push(match join.kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::Left => " LEFT JOIN ",
        });
        named(writer, join.source)?;
        on(writer, &join.on, &held)?;
        rest = behind;
    }
    Ok(())
}

/// The far end of a link table that is left joined, where conditions hold for it.
fn end_of_link<'j>(
    writer: &SqlWriter<'_>,
    link: &Join,
    behind: &'j [Join],
) -> Result<Option<(&'j Join, Vec<Held>)>> {
    let Some(end) = behind.first() else { return Ok(None) };
    let mut linked = false;
    end.on.sources(&mut |source| linked |= source == link.source);
    if link.kind != JoinKind::Left
        || end.kind != JoinKind::Left
        || !link.source.model.is_link()
        || !linked
    {
        return Ok(None);
    }
    let held = held(writer, end.source)?;
    Ok(if held.is_empty() { None } else { Some((end, held)) })
}

fn on(writer: &mut SqlWriter<'_>, condition: &Node, held: &[Held]) -> Result<()> {
    self::condition(writer, " ON ", std::slice::from_ref(condition), held)
}

/// WHERE: what the statement says, and what holds for the tables in its FROM.
fn filter(writer: &mut SqlWriter<'_>, select: &SelectStatement) -> Result<()> {
    let joined = |source: &Source| select.joins.iter().any(|join| join.source == *source);
    let derived = |place: usize| place == 0 && select.derived.is_some();
    let tables = select.from.iter().enumerate();
    let tables = tables.filter(|(place, source)| !derived(*place) && !joined(source));
    let held = held_for_all(writer, tables.map(|(_, source)| source))?;
    condition(writer, " WHERE ", &select.filter, &held)
}

/// A table under the name that columns of it are called by.
fn named(writer: &mut SqlWriter<'_>, source: Source) -> Result<()> {
    writer.table(source)?;
    if let Some(alias) = source.alias {
        writer.push(" AS ");
        writer.identifier(alias);
    } else if source.table().schema.is_some() {
        writer.push(" AS ");
        writer.identifier(source.name());
    }
    Ok(())
}

/// `keyword a AND b …`, or nothing: conditions that the statement says, and those that hold.
pub(super) fn condition(
    writer: &mut SqlWriter<'_>,
    keyword: &str,
    conditions: &[Node],
    held: &[Held],
) -> Result<()> {
    if conditions.is_empty() && held.is_empty() {
        return Ok(());
    }
    writer.push(keyword);
    match (conditions, held) {
        (conditions, []) => node::joined(writer, conditions, " AND ", "TRUE")?,
        ([], [only]) => holds(writer, only, node::write)?,
        ([], several) => writer
            .separated(several, " AND ", |writer, held| holds(writer, held, node::write_operand))?,
        (conditions, several) => {
            match conditions {
                [only] => node::write_operand(writer, only)?,
                many => node::joined(writer, many, " AND ", "TRUE")?,
            }
            for held in several {
                writer.push(" AND ");
                holds(writer, held, node::write_operand)?;
            }
        }
    }
    Ok(())
}

/// Writes a condition that holds for a mention, of which it sees nothing else.
fn holds(
    writer: &mut SqlWriter<'_>,
    held: &Held,
    write: fn(&mut SqlWriter<'_>, &Node) -> Result<()>,
) -> Result<()> {
    let around = std::mem::replace(&mut writer.outer, vec![held.source]);
    let criteria = std::mem::take(&mut writer.criteria);
    let done = write(writer, &held.condition);
    writer.outer = around;
    writer.criteria = criteria;
    done
}

fn group_by(writer: &mut SqlWriter<'_>, terms: &[Node]) -> Result<()> {
    if terms.is_empty() {
        return Ok(());
    }
    writer.push(" GROUP BY ");
    writer.separated(terms, ", ", node::write)
}

/// `outer`: whether a LEFT JOIN may make NULL of what can't be NULL.
fn order_by(
    writer: &mut SqlWriter<'_>,
    keyword: &str,
    terms: &[OrderBy],
    outer: bool,
) -> Result<()> {
    if terms.is_empty() {
        return Ok(());
    }
    writer.push(keyword);
    writer.separated(terms, ", ", |writer, term| {
        match rank::of(writer, &term.node) {
            Some(ty) => rank::write(writer, ty, |writer| node::write_operand(writer, &term.node))?,
            None => node::write(writer, &term.node)?,
        }
        if term.descending {
            writer.push(" DESC");
        }
        // as on PostgreSQL everywhere: NULL is greater than every value
        let implied = writer.dialect.features.nulls_last || (!outer && never_null(&term.node));
        let first = term.nulls_first.or((!implied).then_some(term.descending));
        match first {
            Some(true) => writer.push(" NULLS FIRST"),
            Some(false) => writer.push(" NULLS LAST"),
            None => {}
        }
        Ok(())
    })
}

/// A column that can't be NULL: nothing is said of NULLs then, so that an index can give the order.
fn never_null(node: &Node) -> bool {
    match node {
        Node::Column(reference) => reference.column().is_some_and(|column| !column.may_be_null()),
        Node::Derived { .. } => true,
        _ => false,
    }
}

/// FOR UPDATE and the like. Without row locks nothing is written: who runs the statement locks the
/// database first, and no row is locked by others then.
fn lock(writer: &mut SqlWriter<'_>, select: &SelectStatement) -> Result<()> {
    let Some(lock) = &select.lock else { return Ok(()) };
    if !writer.dialect.features.row_locks {
        return match lock.wait {
            LockWait::Wait | LockWait::SkipLocked => Ok(()),
            LockWait::NoWait => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "{} has no row locks, and so no `nowait`; leave it out: the \
                     database is locked for other writers",
                    writer.dialect.name
                ),
            )),
        };
    }
    if select.distinct || !select.group_by.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidStatement,
            "`for_update` with `distinct` or `group_by` has no rows of its own to lock; select the \
             keys of these rows first",
        ));
    }
    writer.push(if lock.shared { " FOR SHARE" } else { " FOR UPDATE" });
    if !lock.of.is_empty() {
        writer.push(" OF ");
        writer.separated(&lock.of, ", ", |writer, source| {
            let joined = select.joins.iter().any(|join| join.source == *source);
            if !joined && !select.from.contains(source) {
                return Err(Error::new(
                    ErrorKind::InvalidStatement,
                    format!(
                        "`lock_of` names `{}`, which is not in the statement; join or select it",
                        source.name()
                    ),
                ));
            }
            writer.identifier(source.name());
            Ok(())
        })?;
    }
    writer.push(match lock.wait {
        LockWait::Wait => "",
        LockWait::NoWait => " NOWAIT",
        LockWait::SkipLocked => " SKIP LOCKED",
    });
    Ok(())
}

fn limit(writer: &mut SqlWriter<'_>, select: &SelectStatement) {
    match (select.limit, select.offset) {
        (Some(limit), _) => writer.count(" LIMIT ", limit),
        // SQLite knows OFFSET behind LIMIT only
        (None, Some(_)) if !writer.dialect.features.offset_alone => writer.push(" LIMIT -1"),
        (None, _) => {}
    }
    if let Some(offset) = select.offset {
        writer.count(" OFFSET ", offset);
    }
}
