//! The order of labels where the database knows them as text only: a CASE that counts them, so that
//! values sort and compare in the order of the enum's variants on every database.

use super::{SqlWriter, quoted_text};
use crate::error::Result;
use crate::statement::Node;
use crate::types::{ColumnType, EnumType};

/// The enum that an expression is of, where the database does not sort its labels by itself.
pub(super) fn of(writer: &SqlWriter<'_>, node: &Node) -> Option<&'static EnumType> {
    if writer.dialect.features.enum_types.is_some() {
        return None;
    }
    let ty = match node {
        Node::Column(reference) => reference.column()?.ty,
        Node::Value { ty, .. } | Node::Aggregate { ty, .. } => *ty,
        Node::Scalar(select) => match &select.selected[..] {
            [crate::statement::Selected::Node { ty, .. }] => *ty,
            _ => return None,
        },
        _ => return None,
    };
    match ty {
        ColumnType::Enum(ty) => Some(ty),
        _ => None,
    }
}

/// `CASE x WHEN 'draft' THEN 1 …`: the place of what `label` writes.
pub(super) fn write<'a>(
    writer: &mut SqlWriter<'a>,
    ty: &EnumType,
    label: impl FnOnce(&mut SqlWriter<'a>) -> Result<()>,
) -> Result<()> {
    writer.push("CASE ");
    label(writer)?;
    for (place, label) in ty.labels.iter().enumerate() {
        let arm = format!(" WHEN {} THEN {}", quoted_text(label), place + 1);
        writer.push(&arm);
    }
    writer.push(" END");
    Ok(())
}

/// `CASE n WHEN 1 THEN 'draft' …`: the label at the place that `place` writes.
pub(super) fn write_label<'a>(
    writer: &mut SqlWriter<'a>,
    ty: &EnumType,
    place: impl FnOnce(&mut SqlWriter<'a>) -> Result<()>,
) -> Result<()> {
    writer.push("CASE ");
    place(writer)?;
    for (place, label) in ty.labels.iter().enumerate() {
        let arm = format!(" WHEN {} THEN {}", place + 1, quoted_text(label));
        writer.push(&arm);
    }
    writer.push(" END");
    Ok(())
}
