//! From a model's words to its table: names and types of columns, keys, constraints, indexes.
//!
//! Rules:
//! 1. A field's column is called like the field, or as `column = "…"` says.
//! 2. A `Ref` has one column per column of the key it points to, `<field>_<key column>`; where the
//!    key has one column, `column = "…"` names it.
//! 3. Key columns may themselves come from a `Ref`; a chain of keys that leads back to itself is a
//!    contradiction.
//! 4. A foreign key gets an index unless the primary key, a UNIQUE constraint or another index
//!    starts with its columns, or `index = false` is said.

use super::names;
use super::table::{Column, ForeignKey, Index, Table, Unique};
use super::{FieldMeta, FieldSpec, ModelMeta, ReadKey, relationship};
use crate::types::ColumnType;

/// One column of a key, before it belongs to a table.
struct KeyColumn {
    name: String,
    ty: ColumnType,
    length: Option<u32>,
    key: ReadKey,
}

impl Table {
    /// The table of a model; called once per model, by what the derive emits.
    pub fn resolve(model: &'static ModelMeta) -> Table {
        let mut table = Table {
            model,
            schema: model.schema.map(ToOwned::to_owned),
            name: names::cut(model.table.to_owned()),
            columns: Vec::new(),
            primary_key: Vec::new(),
            primary_key_name: names::constraint("pk", model.table, []),
            foreign_keys: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            relationships: Vec::new(),
            problems: Vec::new(),
        };
        for (index, field) in model.fields.iter().enumerate() {
            add_field(&mut table, index, field);
        }
        add_indexes(&mut table);
        relationship::add_all(&mut table);
        table
    }
}

fn add_field(table: &mut Table, index: usize, field: &FieldMeta) {
    let first = table.columns.len();
    match field.spec {
        FieldSpec::Collection { .. } => {}
        FieldSpec::Column { ty, nullable, auto, key } => table.columns.push(Column {
            name: names::cut(field.column.unwrap_or(field.name).to_owned()),
            ty,
            length: field.length,
            nullable,
            auto,
            field: index,
            part: 0,
            key,
        }),
        FieldSpec::Reference { target, nullable } => {
            add_reference(table, index, field, target.model(), nullable);
        }
    }
    let added: Vec<usize> = (first..table.columns.len()).collect();
    if field.primary_key {
        table.primary_key.extend(&added);
    }
    if field.unique {
        let name = names::constraint("uq", &table.name, names_of(table, &added));
        table.uniques.push(Unique { name, columns: added, deferrable: false });
    }
}

fn add_reference(
    table: &mut Table,
    index: usize,
    field: &FieldMeta,
    target: &'static ModelMeta,
    nullable: bool,
) {
    let first = table.columns.len();
    let key = match key_columns(target, &mut vec![]) {
        Ok(key) => key,
        Err(problem) => return table.problems.push(problem),
    };
    if key.len() > 1 && field.column.is_some() {
        table.problems.push(format!(
            "`{}.{}`: `column` names one column, the key of `{}` has {}; leave it out",
            table.model.name,
            field.name,
            target.name,
            key.len()
        ));
    }
    let target_columns = key.iter().map(|column| column.name.clone()).collect();
    for (part, column) in key.into_iter().enumerate() {
        table.columns.push(Column {
            name: names::cut(match field.column {
                Some(name) => name.to_owned(),
                None => format!("{}_{}", field.name, column.name),
            }),
            ty: column.ty,
            length: column.length,
            nullable,
            auto: false,
            field: index,
            part,
            key: column.key,
        });
    }
    let columns: Vec<usize> = (first..table.columns.len()).collect();
    table.foreign_keys.push(ForeignKey {
        name: names::constraint("fk", &table.name, names_of(table, &columns)),
        field: index,
        columns,
        target,
        target_columns,
        nullable,
        on_delete: field.on_delete,
        on_update: field.on_update_key,
    });
}

/// The columns of a model's primary key, through the keys it is made of.
fn key_columns(
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
    for field in model.fields.iter().filter(|field| field.primary_key) {
        let own = field.column.map(ToOwned::to_owned);
        match field.spec {
            FieldSpec::Collection { .. } => {}
            FieldSpec::Column { ty, key, .. } => columns.push(KeyColumn {
                name: names::cut(own.unwrap_or_else(|| field.name.to_owned())),
                ty,
                length: field.length,
                key,
            }),
            FieldSpec::Reference { target, .. } => {
                for column in key_columns(target.model(), under_way)? {
                    let name = own.clone();
                    columns.push(KeyColumn {
                        name: names::cut(
                            name.unwrap_or_else(|| format!("{}_{}", field.name, column.name)),
                        ),
                        ..column
                    });
                }
            }
        }
    }
    under_way.pop();
    Ok(columns)
}

fn add_indexes(table: &mut Table) {
    for (position, field) in table.model.fields.iter().enumerate() {
        let columns: Vec<usize> = table.columns_of(position).collect();
        let reference = matches!(field.spec, FieldSpec::Reference { .. });
        let wanted = field.index.unwrap_or(reference);
        if !wanted || columns.is_empty() || (reference && starts_an_index(table, &columns)) {
            continue;
        }
        let name = names::constraint("ix", &table.name, names_of(table, &columns));
        table.indexes.push(Index { name, columns });
    }
}

fn starts_an_index(table: &Table, columns: &[usize]) -> bool {
    table.primary_key.starts_with(columns)
        || table.uniques.iter().any(|unique| unique.columns.starts_with(columns))
        || table.indexes.iter().any(|index| index.columns.starts_with(columns))
}

fn names_of<'t>(table: &'t Table, columns: &[usize]) -> Vec<&'t str> {
    columns.iter().map(|&index| table.columns[index].name.as_str()).collect()
}
