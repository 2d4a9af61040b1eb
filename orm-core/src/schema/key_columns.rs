//! The columns of keys, known without the tables they belong to: tables that point to one another
//! are resolved one by one.

use super::embedded::leaves;
use super::{FieldMeta, FieldSpec, ModelMeta, ReadKey, names};
use crate::types::ColumnType;

/// One column of a key, before it belongs to a table.
pub(super) struct KeyColumn {
    pub name: String,
    pub ty: ColumnType,
    pub length: Option<u32>,
    pub sql_type: Option<&'static str>,
    pub key: ReadKey,
}

/// The columns of a model's primary key, through the keys it is made of.
pub(super) fn key_columns(
    model: &'static ModelMeta,
    under_way: &mut Vec<&'static ModelMeta>,
) -> Result<Vec<KeyColumn>, String> {
    if under_way.contains(&model) {
        let path: Vec<_> = under_way.iter().chain([&model]).map(|model| model.name).collect();
        return Err(format!(
            "the primary keys of {} are made of one another; give one of them a key of its own",
            path.join(" → ")
        ));
    }
    under_way.push(model);
    let mut columns = Vec::new();
    for field in model.key_fields() {
        columns.extend(field_columns(&model.fields[field], under_way)?);
    }
    under_way.pop();
    Ok(columns)
}

/// The columns of a field, known without the table it belongs to.
pub(super) fn field_columns(
    field: &'static FieldMeta,
    under_way: &mut Vec<&'static ModelMeta>,
) -> Result<Vec<KeyColumn>, String> {
    match field.spec {
        FieldSpec::Collection { .. } => Ok(Vec::new()),
        FieldSpec::Column { ty, key, .. } => Ok(vec![KeyColumn {
            name: names::cut(field.column.unwrap_or(field.name).to_owned()),
            ty,
            length: field.length,
            sql_type: field.sql_type,
            key,
        }]),
        FieldSpec::Embedded { .. } => {
            let columns = leaves(field).into_iter().map(|leaf| KeyColumn {
                name: leaf.name,
                ty: leaf.ty,
                length: leaf.field.length,
                sql_type: leaf.field.sql_type,
                key: leaf.key,
            });
            Ok(columns.collect())
        }
        FieldSpec::Reference { target, .. } => {
            let key = key_columns(target.model(), under_way)?;
            let named = key.into_iter().map(|column| KeyColumn {
                name: names::cut(match field.column {
                    Some(name) => name.to_owned(),
                    None => format!("{}_{}", field.name, column.name),
                }),
                ..column
            });
            Ok(named.collect())
        }
    }
}
