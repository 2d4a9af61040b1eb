//! What belongs to a relationship is said of one, and of the right kind.
//!
//! Whether `back_populates` and `order_by` name what they should is a question to the other model's
//! types, asked by the emitted code (`expand::assertions`).

use crate::ast::{Attributes, Field, Kind, Order};
use crate::diagnostics::Diagnostics;
use crate::parse::kind;
use proc_macro2::Span;
use quote::ToTokens;
use syn::Type;
use syn::ext::IdentExt;

/// Checks one field.
pub fn field(field: &Field, diagnostics: &mut Diagnostics) {
    match &field.kind {
        Kind::Collection { target, one } => {
            of_a_column(field, *one, diagnostics);
            if *one {
                of_a_many(field, diagnostics);
            } else {
                of_a_many_to_many(field, diagnostics);
                of_a_view(field, diagnostics);
                of_a_place(field, diagnostics);
            }
            without_other_side(field, target, *one, diagnostics);
        }
        Kind::Reference { .. }
        | Kind::Auto(_)
        | Kind::Plain
        | Kind::Nullable
        | Kind::Embedded { .. } => {
            if !optional_collection(field, diagnostics) {
                of_a_collection(field, diagnostics);
            }
            named_as_its_column(field, diagnostics);
        }
    }
}

/// Attributes of columns on a field that has none.
fn of_a_column(field: &Field, one: bool, diagnostics: &mut Diagnostics) {
    let Attributes {
        primary_key,
        unique,
        index,
        length,
        check,
        comment,
        server_default,
        trigger: _,
        computed,
        sql_type,
        column,
        embed: _, // told by `embed`
        prefix: _,
        default,
        on_update,
        version,
        on_delete,
        on_update_key,
        back_populates: _,
        secondary,
        cascade: _,
        passive_deletes: _,
        order_by: _,
        view_only: _,
        filter: _,
        position: _,
    } = &field.attributes;
    let kind = if one { "One" } else { "Many" };
    let mut refuse = |name, at: Option<Span>, remedy: &str| {
        if let Some(at) = at {
            let message = format!("`{name}` is for columns, and a `{kind}` has none; {remedy}");
            diagnostics.error(at, message);
        }
    };
    let leave = "leave it out";
    let reference =
        if secondary.is_some() { leave } else { "say it on the `Ref` at the other side" };
    refuse("primary_key", primary_key.as_ref().map(|said| said.at), leave);
    refuse("unique", unique.as_ref().map(|said| said.at), reference);
    refuse("index", index.as_ref().map(|said| said.at), reference);
    refuse("length", length.as_ref().map(|said| said.at), leave);
    refuse("check", check.as_ref().map(|said| said.at), leave);
    refuse("server_default", server_default.as_ref().map(|said| said.at), leave);
    refuse("computed", computed.as_ref().map(|said| said.at), leave);
    refuse("sql_type", sql_type.as_ref().map(|said| said.at), leave);
    refuse("comment", comment.as_ref().map(|said| said.at), leave);
    refuse("column", column.as_ref().map(|said| said.at), reference);
    refuse("default", default.as_ref().map(|said| said.at), "a new object begins with none");
    refuse("version", version.as_ref().map(|said| said.at), leave);
    refuse("on_update", on_update.as_ref().map(|said| said.at), reference);
    refuse("on_update", on_update_key.as_ref().map(|said| said.at), reference);
    refuse("on_delete", on_delete.as_ref().map(|said| said.at), reference);
}

/// Attributes that only a `Many` has, on a `One`.
fn of_a_many(field: &Field, diagnostics: &mut Diagnostics) {
    if let Some(said) = &field.attributes.secondary {
        let message = "`secondary` is for `Many<…>`: over a link table there may be several; make \
                       it a `Many`, or name the `Ref` at the other side by `back_populates` alone";
        diagnostics.error(said.at, message);
    }
    if let Some(said) = &field.attributes.order_by {
        diagnostics.error(said.at, "`order_by` is for `Many<…>`: of one there is no order");
    }
    if let Some(said) = &field.attributes.position {
        diagnostics.error(said.at, "`position` is for `Many<…>`: of one there are no places");
    }
    let views = [
        ("view_only", field.attributes.view_only.as_ref().map(|said| said.at)),
        ("filter", field.attributes.filter.as_ref().map(|said| said.at)),
    ];
    for (name, at) in views {
        if let Some(at) = at {
            let message =
                format!("`{name}` is for `Many<…>`: there may be several; make it a `Many`");
            diagnostics.error(at, message);
        }
    }
}

/// What can't be said where there is a link table.
fn of_a_many_to_many(field: &Field, diagnostics: &mut Diagnostics) {
    if let (Some(_), Some(cascade)) = (&field.attributes.secondary, &field.attributes.cascade)
        && cascade.value.delete_orphan
    {
        let message = "`delete_orphan` is for the other side of a `Ref`: what is taken out of a \
                       many-to-many may be linked to others; leave it out";
        diagnostics.error(cascade.at, message);
    }
    if let (Some(_), Some(passive)) =
        (&field.attributes.secondary, &field.attributes.passive_deletes)
    {
        let message = "`passive_deletes` is for the other side of a `Ref`: links go with either of \
                       their ends, and nothing is loaded for it; leave it out";
        diagnostics.error(passive.at, message);
    }
}

