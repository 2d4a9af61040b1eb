//! From a statement to SQL text and its parameters.
//!
//! One clause list per statement (`select`), one function per kind of node (`node`), one way
//! for identifiers and one for values into the text (`writer`). What the statement contradicts
//! (`scope`) and what the database can't do is an error here, before any SQL is sent.

pub mod batch;
mod display;
pub mod follow;
mod list;
mod node;
mod rank;
mod scope;
mod select;
mod write;
mod writer;

use crate::dialect::Dialect;
use crate::error::Result;
use crate::model::RawHandle;
use crate::query::Statement;
use crate::schema::ModelMeta;
use crate::statement::Parameter;
use crate::types::Key;

pub use crate::dialect::quoted;
pub use writer::{SqlWriter, quoted_text};

/// SQL text with its parameters in the order of the placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The text.
    pub sql: String,
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

/// Answers the key of an object of a session.
pub type ResolveKey<'a> = &'a dyn Fn(RawHandle, &'static ModelMeta) -> Result<Key>;

/// Compiles a statement for a database.
///
/// # Errors
/// `InvalidStatement` for what contradicts itself, `Unsupported` for what the database can't do,
/// what `resolve` answers for objects of a session.
pub fn compile(
    statement: Statement<'_>,
    dialect: &'static Dialect,
    resolve: ResolveKey<'_>,
) -> Result<Compiled> {
    let mut writer = SqlWriter::new(dialect, resolve);
    match statement {
        Statement::Rows(select) => select::write(&mut writer, select)?,
        Statement::Count(select) => {
            writer.push("SELECT count(*) FROM (");
            select::write_counted(&mut writer, select)?;
            writer.push(") AS counted");
        }
        Statement::Exists(select) => {
            writer.push("SELECT EXISTS (");
            select::write(&mut writer, select)?;
            writer.push(")");
        }
        Statement::Update { statement, returning } => {
            write::update(&mut writer, statement, returning)?;
        }
        Statement::Delete { statement, returning } => {
            write::delete(&mut writer, statement, returning)?;
        }
    }
    writer.finish()
}
