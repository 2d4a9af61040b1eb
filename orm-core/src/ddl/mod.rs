//! CREATE and DROP of the tables and views of a schema, as statements in order.
//!
//! Pure: the caller tells which tables exist and sends the statements.

mod create;
mod drop;
mod enums;
mod order;
mod spelling;

pub use create::create_all;
pub use drop::drop_all;
pub use enums::{ExistingTypes, create_types, drop_types};

use crate::dialect::Dialect;
use crate::error::Result;
use crate::schema::Table;
use std::collections::HashSet;

/// A schema, where one is said, and a name in it.
pub type Name = (Option<String>, String);

/// The tables that exist already, with their schema and, where the name alone finds them, without.
pub type Existing = HashSet<Name>;

fn full_name(table: &Table) -> Name {
    (table.schema.clone(), table.name.clone())
}

/// Whether it is created and dropped: a view without its query is there already.
fn is_made(table: &Table) -> bool {
    table.model.declared.view.is_none_or(|view| view.query.is_some())
}

fn name(table: &Table, dialect: &Dialect) -> Result<String> {
    crate::compile::batch::table_name(table, dialect)
}