/// What only a relationship that is read has, and what it can't have.
fn of_a_view(field: &Field, diagnostics: &mut Diagnostics) {
    let Attributes { view_only, filter, cascade, passive_deletes, position, .. } =
        &field.attributes;
    if let (None, Some(filter)) = (view_only, filter) {
        let message = "what a condition leaves out can't be told from what was taken out; write \
                       `view_only` beside `filter`, and write through a `Many` without it";
        diagnostics.error(filter.at, message);
    }
    let written = [
        ("cascade", cascade.as_ref().map(|said| said.at)),
        ("passive_deletes", passive_deletes.as_ref().map(|said| said.at)),
        ("position", position.as_ref().map(|said| said.at)),
    ];
    for (name, at) in written {
        if let (Some(_), Some(at)) = (view_only, at) {
            let message = format!(
                "`{name}` is about writing, and nothing is written through a relationship that is \
                 `view_only`; leave it out"
            );
            diagnostics.error(at, message);
        }
    }
}

/// What a collection with a place for each of its objects has.
fn of_a_place(field: &Field, diagnostics: &mut Diagnostics) {
    let Attributes { position: Some(position), order_by, secondary, .. } = &field.attributes else {
        return;
    };
    if secondary.is_some() {
        let message = "`position` is for the other side of a `Ref`: an object of a many-to-many would \
                       have one place in all collections; make the link a model with a column for it";
        diagnostics.error(position.at, message);
    }
    let sorted = order_by.as_ref().is_none_or(|said| {
        let by = |order: &Order| order.field.unraw() == position.value.unraw() && !order.falling;
        said.value.first().is_some_and(by)
    });
    if !sorted {
        let message = format!(
            "a collection with a position is sorted by it; write `order_by = {}`, or leave \
             `order_by` out",
            position.value
        );
        diagnostics.error(position.at, message);
    }
}

fn without_other_side(field: &Field, target: &Type, one: bool, diagnostics: &mut Diagnostics) {
    let Attributes { back_populates, secondary, .. } = &field.attributes;
    if back_populates.is_some() || secondary.is_some() {
        return;
    }
    let target = target.to_token_stream();
    let name = field.ident.unraw();
    let mut message = format!(
        "`{name}` has no other side; name the `Ref` in `{target}` that points back: \
         `#[orm(back_populates = …)]`"
    );
    if !one {
        message += ", or, of a many-to-many, its link table: `#[orm(secondary = \"…\")]`";
    }
    // an attribute that could not be read may have said it
    if diagnostics.is_empty() {
        diagnostics.error(field.ident.span(), message);
    }
}

/// Attributes of a `Many` or `One` on another field.
fn of_a_collection(field: &Field, diagnostics: &mut Diagnostics) {
    let Attributes { back_populates, secondary, cascade, passive_deletes, order_by, .. } =
        &field.attributes;
    let Attributes { view_only, filter, position, .. } = &field.attributes;
    let mut refuse = |name, at: Option<Span>| {
        let Some(at) = at else { return };
        let remedy = match name {
            _ if !field.is_reference() => "a column has no other side; leave it out",
            "back_populates" => {
                "a `Ref` is named by the collection at the other side; leave it out here"
            }
            "cascade" => {
                "say it on the collection at the other side, or `on_delete = cascade` here"
            }
            _ => "say it on the collection at the other side",
        };
        let kinds = match name {
            "view_only" | "filter" | "position" => "`Many<…>`",
            _ => "`Many<…>` and `One<…>`",
        };
        diagnostics.error(at, format!("`{name}` is for {kinds}: {remedy}"));
    };
    refuse("back_populates", back_populates.as_ref().map(|said| said.at));
    refuse("secondary", secondary.as_ref().map(|said| said.at));
    refuse("cascade", cascade.as_ref().map(|said| said.at));
    refuse("passive_deletes", passive_deletes.as_ref().map(|said| said.at));
    refuse("order_by", order_by.as_ref().map(|said| said.at));
    refuse("view_only", view_only.as_ref().map(|said| said.at));
    refuse("filter", filter.as_ref().map(|said| said.at));
    refuse("position", position.as_ref().map(|said| said.at));
}

/// A `Ref` that is called as its column is meant to be: `customer_id` would be `customer_id_id`.
fn named_as_its_column(field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::Reference { target, .. } = &field.kind else { return };
    let Some(short) = field.name.strip_suffix("_id").filter(|short| !short.is_empty()) else {
        return;
    };
    if field.attributes.column.is_none() {
        let (name, target) = (&field.name, target.to_token_stream());
        let message = format!(
            "a `Ref` is named after what it points to, and its column gets the name of the key behind \
             it: `{name}` would be the column `{name}_id`; write `{short}: Ref<{target}>`, which is the \
             column `{short}_id`, or say `#[orm(column = \"{name}\")]`"
        );
        diagnostics.error(field.ident.span(), message);
    }
}

/// Whether it is an `Option<Many<T>>`, which it can't be.
fn optional_collection(field: &Field, diagnostics: &mut Diagnostics) -> bool {
    let inner = kind::argument(&field.ty, "Option");
    let found = ["Many", "One"]
        .into_iter()
        .find_map(|name| Some((name, kind::argument(inner?, name)?.to_token_stream())));
    if let Some((name, target)) = &found {
        let message = format!("a `{name}` may be empty as it is; write `{name}<{target}>`");
        diagnostics.push(syn::Error::new_spanned(&field.ty, message));
    }
    found.is_some()
}
