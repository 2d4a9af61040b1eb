//! CREATE TYPE and DROP TYPE of enums, before and after the tables, where the database has such
//! types; and the CHECK that stands for them where it has not.

use super::Name;
use crate::compile::{quoted, quoted_text};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Column, Schema, Table, names};
use crate::types::{ColumnType, EnumType};
use std::collections::HashMap;

/// The enum types that exist already, named as tables are, with their labels.
pub type ExistingTypes = HashMap<Name, Vec<String>>;

fn full_name(ty: &EnumType) -> Name {
    (ty.schema.map(str::to_owned), ty.name.to_owned())
}

/// The statements that create the enum types of `schema` that do not exist.
///
/// # Errors
/// `Configuration` for one that exists with other labels.
pub fn create_types(
    schema: &Schema,
    existing: &ExistingTypes,
    dialect: &Dialect,
) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    if dialect.features.enum_types.is_none() {
        return Ok(statements);
    }
    for ty in schema.enum_types() {
        match existing.get(&full_name(ty)) {
            Some(labels) if labels == ty.labels => {}
            Some(labels) => return Err(other_labels(ty, labels)),
            None => {
                if let Some(schema) = ty.schema {
                    statements.push(format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema)));
                }
                statements.push(format!(
                    "CREATE TYPE {} AS ENUM ({})",
                    (dialect.type_name)(ColumnType::Enum(ty), None),
                    literals(ty)
                ));
            }
        }
    }
    Ok(statements)
}

/// The statements that drop the enum types of `schema` that exist, when their tables are gone.
pub fn drop_types(schema: &Schema, existing: &ExistingTypes, dialect: &Dialect) -> Vec<String> {
    let types = schema.enum_types();
    let present = types.iter().filter(|ty| existing.contains_key(&full_name(ty)));
    present
        .map(|ty| format!("DROP TYPE {}", (dialect.type_name)(ColumnType::Enum(ty), None)))
        .collect()
}

/// The CHECK of a column of labels that is text.
pub(super) fn label_check(table: &Table, column: &Column, dialect: &Dialect) -> Option<String> {
    let ColumnType::Enum(ty) = column.ty else { return None };
    if dialect.features.enum_types.is_some() {
        return None;
    }
    let check = names::label(table, column);
    Some(format!(
        "CONSTRAINT {} CHECK ({} IN ({}))",
        quoted(&check),
        quoted(&column.name),
        literals(ty)
    ))
}

fn literals(ty: &EnumType) -> String {
    let labels: Vec<String> = ty.labels.iter().map(|label| quoted_text(label)).collect();
    labels.join(", ")
}

fn other_labels(ty: &EnumType, there: &[String]) -> Error {
    let shown = |labels: &[&str]| -> String {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        labels.join(", ")
    };
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    Error::new(
        ErrorKind::Configuration,
        format!(
            "the type `{}` exists with the labels {}, the enum has {}; alter the type (ALTER TYPE … \
             ADD VALUE), or give the enum another name by `#[orm(name = \"…\")]`",
            ty.full_name(),
            shown(&there),
            shown(ty.labels)
        ),
    )
}
