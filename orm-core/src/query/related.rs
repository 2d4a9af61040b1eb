//! The statements that load what relationships lead to.

use crate::error::Result;
use crate::expression::{connection, own_condition};
use crate::schema::{ModelMeta, Relationship, RelationshipKind, Table};
use crate::statement::{
    ColumnRef, ComparisonOperator, Derived, Node, OrderBy, PartNode, SelectStatement, Selected,
    Source,
};
use crate::types::{ColumnType, Key, KeyParts, RowReader, Value, decode_error};

/// SELECT of the rows of a model with these keys.
pub fn targets_statement(target: &'static ModelMeta, keys: &[Key]) -> SelectStatement {
    let to = Source::of(target);
    SelectStatement {
        selected: vec![Selected::entity(to)],
        from: vec![to],
        filter: vec![key_in(Node::key_of(to), key_types(to.table()), keys)],
        ..SelectStatement::default()
    }
}

/// Reads the owner's key from the first columns of a row.
pub fn owner_key(table: &Table, width: usize, row: &RowReader<'_>) -> Result<Option<Key>> {
    let mut parts = KeyParts::default();
    for position in 0..width {
        let column = table.column(table.primary_key[position]);
        let part = (column.key)(row.peek(position))
            .map_err(|mismatch| decode_error(&column.name, &mismatch))?;
        parts.add(part);
    }
    Ok(parts.finish())
}

/// SELECT of the owner's key and the member, of all owners with these keys.
pub fn collection_statement(
    relationship: &Relationship,
    from: Source,
    keys: &[Key],
) -> SelectStatement {
    let mut statement = members_statement(relationship, from, keys);
    statement.order_by = order_of(relationship, Source::of(relationship.target));
    statement
}

/// SELECT of the owner's key and the member, of a part of the collections of owners with these
/// keys. What is limited is counted per owner, in one statement: rows are numbered among those of
/// their owner, and kept by their number.
pub fn part_statement(
    relationship: &Relationship,
    part: &PartNode,
    keys: &[Key],
) -> SelectStatement {
    let to = Source::of(relationship.target);
    let mut statement = members_statement(relationship, part.start, keys);
    statement.filter.extend(part.filter.iter().cloned());
    let mut order_by = part.order_by.clone();
    order_by.extend(order_of(relationship, to));
    if part.limit.is_none() && part.offset.is_none() {
        statement.order_by = order_by;
        return statement;
    }
    let ranked = Source::named(to.model, Some("ranked"));
    let place = || Node::Derived { source: ranked, name: Derived::PLACE };
    let counted = |operator, rows: u64| Node::Comparison {
        operator,
        left: Box::new(place()),
        right: Box::new(Node::Value {
            ty: ColumnType::BigInt,
            value: Value::Int(i64::try_from(rows).unwrap_or(i64::MAX)),
        }),
    };
    let mut kept = Vec::new();
    let offset = part.offset.unwrap_or_default();
    if offset > 0 {
        kept.push(counted(ComparisonOperator::Greater, offset));
    }
    if let Some(limit) = part.limit {
        kept.push(counted(ComparisonOperator::LessOrEqual, offset.saturating_add(limit)));
    }
    let mut partition = Vec::new();
    let mut selected = Vec::new();
    for known in &statement.selected {
        match known {
            Selected::Node { node, ty, optional } => {
                let name = Derived::NAMES.get(partition.len()).copied().unwrap_or_default();
                partition.push(node.clone());
                let node = Node::Derived { source: ranked, name };
                selected.push(Selected::Node { node, ty: *ty, optional: *optional });
            }
            Selected::Entity { .. } => {
                selected.push(Selected::entity(ranked));
            }
        }
    }
    SelectStatement {
        selected,
        from: vec![ranked],
        filter: kept,
        order_by: vec![OrderBy { node: place(), descending: false, nulls_first: None }],
        derived: Some(Box::new(Derived { select: statement, partition, numbered_by: order_by })),
        ..SelectStatement::default()
    }
}

/// SELECT of the owner's key and the member, in no order.
fn members_statement(relationship: &Relationship, from: Source, keys: &[Key]) -> SelectStatement {
    let to = Source::of(relationship.target);
    let types = key_types(from.table());
    let mut statement = SelectStatement { from: vec![to], ..SelectStatement::default() };
    let owner: Vec<Node> = match relationship.kind {
        RelationshipKind::ManyToOne => Vec::new(),
        RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference } => {
            statement.filter.extend(own_condition(relationship, to));
            columns(to, reference)
        }
        RelationshipKind::ManyToMany { link, own, .. } => {
            let link_source = Source::of(link);
            let from = Source::of(from.model);
            statement.from.push(link_source);
            statement.filter.push(connection(relationship, from, to).on);
            columns(link_source, own)
        }
    };
    statement.filter.push(key_in(owner.clone(), types.clone(), keys));
    for (node, ty) in owner.into_iter().zip(types) {
        statement.selected.push(Selected::Node { node, ty, optional: false });
    }
    statement.selected.push(Selected::entity(to));
    statement
}

/// The order of a collection whose members come from `to`: what `order_by` says, then the key.
pub fn order_of(relationship: &Relationship, to: Source) -> Vec<OrderBy> {
    let sorted = relationship.order_by.iter().flat_map(|&(field, descending)| {
        columns(to, field).into_iter().map(move |node| (node, descending))
    });
    let by_key = Node::key_of(to).into_iter().map(|node| (node, false));
    sorted
        .chain(by_key)
        .map(|(node, descending)| OrderBy { node, descending, nulls_first: None })
        .collect()
}

fn columns(source: Source, field: usize) -> Vec<Node> {
    let parts = source.table().columns_of(field).count();
    let field = u16::try_from(field).unwrap_or(u16::MAX);
    let part = |part| u16::try_from(part).unwrap_or(u16::MAX);
    (0..parts).map(|p| Node::Column(ColumnRef { source, field, part: part(p) })).collect()
}

fn key_types(table: &Table) -> Vec<ColumnType> {
    table.primary_key.iter().map(|&index| table.column(index).ty).collect()
}

/// `key IN (keys)`.
fn key_in(mut operands: Vec<Node>, types: Vec<ColumnType>, keys: &[Key]) -> Node {
    if let ([ty], 1) = (&types[..], operands.len()) {
        let values: Vec<Value> = keys.iter().map(|key| key.value(0, *ty)).collect();
        let operand = Box::new(operands.remove(0));
        return Node::In { operand, ty: *ty, values, negated: false };
    }
    let row = |key: &Key| types.iter().enumerate().map(|(part, &ty)| key.value(part, ty)).collect();
    let rows = keys.iter().map(row).collect();
    Node::InRows { operands, types, rows, negated: false }
}
