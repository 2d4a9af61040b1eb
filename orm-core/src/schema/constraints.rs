//! Keys, constraints and indexes of a table whose columns are known.
//!
//! Rules:
//! 1. A list of fields stands for their columns; a `Ref` in it for all of its columns.
//! 2. A foreign key gets an index unless the primary key, a UNIQUE constraint or another index (of
//!    all rows) starts with its columns, or `index = false` is said of its field.
//! 3. What is said of a field of an embedded struct is said of its column; `{column}` in its CHECK is
//!    that column's name. Of one that is an `Option` a CHECK says that it is there as a whole or not.
//! 4. Names are made of the columns where none is said (`names`); that of a CHECK of what it is
//!    called, or of its column.

use super::embedded::{COLUMN, leaves};
use super::key_columns::{KeyColumn, field_columns};
use super::table::{Check, Column, ForeignKey, Index, Table, Unique};
use super::{FieldMeta, FieldSpec, ForeignKeyMeta, IndexMeta, names, variants};
use crate::dialect::quoted;

/// Adds what the attributes of the fields and of the struct say, foreign keys of `Ref`s excepted.
pub(super) fn add_all(table: &mut Table) {
    let declared = table.model.declared;
    for field in table.model.key_fields() {
        let columns: Vec<usize> = table.columns_of(field).collect();
        table.primary_key.extend(columns);
    }
    if table.model.is_read_only() {
        return; // a view has no constraints and no indexes
    }
    for Said { field, columns } in said(table) {
        if let (Some(sql), Some(&position)) = (field.check, columns.first()) {
            let column = &table.columns[position];
            let name = column.name.clone();
            let sql = match table.model.fields[column.field].spec {
                FieldSpec::Embedded { .. } => sql.replace(COLUMN, &quoted(&name)),
                _ => sql.to_owned(),
            };
            add_check(table, &name, sql, Some(position));
        }
        if field.unique {
            add_unique(table, columns, None, field.deferrable);
        }
    }
    add_wholes(table);
    for unique in declared.uniques {
        let columns = columns_of_all(table, unique.fields);
        add_unique(table, columns, unique.name, unique.deferrable);
    }
    for check in declared.checks {
        add_check(table, check.name, check.sql.to_owned(), None);
    }
    for key in declared.foreign_keys {
        add_foreign_key(table, key);
    }
    for index in declared.indexes {
        add_index(table, index);
    }
    add_indexes_of_fields(table);
    variants::add_checks(table);
}

/// A field of which attributes say something, and its columns: of the model, or of a struct embedded
/// in it.
struct Said {
    field: &'static FieldMeta,
    columns: Vec<usize>,
}

fn said(table: &Table) -> Vec<Said> {
    let mut said = Vec::new();
    for (index, field) in table.model.fields.iter().enumerate() {
        let columns = table.columns_of(index);
        match field.spec {
            FieldSpec::Embedded { .. } => {
                let leaves = leaves(field).into_iter().zip(columns);
                said.extend(
                    leaves.map(|(leaf, column)| Said { field: leaf.field, columns: vec![column] }),
                );
            }
            FieldSpec::Column { .. }
            | FieldSpec::Reference { .. }
            | FieldSpec::Collection { .. } => {
                said.push(Said { field, columns: columns.collect() });
            }
        }
    }
    said
}

fn add_unique(table: &mut Table, columns: Vec<usize>, name: Option<&str>, deferrable: bool) {
    let name = named(table, "uq", name, &columns);
    table.uniques.push(Unique { name, columns, deferrable });
}

/// Structs embedded as an `Option` are there or not: `None` is NULL in all columns, and what is there by
/// half can't be read.
fn add_wholes(table: &mut Table) {
    let mut found = Vec::new();
    for (index, field) in table.model.fields.iter().enumerate() {
        if let FieldSpec::Embedded { fields, nullable } = field.spec {
            let columns: Vec<usize> = table.columns_of(index).collect();
            wholes((fields, nullable), &columns, field.name, &mut found);
        }
    }
    for Whole { path, all, needed } in found {
        let each = |columns: &[usize], is: &str| {
            let column = |&index: &usize| format!("{} {is}", quoted(&table.column(index).name));
            columns.iter().map(column).collect::<Vec<String>>().join(" AND ")
        };
        let sql = format!("({}) OR ({})", each(&all, "IS NULL"), each(&needed, "IS NOT NULL"));
        add_check(table, &path, sql, None);
    }
}

/// An `Option` of an embedded struct: its columns, and those that every value has.
struct Whole {
    path: String,
    all: Vec<usize>,
    needed: Vec<usize>,
}

