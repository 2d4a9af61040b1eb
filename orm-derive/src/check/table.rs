//! Attributes of the struct that name its fields: the fields are there, are columns, and are named
//! once.

use crate::ast::{Action, Field, ForeignKey, Model};
use crate::diagnostics::{Diagnostics, suggestion};
use std::collections::BTreeSet;
use syn::Ident;
use syn::ext::IdentExt;

/// Checks them all.
pub fn table(model: &Model, diagnostics: &mut Diagnostics) {
    let said = &model.said;
    if let Some(key) = &said.primary_key {
        columns(model, key.value.iter(), diagnostics);
    }
    let mut uniques: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for unique in &said.uniques {
        columns(model, unique.fields.iter(), diagnostics);
        let names: BTreeSet<String> =
            unique.fields.iter().map(|field| field.unraw().to_string()).collect();
        let single = unique.fields.len() == 1
            && names.iter().any(|name| {
                model.field(name).is_some_and(|field| field.attributes.unique.is_some())
            });
        if !uniques.insert(names) || single {
            diagnostics.error(unique.at, "these fields are `unique` already; say it once");
        }
    }
    for index in &said.indexes {
        columns(model, index.fields.iter().map(|order| &order.field), diagnostics);
    }
    let mut checks = BTreeSet::new();
    for check in &said.checks {
        if !checks.insert(&check.name) {
            let message = format!("two checks are called `{}`; rename one", check.name);
            diagnostics.error(model.ident.span(), message);
        }
    }
    for key in &said.foreign_keys {
        foreign_key(model, key, diagnostics);
    }
}

/// Fields named in a list; those that are none are told.
fn columns<'m>(
    model: &'m Model,
    names: impl Iterator<Item = &'m Ident>,
    diagnostics: &mut Diagnostics,
) {
    let mut before: BTreeSet<String> = BTreeSet::new();
    for ident in names {
        let name = ident.unraw().to_string();
        match model.field(&name) {
            None => {
                let with_columns = |field: &&Field| !field.is_collection();
                let known = model.fields.iter().filter(with_columns);
                let known = known.map(|field| field.name.as_str());
                let message = format!("no field `{name}`; {}", suggestion(&name, known));
                diagnostics.error(ident.span(), message);
            }
            Some(field) if field.is_collection() => {
                let message = format!("`{name}` is a collection, which has no column here");
                diagnostics.error(ident.span(), message);
            }
            Some(_) if before.contains(&name) => {
                diagnostics.error(ident.span(), format!("`{name}` is said twice; keep one"));
            }
            Some(_) => {}
        }
        before.insert(name);
    }
}

fn foreign_key(model: &Model, key: &ForeignKey, diagnostics: &mut Diagnostics) {
    columns(model, key.fields.iter(), diagnostics);
    let own: Vec<&Field> =
        key.fields.iter().filter_map(|field| model.field(&field.unraw().to_string())).collect();
    let reference = own.iter().any(|field| field.is_reference());
    if key.target_fields.len() != key.fields.len() && !reference {
        let message = format!(
            "{} {} can't point to {}; name as many fields at both sides",
            key.fields.len(),
            if key.fields.len() == 1 { "field" } else { "fields" },
            key.target_fields.len()
        );
        diagnostics.push(syn::Error::new_spanned(&key.target, message));
        return;
    }
    for (word, action) in [&key.on_delete, &key.on_update].into_iter().flatten() {
        let fixed = own.iter().find(|field| !field.is_nullable());
        if let (Action::SetNull, Some(field)) = (action, fixed) {
            let message = format!(
                "`set_null` needs fields that can be NULL; make `{}` an `Option`, or choose \
                 another action",
                field.name
            );
            diagnostics.error(word.span(), message);
        }
    }
}
