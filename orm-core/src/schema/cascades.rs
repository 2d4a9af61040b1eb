//! What a collection says of its objects against what their foreign key says of itself.
//!
//! Called when models are registered. Each pair below would do one thing where the owner is deleted and
//! another where a child is taken out, or one in the database and another in the session.

use super::{FieldSpec, ReferentialAction, Relationship, RelationshipKind, Table};

/// Adds the contradictions of a table.
pub(super) fn check(table: &Table, problems: &mut Vec<String>) {
    for relationship in &table.relationships {
        check_collection(table, relationship, problems);
        check_one(table, relationship, problems);
    }
    check_defaults(table, problems);
}

fn check_collection(table: &Table, relationship: &Relationship, problems: &mut Vec<String>) {
    let (RelationshipKind::OneToMany { reference } | RelationshipKind::OneToOne { reference }) =
        relationship.kind
    else {
        return;
    };
    let target = relationship.target;
    if target.is_read_only() {
        return; // told by `views`
    }
    let Some(key) = target.table().foreign_key_of(reference) else { return };
    let place = format!("`{}.{}`", table.model.name, table.model.fields[relationship.field].name);
    let child = format!("`{}.{}`", target.name, target.fields[reference].name);
    let cascade = relationship.cascade;
    if relationship.passive_deletes
        && matches!(key.on_delete, ReferentialAction::NoAction | ReferentialAction::Restrict)
    {
        problems.push(format!(
            "{place}: `passive_deletes` leaves to the database what becomes of them, which refuses; \
             say `on_delete = cascade` or `set_null` of {child}, or leave it out"
        ));
    }
    let leaves_them = match key.on_delete {
        ReferentialAction::SetNull => Some("set_null"),
        ReferentialAction::SetDefault => Some("set_default"),
        ReferentialAction::NoAction | ReferentialAction::Restrict | ReferentialAction::Cascade => {
            None
        }
    };
    if let Some(action) = leaves_them {
        let said = if cascade.delete {
            Some("`cascade(delete)` (which is in `all`) deletes them")
        } else {
            cascade.delete_orphan.then_some("`cascade(delete_orphan)` keeps none without an owner")
        };
        if let Some(said) = said {
            problems.push(format!(
                "{place}: {said}, while `on_delete = {action}` of {child} leaves them when the owner \
                 is deleted; leave out one of the two, or write `on_delete = cascade`"
            ));
        }
    } else if cascade.delete_orphan
        && !cascade.delete
        && key.on_delete != ReferentialAction::Cascade
    {
        problems.push(format!(
            "{place}: `cascade(delete_orphan)` deletes what is taken out, but nothing deletes it with \
             its owner; write `cascade(delete, delete_orphan)`, or `on_delete = cascade` at {child}"
        ));
    }
}

/// A `One` whose foreign key several rows may have.
fn check_one(table: &Table, relationship: &Relationship, problems: &mut Vec<String>) {
    let RelationshipKind::OneToOne { reference } = relationship.kind else { return };
    let target = relationship.target.table();
    if target.model.is_read_only() {
        return; // nothing is UNIQUE in a view
    }
    let Some(key) = target.foreign_key_of(reference) else { return };
    let all_in = |columns: &[usize]| columns.iter().all(|column| key.columns.contains(column));
    let unique = all_in(&target.primary_key)
        || target.uniques.iter().any(|unique| all_in(&unique.columns))
        || target
            .indexes
            .iter()
            .any(|index| index.unique && index.filter.is_none() && all_in(&index.columns));
    if !unique {
        let (model, child) = (table.model, target.model);
        problems.push(format!(
            "`{}.{}`: a `One`, and several rows may point to the same by `{}.{}`; write \
             `#[orm(unique)]` there, or make it a `Many<{}>`",
            model.name,
            model.fields[relationship.field].name,
            child.name,
            child.fields[reference].name,
            child.name
        ));
    }
}

/// SET DEFAULT where there is no default is SET NULL.
fn check_defaults(table: &Table, problems: &mut Vec<String>) {
    for field in table.model.fields {
        let FieldSpec::Reference { nullable: false, .. } = field.spec else { continue };
        let actions = [field.on_delete, field.on_update_key];
        if actions.contains(&ReferentialAction::SetDefault) && field.server_default.is_none() {
            problems.push(format!(
                "`{}.{}`: `set_default` needs a default of the column, or one that can be NULL; say it \
                 by `#[orm(server_default = \"…\")]`, or choose another action",
                table.model.name, field.name
            ));
        }
    }
}
