//! The enum types that a schema's columns are of, each once.

use super::Schema;
use crate::types::{ColumnType, EnumType};

impl Schema {
    /// The enum types of the columns, each once, in the order of the tables. A view is of types that
    /// are there.
    pub fn enum_types(&self) -> Vec<&'static EnumType> {
        let mut found: Vec<&'static EnumType> = Vec::new();
        let tables = self.tables().filter(|table| !table.model.is_read_only());
        for column in tables.flat_map(|table| &table.columns) {
            if let ColumnType::Enum(ty) = column.ty
                && !found.contains(&ty)
            {
                found.push(ty);
            }
        }
        found
    }
}

/// Two enums of one name and of other labels.
pub(super) fn check(schema: &Schema, problems: &mut Vec<String>) {
    let types = schema.enum_types();
    for (index, ty) in types.iter().enumerate() {
        if types[..index].iter().any(|other| (other.schema, other.name) == (ty.schema, ty.name)) {
            problems.push(format!(
                "two enums with other labels are both type `{}`; rename one by `#[orm(name = \
                 \"…\")]`",
                ty.full_name()
            ));
        }
    }
}
