//! Columns that are set to expressions: sent behind the batches of a flush, which write what else was
//! changed in these rows and check their versions.
//!
//! 1. Objects of a model whose columns are set to the same go together, in one UPDATE; the database
//!    evaluates it for each row as it is then, whoever changed it.
//! 2. The values come back with it, and what the database computes from them.
//! 3. Fewer rows than objects is [`ErrorKind::Stale`], naming the objects.

use super::super::apart::unload;
use super::super::identity_map::{IdentityMap, ObjectId};
use super::evaluated::Evaluated;
use super::missing::named;
use super::returned;
use crate::engine::transaction::{Plan, Transaction};
use crate::faults::{Fault, planted};
use orm_core::compile::compile;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::query::Statement;
use orm_core::schema::{ColumnRef, ModelMeta, Source};
use orm_core::statement::{Criteria, LeftOut, Node, Parameters, SetColumn, UpdateStatement};
use orm_core::types::{ColumnType, KeptCell, Key, decode_error};
use rustc_hash::FxHashMap;

/// The most rows of a statement where keys travel one by one.
const ROWS_PER_UPDATE: usize = 500;

/// Sends a batch and takes its values over.
pub(super) fn send(
    map: &mut IdentityMap,
    batch: &Evaluated,
    transaction: &mut Transaction,
) -> Result<()> {
    let most = if transaction.dialect().features.array_parameters {
        batch.objects.len()
    } else {
        ROWS_PER_UPDATE
    };
    for objects in batch.objects.chunks(most.max(1)) {
        let sent = send_part(map, batch, objects, transaction);
        sent.map_err(|error| match error.kind() {
            ErrorKind::Stale => error,
            _ => error.with_context(format!("while updating {}", named(map, objects))),
        })?;
    }
    Ok(())
}

fn send_part(
    map: &mut IdentityMap,
    batch: &Evaluated,
    objects: &[ObjectId],
    transaction: &mut Transaction,
) -> Result<()> {
    let meta = map.models[batch.model].meta;
    let (source, table) = (Source::of(meta), meta.table());
    let set = batch.set.iter().filter_map(|(index, node)| {
        Some(SetColumn { column: ColumnRef::of(source, *index)?, value: node.clone() })
    });
    let statement = UpdateStatement {
        source,
        set: set.collect(),
        filter: vec![with_keys(map, objects, source)],
        left_out: LeftOut::NOTHING,
    };
    let statement = Statement::Update { statement: &statement, returning: true };
    let no_handle = |_, meta: &'static ModelMeta| {
        Err(Error::new(
            ErrorKind::InvalidStatement,
            format!("a handle of `{}` in an expression; give its key", meta.name),
        ))
    };
    let compiled = compile(statement, transaction.dialect(), &no_handle, &Criteria::NONE)?;
    let key = &table.primary_key;
    let (deferred, set): (Vec<usize>, Vec<usize>) =
        batch.set.iter().map(|&(index, _)| index).partition(|&set| table.column(set).is_deferred());
    let columns: Vec<usize> = set.into_iter().chain(table.computed()).collect();
    let mut back: FxHashMap<Key, Vec<KeptCell>> = FxHashMap::default();
    let parameters = Parameters::Values(&compiled.parameters);
    transaction.query(&compiled.sql, parameters, Plan::Cached, &mut |row| {
        let cells = returned::cells(key.len(), key.len() + columns.len(), row);
        back.extend(returned::key(table, key, row)?.map(|key| (key, cells)));
        Ok(())
    })?;
    let mut gone = Vec::new();
    for &id in objects {
        let cells = map.entry(id).key.as_ref().and_then(|key| back.remove(key));
        let (Some(cells), Some(object)) = (cells, map.object_mut(id)) else {
            gone.push(id);
            continue;
        };
        if !planted(Fault::ExpressionNotTold) {
            take_in(object, &columns, &cells)?;
        }
        // what came of it is read when it is asked for
        for &index in &deferred {
            unload(map, id, table.column(index).field);
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    map.doubted.extend(&gone);
    Err(Error::new(
        ErrorKind::Stale,
        format!(
            "no row of `{}` was updated for {}: what was read has been deleted, or given another key, \
             since, by another transaction or by SQL text in this one; roll back, and `get` what is \
             still there",
            table.full_name(),
            named(map, &gone)
        ),
    ))
}

/// Puts what the database made of some columns into an object.
fn take_in(object: &mut dyn Object, columns: &[usize], cells: &[KeptCell]) -> Result<()> {
    let table = object.table();
    for (&index, cell) in columns.iter().zip(cells) {
        let column = table.column(index);
        let read = object.field_mut(column.field).decode(column.part, cell.lend());
        read.map_err(|why| decode_error(&column.name, &why))?;
    }
    Ok(())
}

/// The rows of these objects.
fn with_keys(map: &IdentityMap, objects: &[ObjectId], source: Source) -> Node {
    let table = source.table();
    let types: Vec<ColumnType> =
        table.primary_key.iter().map(|&index| table.column(index).ty).collect();
    let keys = objects.iter().filter_map(|&id| map.entry(id).key.as_ref());
    let mut operands = Node::key_of(source);
    if let ([ty], Some(operand), true) = (&types[..], operands.pop(), operands.is_empty()) {
        let values = keys.map(|key| key.value(0, *ty)).collect();
        return Node::In { operand: Box::new(operand), ty: *ty, values, negated: false };
    }
    let row = |key: &Key| types.iter().enumerate().map(|(part, &ty)| key.value(part, ty)).collect();
    let rows = keys.map(row).collect();
    Node::InRows { operands: Node::key_of(source), types, rows, negated: false }
}
