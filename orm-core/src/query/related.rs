//! The statements that load what relationships lead to.

use crate::error::Result;
use crate::expression::connection;
use crate::schema::{ModelMeta, Relationship, RelationshipKind, Table};
use crate::statement::{ColumnRef, Node, OrderBy, SelectStatement, Selected, Source};
use crate::types::{ColumnType, Key, KeyParts, RowReader, Value, decode_error};

/// SELECT of the rows of a model with these keys.
pub fn targets_statement(target: &'static ModelMeta, keys: &[Key]) -> SelectStatement {
    let to = Source::of(target);
    SelectStatement {
        selected: vec![Selected::Entity { source: to, optional: false }],
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
    let to = Source::of(relationship.target);
    let types = key_types(from.table());
    let mut statement = SelectStatement { from: vec![to], ..SelectStatement::default() };
    let owner: Vec<Node> = match relationship.kind {
        RelationshipKind::ManyToOne => Vec::new(),
        RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference } => {
            columns(to, reference)
        }
        RelationshipKind::ManyToMany { link, own, .. } => {
            let link_source = Source::of(link);
            statement.from.push(link_source);
            statement.filter.push(connection(relationship, from, to).on);
            columns(link_source, own)
        }
    };
    statement.filter.push(key_in(owner.clone(), types.clone(), keys));
    for (node, ty) in owner.into_iter().zip(types) {
        statement.selected.push(Selected::Node { node, ty, optional: false });
    }
    statement.selected.push(Selected::Entity { source: to, optional: false });
    let sorted = relationship.order_by.iter().flat_map(|&(field, descending)| {
        columns(to, field).into_iter().map(move |node| (node, descending))
    });
    let by_key = Node::key_of(to).into_iter().map(|node| (node, false));
    statement.order_by = sorted
        .chain(by_key)
        .map(|(node, descending)| OrderBy { node, descending, nulls_first: None })
        .collect();
    statement
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
