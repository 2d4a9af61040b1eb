//! What the two sides of a relationship say against each other.
//!
//! 1. A collection that deletes its members, and a foreign key whose ON DELETE empties them instead.
//! 2. A `One` whose foreign key lets several rows point to one.
//! 3. An action that sets a column NULL, or to its default, where neither can be.

use super::{ForeignKey, ReferentialAction, Relationship, RelationshipKind, Table};

/// Tells of what a table's relationships and foreign keys contradict.
pub(super) fn check(table: &'static Table, problems: &mut Vec<String>) {
    for relationship in &table.relationships {
        let (RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference }) =
            relationship.kind
        else {
            continue;
        };
        let target = relationship.target.table();
        let Some(key) = target.foreign_key_of(reference) else { continue };
        let sides = Sides { table, relationship, target, key, reference };
        problems.extend(sides.emptied());
        problems.extend(sides.several());
    }
    for key in &table.foreign_keys {
        for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
            problems.extend(no_such_value(table, key, word, action));
        }
    }
}

/// A collection and the foreign key at its other side.
struct Sides {
    table: &'static Table,
    relationship: &'static Relationship,
    target: &'static Table,
    key: &'static ForeignKey,
    reference: usize,
}

impl Sides {
    fn collection(&self) -> String {
        let model = self.table.model;
        format!("`{}.{}`", model.name, model.fields[self.relationship.field].name)
    }

    fn reference(&self) -> String {
        let model = self.target.model;
        format!("`{}.{}`", model.name, model.fields[self.reference].name)
    }

    /// Deleted by the one side, left behind by the other.
    fn emptied(&self) -> Option<String> {
        let cascade = self.relationship.cascade;
        let word = if cascade.delete {
            "cascade(delete)"
        } else if cascade.delete_orphan {
            "cascade(delete_orphan)"
        } else {
            return None;
        };
        let action = match self.key.on_delete {
            ReferentialAction::SetNull => "set_null",
            ReferentialAction::SetDefault => "set_default",
            ReferentialAction::NoAction
            | ReferentialAction::Restrict
            | ReferentialAction::Cascade => return None,
        };
        Some(format!(
            "{}: `{word}` deletes what `on_delete = {action}` of {} keeps; write \
             `on_delete = cascade` there (or leave it out), or take `{word}` away",
            self.collection(),
            self.reference()
        ))
    }

    /// One at most, by a key that several may have.
    fn several(&self) -> Option<String> {
        let RelationshipKind::OneToOne { .. } = self.relationship.kind else { return None };
        let target = self.target;
        let all_in = |columns: &[usize]| {
            !columns.is_empty() && columns.iter().all(|column| self.key.columns.contains(column))
        };
        let unique = all_in(&target.primary_key)
            || target.uniques.iter().any(|unique| all_in(&unique.columns))
            || target.indexes.iter().any(|index| index.unique && all_in(&index.columns));
        (!unique).then(|| {
            format!(
                "{}: a `One`, and several rows may point to the same by {}; write \
                 `#[orm(unique)]` there, or make it a `Many<{}>`",
                self.collection(),
                self.reference(),
                target.model.name
            )
        })
    }
}

/// An action that gives a column a value it can't have.
fn no_such_value(
    table: &Table,
    key: &ForeignKey,
    word: &str,
    action: ReferentialAction,
) -> Option<String> {
    let names = |columns: Vec<usize>| {
        let names = columns.iter().map(|&index| format!("`{}`", table.column(index).name));
        names.collect::<Vec<_>>().join(", ")
    };
    let required =
        |index: &usize| !table.column(*index).nullable || table.primary_key.contains(index);
    let place = match key.field {
        Some(field) => format!("`{}.{}`", table.model.name, table.model.fields[field].name),
        None => format!("`{}`: its foreign key `{}`", table.model.name, key.name),
    };
    match action {
        // of a `Ref` it is told with its field
        ReferentialAction::SetNull if key.field.is_none() => {
            let never: Vec<usize> = key.columns.iter().copied().filter(required).collect();
            (!never.is_empty()).then(|| {
                format!(
                    "{place}: `{word} = set_null`, and {} can't be NULL; make it an `Option`, or \
                     choose another action",
                    names(never)
                )
            })
        }
        ReferentialAction::SetDefault => {
            let without =
                |index: &usize| required(index) && table.column(*index).server_default.is_none();
            let never: Vec<usize> = key.columns.iter().copied().filter(without).collect();
            (!never.is_empty()).then(|| {
                format!(
                    "{place}: `{word} = set_default`, and {} has no default and can't be NULL; \
                     write `server_default = \"…\"`, or choose another action",
                    names(never)
                )
            })
        }
        ReferentialAction::SetNull
        | ReferentialAction::NoAction
        | ReferentialAction::Restrict
        | ReferentialAction::Cascade => None,
    }
}
