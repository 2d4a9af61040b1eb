//! DROP VIEW and DROP TABLE in the opposite order of creation.
//!
//! Foreign keys within a cycle are dropped first; a database that can't do so is asked to check
//! them at the end of the transaction, and the tables are emptied first.

use super::{Existing, full_name, is_made, name, order};
use crate::compile::quoted;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::schema::{Schema, Table};

/// The statements that drop the tables and views of `schema` that exist.
///
/// # Errors
/// `Unsupported` for what the database can't do.
pub fn drop_all(schema: &Schema, existing: &Existing, dialect: &Dialect) -> Result<Vec<String>> {
    let present: Vec<&Table> =
        schema.tables().filter(|table| existing.contains(&full_name(table))).collect();
    let (views, present): (Vec<&Table>, Vec<&Table>) =
        present.into_iter().partition(|table| table.model.is_read_only());
    let (ordered, cyclic) = order::by_foreign_keys(&present);
    let mut statements = Vec::new();
    for view in views.into_iter().rev().filter(|view| is_made(view)) {
        statements.push(format!("DROP VIEW {}", name(view, dialect)?));
    }
    if dialect.features.alter_add_constraint {
        for table in &cyclic {
            for key in &table.foreign_keys {
                statements.push(format!(
                    "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}",
                    name(table, dialect)?,
                    quoted(&key.name)
                ));
            }
        }
    } else if !cyclic.is_empty() {
        statements.push("PRAGMA defer_foreign_keys = ON".to_owned());
        for table in &cyclic {
            statements.push(format!("DELETE FROM {}", name(table, dialect)?));
        }
    }
    for table in cyclic.iter().rev().chain(ordered.iter().rev()) {
        statements.push(format!("DROP TABLE {}", name(table, dialect)?));
    }
    Ok(statements)
}