/// The columns that every value of a struct has; what of it is an `Option` is added.
fn wholes(
    (fields, nullable): (&'static [FieldMeta], bool),
    columns: &[usize],
    path: &str,
    found: &mut Vec<Whole>,
) -> Vec<usize> {
    let mut needed = Vec::new();
    let mut first = 0;
    for field in fields {
        let own = columns.get(first..first + field.spec.width()).unwrap_or_default();
        first += own.len();
        match field.spec {
            FieldSpec::Column { nullable: false, .. } => needed.extend(own),
            FieldSpec::Embedded { fields, nullable } => {
                let path = format!("{path}_{}", field.name);
                let inner = wholes((fields, nullable), own, &path, found);
                needed.extend(inner.into_iter().filter(|_| !nullable));
            }
            FieldSpec::Column { nullable: true, .. }
            | FieldSpec::Reference { .. }
            | FieldSpec::Collection { .. } => {}
        }
    }
    if nullable && columns.len() > 1 && !needed.is_empty() {
        found.push(Whole { path: path.to_owned(), all: columns.to_vec(), needed: needed.clone() });
    }
    needed
}

fn add_check(table: &mut Table, name: &str, sql: String, column: Option<usize>) {
    let name = names::constraint("ck", &table.name, [name]);
    table.checks.push(Check { name, sql, column });
}

fn add_index(table: &mut Table, index: &IndexMeta) {
    let mut columns = Vec::new();
    let mut falling = Vec::new();
    for &(field, is_falling) in index.fields {
        columns.extend(table.columns_of(field));
        falling.resize(columns.len(), is_falling);
    }
    let prefix = if index.unique { "uq" } else { "ix" };
    let name = named(table, prefix, index.name, &columns);
    let (unique, filter) = (index.unique, index.filter);
    let filter_columns = filter.map(|filter| columns_named(table, filter)).unwrap_or_default();
    table.indexes.push(Index { name, columns, falling, unique, filter, filter_columns });
}

/// The columns whose names stand in a condition, as words or in quotes. One too many does no harm.
fn columns_named(table: &Table, filter: &str) -> Vec<usize> {
    let is_word = |character: char| character.is_alphanumeric() || "_$".contains(character);
    let words: Vec<&str> = filter.split(|character| !is_word(character)).collect();
    let named = |column: &Column| {
        words.iter().any(|word| word.eq_ignore_ascii_case(&column.name))
            || filter.contains(&quoted(&column.name))
    };
    let columns = table.columns.iter().enumerate();
    columns.filter(|(_, column)| named(column)).map(|(index, _)| index).collect()
}

fn add_foreign_key(table: &mut Table, key: &ForeignKeyMeta) {
    let target = key.target.model();
    let columns = columns_of_all(table, key.fields);
    let mut target_columns: Vec<KeyColumn> = Vec::new();
    for name in key.target_fields {
        let Some(field) = target.fields.iter().find(|field| field.name == *name) else { continue };
        match field_columns(field, &mut vec![]) {
            Ok(found) => target_columns.extend(found),
            Err(problem) => return table.problems.push(problem),
        }
    }
    let place = || {
        let names: Vec<&str> = key.fields.iter().map(|&f| table.model.fields[f].name).collect();
        format!("`foreign_key({})` of `{}`", names.join(", "), table.model.name)
    };
    if columns.len() != target_columns.len() {
        let problem = format!(
            "{}: {} columns point to {} of `{}`; name as many",
            place(),
            columns.len(),
            target_columns.len(),
            target.name
        );
        return table.problems.push(problem);
    }
    for (&column, other) in columns.iter().zip(&target_columns) {
        let own = &table.columns[column];
        if own.ty != other.ty {
            let problem = format!(
                "{}: `{}` is {:?}, `{}` of `{}` is {:?}; make them one type",
                place(),
                own.name,
                own.ty,
                other.name,
                target.name,
                other.ty
            );
            return table.problems.push(problem);
        }
    }
    table.foreign_keys.push(ForeignKey {
        name: named(table, "fk", key.name, &columns),
        field: None,
        nullable: columns.iter().all(|&index| table.columns[index].nullable),
        columns,
        target,
        target_columns: target_columns.into_iter().map(|column| column.name).collect(),
        on_delete: key.on_delete,
        on_update: key.on_update,
    });
}

/// The indexes that fields ask for, and those that foreign keys get unasked.
fn add_indexes_of_fields(table: &mut Table) {
    for Said { field, columns } in said(table) {
        let reference = matches!(field.spec, FieldSpec::Reference { .. });
        let wanted = field.index.unwrap_or(reference);
        if wanted && !columns.is_empty() && !(reference && starts_an_index(table, &columns)) {
            add_plain_index(table, columns);
        }
    }
    let declared: Vec<Vec<usize>> = table
        .foreign_keys
        .iter()
        .filter(|key| key.field.is_none())
        .map(|key| key.columns.clone())
        .collect();
    for columns in declared {
        if !starts_an_index(table, &columns) {
            add_plain_index(table, columns);
        }
    }
}

fn add_plain_index(table: &mut Table, columns: Vec<usize>) {
    let name = named(table, "ix", None, &columns);
    let falling = vec![false; columns.len()];
    table.indexes.push(Index {
        name,
        columns,
        falling,
        unique: false,
        filter: None,
        filter_columns: Vec::new(),
    });
}

fn starts_an_index(table: &Table, columns: &[usize]) -> bool {
    let whole = |index: &&Index| index.filter.is_none();
    table.primary_key.starts_with(columns)
        || table.uniques.iter().any(|unique| unique.columns.starts_with(columns))
        || table.indexes.iter().filter(whole).any(|index| index.columns.starts_with(columns))
}

fn columns_of_all(table: &Table, fields: &[usize]) -> Vec<usize> {
    fields.iter().flat_map(|&field| table.columns_of(field)).collect()
}

/// The name that is said, or one made of the columns'.
pub(super) fn named(table: &Table, prefix: &str, said: Option<&str>, columns: &[usize]) -> String {
    match said {
        Some(name) => names::cut(name.to_owned()),
        None => {
            let columns = columns.iter().map(|&index| table.columns[index].name.as_str());
            names::constraint(prefix, &table.name, columns)
        }
    }
}
