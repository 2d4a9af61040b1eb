//! From a statement to SQL text and its parameters.
//!
//! One clause list per statement (`select`), one function per kind of node (`node`), one way
//! for identifiers and one for values into the text (`writer`). What holds for a table wherever it is
//! mentioned (`mention`) is written with each mention. What the statement contradicts
//! (`scope`) and what the database can't do is an error here, before any SQL is sent.

pub mod batch;
mod connected;
pub mod display;
pub mod follow;
mod list;
mod mention;
mod node;
mod rank;
mod scope;
mod select;
mod write;
mod writer;

use crate::dialect::Dialect;
use crate::error::{ErrorKind, Result};
use crate::model::RawHandle;
use crate::query::Statement;
use crate::schema::ModelMeta;
use crate::statement::{Criteria, Parameter};
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

/// Checks the conditions of criteria.
///
/// # Errors
/// `Configuration` for one that can't hold for its table alone.
pub fn check_criteria(criteria: &Criteria) -> Result<()> {
    criteria.each().try_for_each(|criterion| {
        mention::check(criterion).map_err(|error| error.with_kind(ErrorKind::Configuration))
    })
}

/// Compiles a statement for a database, under the criteria of where it runs: whoever compiles one
/// decides which they are.
///
/// # Errors
/// `InvalidStatement` for what contradicts itself, `Unsupported` for what the database can't do,
/// what `resolve` answers for objects of a session.
pub fn compile(
    statement: Statement<'_>,
    dialect: &'static Dialect,
    resolve: ResolveKey<'_>,
    criteria: &Criteria,
) -> Result<Compiled> {
    let mut writer = SqlWriter::new(dialect, resolve, criteria);
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
