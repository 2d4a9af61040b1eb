//! The text under way. Identifiers enter by [`SqlWriter::identifier`], values by
//! [`SqlWriter::value`]; there is no third way for what a user gives.

use super::{Compiled, ResolveKey};
use crate::dialect::{Dialect, push_quoted};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Column;
use crate::statement::{Criteria, LeftOut, Parameter, Source};
use crate::types::{ColumnType, Value};

/// SQL text and its parameters under way.
pub struct SqlWriter<'a> {
    pub(super) dialect: &'static Dialect,
    pub(super) resolve: ResolveKey<'a>,
    /// The tables of the statements around the one being written.
    pub(super) outer: Vec<Source>,
    /// What holds for the tables that are mentioned.
    pub(super) criteria: Criteria,
    sql: String,
    parameters: Vec<Parameter>,
}

impl<'a> SqlWriter<'a> {
    /// An empty text.
    pub fn new(
        dialect: &'static Dialect,
        resolve: ResolveKey<'a>,
        criteria: &Criteria,
    ) -> SqlWriter<'a> {
        SqlWriter {
            dialect,
            resolve,
            outer: Vec::new(),
            criteria: criteria.clone(),
            sql: String::with_capacity(128),
            parameters: Vec::new(),
        }
    }

    /// Leaves out criteria from here on; gives those that held before.
    pub(super) fn leave_out(&mut self, left_out: &LeftOut) -> Result<Option<Criteria>> {
        if left_out.is_nothing() {
            return Ok(None);
        }
        let fewer = self.criteria.leaving_out(left_out)?;
        Ok(Some(std::mem::replace(&mut self.criteria, fewer)))
    }

    /// The text and its parameters.
    ///
    /// # Errors
    /// `InvalidStatement` for a name with NUL in it, at which a server would end the text.
    pub fn finish(self) -> Result<Compiled> {
        if self.sql.contains('\0') {
            return Err(Error::new(
                ErrorKind::InvalidStatement,
                "a name in the statement holds NUL; choose another one",
            ));
        }
        Ok(Compiled { sql: self.sql, parameters: self.parameters })
    }

    /// Adds SQL of our own.
    pub fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// Adds an identifier, quoted.
    pub fn identifier(&mut self, name: &str) {
        push_quoted(&mut self.sql, name);
    }

    /// Adds a table's name, with its schema where it has one.
    pub fn table(&mut self, source: Source) -> Result<()> {
        let table = source.table();
        super::batch::check_made(table, self.dialect)?;
        if let Some(schema) = &table.schema {
            if !self.dialect.features.schemas {
                return Err(self.unsupported(&format!(
                    "schemas (`{schema}.{}` of model `{}`)",
                    table.name, table.model.name
                )));
            }
            self.identifier(schema);
            self.push(".");
        }
        self.identifier(&table.name);
        Ok(())
    }

    /// Binds a value.
    pub fn value(&mut self, ty: ColumnType, value: Value) {
        let many = matches!(value, Value::Array(..));
        self.parameters.push(Parameter { ty: Some(ty), value });
        let number = self.parameters.len();
        self.push(if self.dialect.features.dollar_placeholders { "$" } else { "?" });
        self.push(&number.to_string());
        if let (ColumnType::Enum(_), Some(_)) = (ty, self.dialect.features.enum_types) {
            // sent as text, and no text is compared with an enum
            self.push("::");
            let name = (self.dialect.type_name)(ty, None);
            self.push(&name);
            self.push(if many { "[]" } else { "" });
        }
    }

    /// Adds a column as it is read: cast where its own type has no reading.
    pub fn read(&mut self, source: Source, column: &Column) {
        self.identifier(source.name());
        self.push(".");
        self.identifier(&column.name);
        self.as_integer(column);
        if let Some(ty) = self.dialect.read_as(column.ty, column.sql_type) {
            self.push("::");
            self.push(&ty);
        }
    }

    /// Casts a column of the system that was just written to what it is in Rust.
    pub fn as_integer(&mut self, column: &Column) {
        if let Some(cast) = self.dialect.features.system_versions.filter(|_| column.system) {
            self.push(cast);
        }
    }

    /// Casts the value, or the array of values, just written to the type of the column it meets.
    pub fn cast_to(&mut self, column: Option<&Column>, many: bool) {
        let own = column.and_then(|column| self.dialect.written_as(column.ty, column.sql_type));
        if let Some(own) = own {
            self.push("::");
            self.push(&own);
            self.push(if many { "[]" } else { "" });
        }
    }

    /// Binds a number of rows behind its keyword.
    pub fn count(&mut self, keyword: &str, rows: u64) {
        self.push(keyword);
        self.value(ColumnType::BigInt, Value::Int(i64::try_from(rows).unwrap_or(i64::MAX)));
    }

    /// Writes things with `between` between them.
    pub fn separated<T>(
        &mut self,
        things: impl IntoIterator<Item = T>,
        between: &str,
        mut write: impl FnMut(&mut Self, T) -> Result<()>,
    ) -> Result<()> {
        for (index, thing) in things.into_iter().enumerate() {
            if index > 0 {
                self.push(between);
            }
            write(self, thing)?;
        }
        Ok(())
    }

    /// The error for what the database can't do.
    pub fn unsupported(&self, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("{} has no {what}", self.dialect.name))
    }
}

/// A label of an enum in single quotes, those inside doubled. Labels are constants of the program;
/// everything else is a parameter.
pub fn quoted_text(label: &str) -> String {
    format!("'{}'", label.replace('\'', "''"))
}
