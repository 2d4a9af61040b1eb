//! The columns of an embedded struct, through the structs embedded in it.
//!
//! They are counted by `part`, in the order of the fields. Their names begin with the prefixes of the
//! fields that lead to them.

use super::{FieldMeta, FieldSpec, ReadKey, names};
use crate::types::ColumnType;

/// Stands for the column's name in a CHECK of an embedded struct, which knows no prefix.
pub(super) const COLUMN: &str = "{column}";

/// One column of an embedded struct.
pub(super) struct Leaf {
    /// The field that says what it is.
    pub field: &'static FieldMeta,
    pub name: String,
    /// What it is called in the program, from the model on: `address.city`.
    pub path: String,
    pub ty: ColumnType,
    pub nullable: bool,
    /// Whether it is in an `Option`, whose `None` is NULL in all columns.
    pub optional: bool,
    pub key: ReadKey,
}

/// The columns of a field that is an embedded struct; none of another.
pub(super) fn leaves(field: &'static FieldMeta) -> Vec<Leaf> {
    let mut found = Vec::new();
    if let FieldSpec::Embedded { fields, nullable } = field.spec {
        add(fields, &prefix(field), field.name, nullable, &mut found);
    }
    found
}

fn prefix(field: &FieldMeta) -> String {
    field.prefix.map_or_else(|| format!("{}_", field.name), str::to_owned)
}

fn add(
    fields: &'static [FieldMeta],
    before: &str,
    place: &str,
    optional: bool,
    found: &mut Vec<Leaf>,
) {
    for field in fields {
        let path = format!("{place}.{}", field.name);
        match field.spec {
            FieldSpec::Column { ty, nullable, key, .. } => found.push(Leaf {
                field,
                name: names::cut(format!("{before}{}", field.column.unwrap_or(field.name))),
                path,
                ty,
                nullable: nullable || optional,
                optional,
                key,
            }),
            FieldSpec::Embedded { fields, nullable } => {
                let before = format!("{before}{}", prefix(field));
                add(fields, &before, &path, nullable || optional, found);
            }
            // refused by the derive
            FieldSpec::Reference { .. } | FieldSpec::Collection { .. } => {}
        }
    }
}

impl FieldSpec {
    /// How many columns a field of an embedded struct is.
    pub const fn width(&self) -> usize {
        match self {
            FieldSpec::Column { .. } => 1,
            FieldSpec::Embedded { fields, .. } => FieldSpec::width_of(fields),
            FieldSpec::Reference { .. } | FieldSpec::Collection { .. } => 0,
        }
    }

    /// How many columns the fields of an embedded struct are.
    pub const fn width_of(fields: &[FieldMeta]) -> usize {
        let (mut index, mut width) = (0, 0);
        while index < fields.len() {
            width += fields[index].spec.width();
            index += 1;
        }
        width
    }

    /// The field of an embedded struct that a column belongs to, and which column of it.
    pub fn place(fields: &[FieldMeta], part: usize) -> Option<(usize, usize)> {
        let mut part = part;
        for (index, field) in fields.iter().enumerate() {
            let width = field.spec.width();
            if part < width {
                return Some((index, part));
            }
            part -= width;
        }
        None
    }
}

impl FieldMeta {
    /// What the program calls a column of it, from the model on: `title`, `address.city`.
    pub fn path(&self, part: usize) -> String {
        if let FieldSpec::Embedded { fields, .. } = self.spec
            && let Some((index, part)) = FieldSpec::place(fields, part)
        {
            return format!("{}.{}", self.name, fields[index].path(part));
        }
        self.name.to_owned()
    }
}
