//! What can't be of a view, which has no constraints and whose rows are never written: told when
//! the models are registered, and where a statement would write.

use super::{ModelMeta, Table};
use crate::error::{Error, ErrorKind};

/// Tells of foreign keys that point to a view, and of collections that would delete its rows.
pub(super) fn check(table: &'static Table, problems: &mut Vec<String>) {
    let model = table.model;
    let to_views = table.foreign_keys.iter().filter(|key| key.target.is_read_only());
    for key in to_views.filter(|_| !model.is_read_only()) {
        let target = key.target.name;
        let names: Vec<&str> =
            key.columns.iter().map(|&index| table.column(index).name.as_str()).collect();
        problems.push(format!(
            "`{}`: its foreign key ({}) points to `{target}`, which is of a view, and a view has no \
             keys that could be pointed to; point to the model of a table, and let the view have \
             the `Ref`",
            model.name,
            names.join(", ")
        ));
    }
    for relationship in &table.relationships {
        let field = model.fields[relationship.field].name;
        let cascade = relationship.cascade;
        if relationship.target.is_read_only() && relationship.passive_deletes {
            problems.push(format!(
                "`{}.{field}`: rows of `{}`, which is of a view, are left alone; leave out \
                 `passive_deletes`",
                model.name, relationship.target.name
            ));
        }
        if relationship.target.is_read_only() && (cascade.delete || cascade.delete_orphan) {
            problems.push(format!(
                "`{}.{field}`: rows of `{}`, which is of a view, can't be deleted; leave `delete`, \
                 `delete_orphan` and `all` out of its `cascade`",
                model.name, relationship.target.name
            ));
        }
    }
}

impl ModelMeta {
    /// The error for whoever would write rows of a view.
    pub fn read_only(&self, kind: ErrorKind, what: &str) -> Error {
        Error::new(
            kind,
            format!(
                "{what}: `{}` is of the view `{}`, which is read-only; write to the tables that it \
                 reads",
                self.name, self.table
            ),
        )
    }
}
