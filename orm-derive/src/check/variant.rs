//! Enums that are models, and the structs of their variants: what is said of which.
//!
//! The table, its key and what counts for all rows are said on the enum. What depends on both is
//! checked when the model is registered.

use super::{column_attributes, column_names, constructor, embed, reference_attributes, values};
use crate::ast::{Attributes, Field, Kind, Model, TableAttributes};
use crate::diagnostics::Diagnostics;
use proc_macro2::Span;

/// What only an enum has, and what it has not.
pub fn enumeration(model: &Model, diagnostics: &mut Diagnostics) {
    if model.variants.is_empty() {
        let of_an_enum = [
            ("discriminator", model.discriminator.as_ref().map(|said| said.at)),
            ("shared", model.shared.as_ref().map(|said| said.at)),
        ];
        for (name, at) in of_an_enum {
            if let Some(at) = at {
                let message = format!(
                    "`{name}` is said of an enum whose variants are rows of one table; this is a \
                     struct"
                );
                diagnostics.error(at, message);
            }
        }
        return;
    }
    let on_a_struct = "say it on the structs of the variants";
    let none = [
        ("view", model.view.as_ref().map(|said| said.at), "an enum is of a table"),
        ("constructor", model.arguments.as_ref().map(|said| said.at), on_a_struct),
        ("constructor", model.constructor.as_ref().map(|said| said.at), on_a_struct),
        (
            "serde",
            model.serde.as_ref().map(|said| said.at),
            "an enum is not written by `serde` yet",
        ),
    ];
    for (name, at, why) in none {
        if let Some(at) = at {
            diagnostics.error(at, format!("`{name}` can't be said of an enum: {why}"));
        }
    }
    for field in &model.fields {
        // of others it is told elsewhere
        let can = matches!(field.kind, Kind::Plain | Kind::Nullable | Kind::Embedded { .. });
        if let (Some(said), None, true) =
            (&field.attributes.default, &field.attributes.version, can)
        {
            let message = "`default` is for `new`, which the structs of the variants have; say it \
                           there";
            diagnostics.error(said.at, message);
        }
    }
}

/// The struct of a variant.
pub fn variant(model: &Model, diagnostics: &mut Diagnostics) {
    let TableAttributes { primary_key, uniques, indexes, checks: _, foreign_keys, comment } =
        &model.said;
    let of_the_enum = [
        ("table", model.table.as_ref().map(|said| said.at)),
        ("view", model.view.as_ref().map(|said| said.at)),
        ("query", model.query.as_ref().map(|said| said.at)),
        ("schema", model.schema.as_ref().map(|said| said.at)),
        ("primary_key", primary_key.as_ref().map(|said| said.at)),
        ("unique", uniques.first().map(|said| said.at)),
        ("index", indexes.first().map(|said| said.at)),
        ("check", model.said.checks.first().map(|said| said.at)),
        ("foreign_key", foreign_keys.first().map(|said| said.at)),
        ("comment", comment.as_ref().map(|said| said.at)),
        ("discriminator", model.discriminator.as_ref().map(|said| said.at)),
        ("shared", model.shared.as_ref().map(|said| said.at)),
        ("serde", model.serde.as_ref().map(|said| said.at)),
    ];
    for (name, at) in of_the_enum {
        if let Some(at) = at {
            let message = format!(
                "`{name}` can't be said of a variant, which has no table of its own; say it on the \
                 enum, where it can be said"
            );
            diagnostics.error(at, message);
        }
    }
    for field in &model.fields {
        of_a_variant(field, diagnostics);
        embed::embedding(field, diagnostics);
        if !field.is_collection() && !field.is_embedded() {
            column_attributes(field, diagnostics);
            reference_attributes(field, diagnostics);
            values(field, diagnostics);
        }
    }
    column_names(model, diagnostics);
    constructor(model, diagnostics);
}

/// What is said of a field in `shared(…)` of the enum, for it is of all rows.
fn of_a_variant(field: &Field, diagnostics: &mut Diagnostics) {
    let Attributes {
        primary_key,
        version,
        computed,
        on_update,
        back_populates,
        secondary,
        cascade,
        passive_deletes,
        order_by,
        view_only,
        filter,
        position,
        ..
    } = &field.attributes;
    let mut refuse = |name, at: Option<Span>| {
        if let Some(at) = at {
            let message = format!(
                "`{name}` is said of a field that each variant has: in `shared(…)` of the enum"
            );
            diagnostics.error(at, message);
        }
    };
    refuse("primary_key", primary_key.as_ref().map(|said| said.at));
    refuse("version", version.as_ref().map(|said| said.at));
    refuse("computed", computed.as_ref().map(|said| said.at));
    refuse("on_update", on_update.as_ref().map(|said| said.at));
    refuse("back_populates", back_populates.as_ref().map(|said| said.at));
    refuse("secondary", secondary.as_ref().map(|said| said.at));
    refuse("cascade", cascade.as_ref().map(|said| said.at));
    refuse("passive_deletes", passive_deletes.as_ref().map(|said| said.at));
    refuse("order_by", order_by.as_ref().map(|said| said.at));
    refuse("view_only", view_only.as_ref().map(|said| said.at));
    refuse("filter", filter.as_ref().map(|said| said.at));
    refuse("position", position.as_ref().map(|said| said.at));
}
