//! `Deferred`: around the type of one column, which nothing else of the row depends on.

use crate::ast::{Field, Kind, Model};
use crate::diagnostics::Diagnostics;
use crate::parse::kind;
use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Error, Ident, Type};

/// What a flush must know of each row.
const KNOWN: &str = "a flush must know its value in each row";

/// Checks one field.
pub fn field(field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::Deferred { value, .. } = &field.kind else {
        return inside_out(&field.ty, diagnostics);
    };
    if let Some(message) = no_value(value) {
        diagnostics.push(Error::new_spanned(&field.ty, message));
        return;
    }
    let said = &field.attributes;
    let mut refuse = |name: &str, at: Option<Span>, why: &str| {
        if let Some(at) = at {
            let message = format!("`{name}` of a deferred column: {why}; leave out `Deferred`");
            diagnostics.error(at, message);
        }
    };
    refuse("unique", said.unique.as_ref().map(|said| said.at), KNOWN);
    let compared = "each write of a row compares it";
    refuse("version", said.version.as_ref().map(|said| said.at), compared);
    let back = "what the database computes comes back with each write";
    refuse("computed", said.computed.as_ref().map(|said| said.at), back);
    let written = "each write of a row gives it a new value";
    refuse("on_update", said.on_update.as_ref().map(|said| said.at), written);
}

/// Why a type can't be deferred, and what to write.
fn no_value(value: &Type) -> Option<String> {
    let inner = kind::argument(value, "Option").unwrap_or(value);
    for name in ["Ref", "Many", "One"] {
        if kind::argument(inner, name).is_some() {
            let value = written(value);
            return Some(format!("a relationship is loaded on demand as it is; write `{value}`"));
        }
    }
    if let Some(inner) = kind::argument(inner, "Auto") {
        let inner = written(inner);
        return Some(format!(
            "an `Auto` can't be deferred: what the database makes comes back at once; write \
             `Auto<{inner}>`, or `Deferred<{inner}>`, which is left to `server_default` where it is \
             not set"
        ));
    }
    kind::argument(inner, "Deferred").map(|_| "`Deferred` is said twice; keep one".to_owned())
}

/// `Option<Deferred<T>>` and `Auto<Deferred<T>>`.
fn inside_out(ty: &Type, diagnostics: &mut Diagnostics) {
    for name in ["Option", "Auto"] {
        let Some(inner) = kind::argument(ty, name) else { continue };
        let Some(value) = kind::argument(inner, "Deferred") else { continue };
        let value = written(value);
        let remedy = if name == "Option" {
            format!("write `Deferred<Option<{value}>>`")
        } else {
            format!("write `Auto<{value}>` or `Deferred<{value}>`")
        };
        diagnostics.push(Error::new_spanned(ty, format!("`Deferred` stands outside; {remedy}")));
    }
}

/// Refuses it where rows are variants of an enum, each of which has columns of its own.
pub fn of_variants(model: &Model, diagnostics: &mut Diagnostics) {
    for field in model.fields.iter().filter(|field| field.is_deferred()) {
        let message = "a row of an enum over models is read as a whole; leave `Deferred` out";
        diagnostics.push(Error::new_spanned(&field.ty, message));
    }
}

/// Checks what attributes of the struct name.
pub fn listed(model: &Model, diagnostics: &mut Diagnostics) {
    let said = &model.said;
    for unique in &said.uniques {
        refuse(model, "`unique`", unique.fields.iter(), diagnostics);
    }
    for index in said.indexes.iter().filter(|index| index.unique) {
        let fields = index.fields.iter().map(|order| &order.field);
        refuse(model, "a unique index", fields, diagnostics);
    }
    for key in &said.foreign_keys {
        refuse(model, "a foreign key", key.fields.iter(), diagnostics);
    }
}

fn refuse<'m>(
    model: &Model,
    place: &str,
    mut names: impl Iterator<Item = &'m Ident>,
    diagnostics: &mut Diagnostics,
) {
    let is_deferred =
        |name: &Ident| model.field(&name.unraw().to_string()).is_some_and(Field::is_deferred);
    if let Some(name) = names.find(|name| is_deferred(name)) {
        let message = format!(
            "`{name}` is deferred and can't be in {place}: {KNOWN}; leave out its `Deferred`"
        );
        diagnostics.error(name.span(), message);
    }
}

fn written(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}
