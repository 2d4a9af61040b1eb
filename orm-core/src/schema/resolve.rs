//! From a model's words to its table: names and types of columns, and what `Ref`s point to.
//!
//! Rules:
//! 1. A field's column is called like the field, or as `column = "…"` says.
//! 2. A `Ref` has one column per column of the key it points to, `<field>_<key column>`; where the
//!    key has one column, `column = "…"` names it.
//! 3. An embedded struct has the columns of its fields, `<prefix><column>`, the prefix being
//!    `<field>_` unless `prefix = "…"` says another.
//! 4. Key columns may themselves come from a `Ref`; a chain of keys that leads back to itself is a
//!    contradiction.

use super::embedded::leaves;
use super::key_columns::key_columns;
use super::table::{Column, ForeignKey, Table};
use super::{FieldMeta, FieldSpec, ModelMeta, constraints, names, relationship};

impl Table {
    /// The table of a model; called once per model, by what the derive emits.
    pub fn resolve(model: &'static ModelMeta) -> Table {
        let mut table = Table {
            model,
            schema: model.schema.map(|schema| names::cut(schema.to_owned())),
            name: names::cut(model.table.to_owned()),
            called: names::cut(match model.schema {
                Some(schema) => format!("{schema}.{}", model.table),
                None => model.table.to_owned(),
            }),
            columns: Vec::new(),
            read: Vec::new(),
            starts: Vec::new(),
            primary_key: Vec::new(),
            version: None,
            primary_key_name: names::constraint("pk", model.table, []),
            foreign_keys: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            relationships: Vec::new(),
            view_only: Vec::new(),
            problems: Vec::new(),
        };
        for (index, field) in model.fields.iter().enumerate() {
            add_field(&mut table, index, field);
        }
        mark_variants(&mut table);
        place_columns(&mut table);
        let version = model.fields.iter().position(|field| field.version);
        table.version = version.and_then(|field| table.columns_of(field).next());
        constraints::add_all(&mut table);
        relationship::add_all(&mut table);
        table
    }
}

/// Tells the columns that one variant alone has: rows of others are given no value.
fn mark_variants(table: &mut Table) {
    for column in &mut table.columns {
        if table.model.fields[column.field].variant.is_some() {
            column.of_variant = true;
            column.server_default = None;
        }
    }
}

/// Tells each column that is read with its row where it is in it.
fn place_columns(table: &mut Table) {
    for (index, column) in table.columns.iter_mut().enumerate() {
        column.place = Some(table.read.len());
        table.read.push(index);
    }
    if !table.model.variants().is_empty() {
        let start = |field: usize| {
            let first = table.columns_of(field).find_map(|index| table.columns[index].place);
            first.unwrap_or_default() // a collection, of which nothing is read
        };
        table.starts = (0..table.model.fields.len()).map(start).collect();
    }
}

fn add_field(table: &mut Table, index: usize, field: &'static FieldMeta) {
    match field.spec {
        FieldSpec::Collection { .. } => {}
        FieldSpec::Column { ty, nullable, auto, key } => table.columns.push(Column {
            name: names::cut(field.column.unwrap_or(field.name).to_owned()),
            ty,
            length: field.length,
            nullable,
            together: false,
            auto: auto && field.computed.is_none(),
            sql_type: field.sql_type,
            server_default: field.server_default,
            triggered: field.triggered,
            computed: field.computed,
            system: field.system,
            comment: field.comment,
            field: index,
            part: 0,
            place: None,
            of_variant: false,
            key,
        }),
        FieldSpec::Embedded { .. } => add_embedded(table, index, field),
        FieldSpec::Reference { target, nullable } => {
            add_reference(table, index, field, target.model(), nullable);
        }
    }
}

fn add_embedded(table: &mut Table, index: usize, field: &'static FieldMeta) {
    let columns = leaves(field).into_iter().enumerate().map(|(part, leaf)| Column {
        name: leaf.name,
        ty: leaf.ty,
        length: leaf.field.length,
        nullable: leaf.nullable,
        together: leaf.optional
            && !matches!(leaf.field.spec, FieldSpec::Column { nullable: true, .. }),
        auto: false,
        sql_type: leaf.field.sql_type,
        // a row that is given none of them has no value
        server_default: leaf.field.server_default.filter(|_| !leaf.optional),
        triggered: false,
        computed: None,
        system: false,
        comment: leaf.field.comment,
        field: index,
        part,
        place: None,
        of_variant: false,
        key: leaf.key,
    });
    table.columns.extend(columns);
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
    if key.len() > 1 && field.server_default.is_some() {
        table.problems.push(format!(
            "`{}.{}`: `server_default` is the value of one column, the key of `{}` has {}; leave it \
             out",
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
            together: false,
            auto: false,
            sql_type: column.sql_type,
            server_default: field.server_default,
            triggered: false,
            computed: None,
            system: false,
            comment: field.comment,
            field: index,
            part,
            place: None,
            of_variant: false,
            key: column.key,
        });
    }
    let columns: Vec<usize> = (first..table.columns.len()).collect();
    table.foreign_keys.push(ForeignKey {
        name: constraints::named(table, "fk", None, &columns),
        field: Some(index),
        columns,
        target,
        target_columns,
        nullable,
        on_delete: field.on_delete,
        on_update: field.on_update_key,
    });
}
