//! UPDATE and DELETE of all rows that a statement finds.

use super::{EntityRows, Execute, Select, Unbound};
use crate::error::{Error, ErrorKind, Result};
use crate::expression::Assignments;
use crate::model::Model;
use crate::statement::{ColumnRef, DeleteStatement, SelectStatement, UpdateStatement};

impl<E: EntityRows> Select<E, Unbound>
where
    E::Model: Model,
{
    /// Writes columns of all rows found, in one statement; returns their number. On a session,
    /// objects in memory are brought up to date; an attribute changed and not flushed keeps its
    /// value.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let log = engine.record();
    /// let changed = select(Article)
    ///     .filter(Article.slug.eq("rust"))
    ///     .update(&mut session, (Article.title.set("Rust!"), Article.views.set(Article.views + 1)))?;
    /// // UPDATE "articles" SET "title" = ?, "views" = "articles"."views" + ? WHERE …
    /// assert_eq!(changed, 1);
    /// # assert!(log.take().iter().any(|sql| sql.starts_with("UPDATE \"articles\" SET \"title\" = ")));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidStatement` where the statement has clauses that UPDATE has not (joins, grouping,
    /// LIMIT), and for a model of a view.
    pub fn update<H: Execute>(
        &self,
        home: &mut H,
        assignments: impl Assignments<E::Model>,
    ) -> Result<u64> {
        home.update::<E::Model>(&updating::<E::Model>(&self.statement, assignments)?)
    }

    /// Deletes all rows found, in one statement; returns their number. On a session, objects in
    /// memory are deleted, and what the database deletes with them.
    ///
    /// # Errors
    /// As [`Select::update`].
    pub fn delete<H: Execute>(&self, home: &mut H) -> Result<u64> {
        home.delete_rows::<E::Model>(&deleting(&self.statement)?)
    }
}

impl<E: EntityRows, H: Execute> Select<E, &mut H>
where
    E::Model: Model,
{
    /// Writes columns of all rows found, in one statement; returns their number. On a session,
    /// objects in memory are brought up to date; an attribute changed and not flushed keeps its
    /// value.
    pub fn update(&mut self, assignments: impl Assignments<E::Model>) -> Result<u64> {
        self.home.update::<E::Model>(&updating::<E::Model>(&self.statement, assignments)?)
    }

    /// Deletes all rows found, in one statement; returns their number. On a session, objects in
    /// memory are deleted, and what the database deletes with them.
    pub fn delete(&mut self) -> Result<u64> {
        self.home.delete_rows::<E::Model>(&deleting(&self.statement)?)
    }
}

fn updating<M: Model>(
    select: &SelectStatement,
    assignments: impl Assignments<M>,
) -> Result<UpdateStatement> {
    plain(select, "update")?;
    let set = assignments.into_set();
    let kind = |column: &ColumnRef| column.source.model.discriminates(usize::from(column.field));
    if let Some(column) = set.iter().map(|set| set.column).find(kind) {
        return Err(Error::new(
            ErrorKind::InvalidStatement,
            format!(
                "`{}` says which variant a row is, and can't be set; give an object another variant, \
                 by its handle",
                column.path()
            ),
        ));
    }
    if set.is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidStatement,
            "an update that sets nothing; give it one assignment at least",
        ));
    }
    Ok(UpdateStatement {
        source: select.from[0],
        set,
        filter: select.filter.clone(),
        left_out: select.left_out.clone(),
    })
}

fn deleting(select: &SelectStatement) -> Result<DeleteStatement> {
    plain(select, "delete")?;
    Ok(DeleteStatement {
        source: select.from[0],
        filter: select.filter.clone(),
        left_out: select.left_out.clone(),
    })
}

/// No clauses but the condition, and no view.
fn plain(select: &SelectStatement, verb: &str) -> Result<()> {
    let SelectStatement {
        selected: _,
        distinct,
        from,
        crossed,
        joins,
        filter: _,
        group_by,
        having,
        order_by,
        limit,
        offset,
        lock,
        include,
        populate_existing,
        parts: _,
        derived: _,
        left_out: _,
    } = select;
    let more = *distinct
        || from.len() != 1
        || !crossed.is_empty()
        || !joins.is_empty()
        || !group_by.is_empty()
        || !having.is_empty()
        || !order_by.is_empty()
        || limit.is_some()
        || offset.is_some()
        || lock.is_some()
        || *populate_existing
        || !include.is_empty();
    if more || from[0].alias.is_some() {
        return Err(Error::new(
            ErrorKind::InvalidStatement,
            format!(
                "`{verb}` takes one model and conditions only; ask over relationships by `has` and \
                 `any`; of an order and a limit read the keys first, and give them to `in_`"
            ),
        ));
    }
    let model = from[0].model;
    if model.is_read_only() {
        return Err(model.read_only(ErrorKind::InvalidStatement, &format!("`{verb}` of a view")));
    }
    Ok(())
}
