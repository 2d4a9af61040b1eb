//! Creating and dropping the tables of the registered models.

use super::Engine;
use super::transaction::{Plan, Transaction};
use orm_core::ddl;
use orm_core::dialect::Dialect;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::schema::Schema;
use orm_core::statement::{Parameter, Parameters};
use orm_core::types::{ColumnType, DbType, Value, decode_error};

impl Engine {
    /// The registered models.
    pub fn schema(&self) -> &Schema {
        &self.0.options.schema
    }

    /// Creates the tables of the registered models that do not exist, those pointed to first, with
    /// their constraints and indexes, in one transaction. A table that exists is left as it is, a
    /// type of an enum too. Views that have a `query` are created behind the tables, in the order of
    /// the models; one without is left alone.
    ///
    /// Sends a query of the tables there are, then `CREATE TABLE`, `CREATE INDEX` and `CREATE VIEW`; foreign keys
    /// of tables that point to one another are added by `ALTER TABLE`.
    ///
    /// # Errors
    /// `Configuration` when no models are registered or the type of an enum exists with other
    /// labels, `Unsupported` for what the database can't do, `LockNotAvailable` where another session
    /// or connection of this engine keeps a table from being altered for longer than `pool_timeout`,
    /// and those of the database.
    pub fn create_all(&self) -> Result<()> {
        self.run_ddl(|schema, existing, types, dialect| {
            let mut statements = ddl::create_types(schema, types, dialect)?;
            statements.extend(ddl::create_all(schema, existing, dialect)?);
            Ok(statements)
        })
    }

    /// The statements that [`Engine::create_all`] would send to a database that has none of the tables,
    /// in their order: for a file of migrations, or to look at. Nothing is sent.
    ///
    /// # Errors
    /// As [`Engine::create_all`], but for those of the database.
    pub fn create_all_sql(&self) -> Result<Vec<String>> {
        let (schema, dialect) = (self.registered()?, self.dialect());
        let mut statements = ddl::create_types(schema, &ddl::ExistingTypes::new(), dialect)?;
        statements.extend(ddl::create_all(schema, &ddl::Existing::new(), dialect)?);
        Ok(statements)
    }

    /// Drops the tables of the registered models that exist, in the opposite order, in one
    /// transaction; before them the views that `create_all` would create.
    ///
    /// A table that others point to, of which no model is registered, is not dropped, and neither is
    /// anything else: the error names them where the database does.
    ///
    /// A table that an open transaction has read or written can't be dropped until that ends. Where
    /// sessions or connections of this engine are in use, PostgreSQL waits for `pool_timeout` at most, in
    /// case the program waits for itself (SQLite waits for its own time). For transactions of other
    /// programs, or of another engine, it waits as long as they take, unless `lock_timeout` is set.
    ///
    /// # Errors
    /// As [`Engine::create_all`]; `Database` (PostgreSQL) or `ForeignKeyViolation` (SQLite, where rows
    /// point to it) for a table that is pointed to from elsewhere.
    pub fn drop_all(&self) -> Result<()> {
        self.run_ddl(|schema, existing, types, dialect| {
            let mut statements = ddl::drop_all(schema, existing, dialect)?;
            statements.extend(ddl::drop_types(schema, types, dialect));
            Ok(statements)
        })
    }

    /// The models; an error where there are none.
    fn registered(&self) -> Result<&Schema> {
        let schema = self.schema();
        if schema.models().is_empty() {
            return Err(Error::new(
                ErrorKind::Configuration,
                "no models are registered; build the engine with `.models((Author, Article))`",
            ));
        }
        Ok(schema)
    }

    fn run_ddl(&self, plan: DdlPlan) -> Result<()> {
        let schema = self.registered()?;
        let mut transaction = Transaction::begin(self)?;
        let others = self.0.pool.status().in_use.saturating_sub(1);
        if others > 0 {
            self.limit_waits(&mut transaction)?;
        }
        let existing = existing(&mut transaction)?;
        let types = existing_types(&mut transaction, schema)?;
        for statement in plan(schema, &existing, &types, transaction.dialect())? {
            let done = transaction.batch(&statement);
            done.map_err(|error| match error.kind() {
                ErrorKind::LockNotAvailable if others > 0 => error.with_context(format!(
                    "a table is in use, and {others} other sessions or connections of this engine \
                     are open; commit, roll back or drop them first"
                )),
                _ => error,
            })?;
        }
        transaction.commit()
    }

    /// A program that holds a transaction open in another session would wait for itself.
    fn limit_waits(&self, transaction: &mut Transaction) -> Result<()> {
        let Some(sql) = transaction.dialect().features.limit_waits else { return Ok(()) };
        let most = self.0.options.pool_timeout.as_millis().clamp(1, i32::MAX as u128);
        let most = Parameter { ty: Some(ColumnType::Text), value: Value::Text(most.to_string()) };
        transaction.query(sql, Parameters::Values(&[most]), Plan::Cached, &mut |_| Ok(()))?;
        Ok(())
    }
}

type DdlPlan = fn(&Schema, &ddl::Existing, &ddl::ExistingTypes, &Dialect) -> Result<Vec<String>>;

/// The enum types there are, with their labels; asked for where the models have any.
fn existing_types(transaction: &mut Transaction, schema: &Schema) -> Result<ddl::ExistingTypes> {
    let mut existing = ddl::ExistingTypes::new();
    let Some(sql) = transaction.dialect().features.enum_types else { return Ok(existing) };
    if schema.enum_types().is_empty() {
        return Ok(existing);
    }
    transaction.query(sql, Parameters::NONE, Plan::Cached, &mut |row| {
        let text = |index| {
            String::decode(row.cell(index)).map_err(|why| decode_error(&row.name(index), &why))
        };
        let (schema, name, label) = (text(0)?, text(1)?, text(3)?);
        if bool::decode(row.cell(2)).map_err(|why| decode_error("visible", &why))? {
            existing.entry((None, name.clone())).or_default().push(label.clone());
        }
        existing.entry((Some(schema), name)).or_default().push(label);
        Ok(())
    })?;
    Ok(existing)
}

/// The tables there are, by their names with and, where that finds them, without their schema.
fn existing(transaction: &mut Transaction) -> Result<ddl::Existing> {
    let mut existing = ddl::Existing::new();
    let sql = transaction.dialect().tables;
    transaction.query(sql, Parameters::NONE, Plan::Cached, &mut |row| {
        let text = |index| {
            String::decode(row.cell(index)).map_err(|why| decode_error(&row.name(index), &why))
        };
        let (schema, name) = (text(0)?, text(1)?);
        if bool::decode(row.cell(2)).map_err(|why| decode_error("visible", &why))? {
            existing.insert((None, name.clone()));
        }
        existing.insert((Some(schema), name));
        Ok(())
    })?;
    Ok(existing)
}
