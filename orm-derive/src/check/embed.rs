//! Embedded structs: what can be said of the field that one stands in, and what its own fields can be.

use crate::ast::{Attributes, Field, Kind};
use crate::diagnostics::Diagnostics;
use proc_macro2::Span;
use syn::Error;

/// Stands for the column's name in a check of an embedded struct.
const COLUMN: &str = "{column}";

/// Checks `embed` and `prefix` of a field, and what is said beside them.
pub fn embedding(field: &Field, diagnostics: &mut Diagnostics) {
    let Attributes { embed, prefix, .. } = &field.attributes;
    match (embed, prefix) {
        (None, None) => {}
        (None, Some(prefix)) => {
            let message = "`prefix` is for the columns of an embedded struct; write `embed` beside \
                           it, or `column = \"…\"` for a single column";
            diagnostics.error(prefix.at, message);
        }
        (Some(_), _) => match &field.kind {
            Kind::Embedded { .. } => of_the_columns(field, diagnostics),
            Kind::Auto(_) | Kind::Reference { .. } | Kind::Collection { .. } => {
                let message = "`embed` is for a struct that derives `Embed`; leave it out here";
                diagnostics.push(Error::new_spanned(&field.ty, message));
            }
            // `embed` made it an embedded struct
            Kind::Plain | Kind::Nullable => {}
        },
    }
}

/// Attributes of one column on a field that is several.
fn of_the_columns(field: &Field, diagnostics: &mut Diagnostics) {
    let mut refuse = |name: &str, at: Span| {
        let message = match name {
            "primary_key" => {
                "a primary key can't be embedded; mark a field of the model".to_owned()
            }
            "column" => "an embedded struct has several columns; write `prefix = \"…\"`, which \
                         their names begin with"
                .to_owned(),
            "on_update" | "computed" => format!(
                "an embedded struct has no `{name}`; make the field that changes one of the model"
            ),
            _ => format!(
                "`{name}` is said of one column; write it on the field of the embedded struct"
            ),
        };
        diagnostics.error(at, message);
    };
    for (name, at) in of_one_column(&field.attributes) {
        refuse(name, at);
    }
    if let Some(said) = &field.attributes.on_update {
        refuse("on_update", said.at);
    }
    if let Some(said) = &field.attributes.computed {
        refuse("computed", said.at);
    }
    if let Some(said) = &field.attributes.primary_key {
        refuse("primary_key", said.at);
    }
}

/// What can be said on a field of an embedded struct only.
fn of_one_column(attributes: &Attributes) -> Vec<(&'static str, Span)> {
    let Attributes {
        unique, index, length, sql_type, server_default, comment, check, column, ..
    } = attributes;
    let said = [
        ("unique", unique.as_ref().map(|said| said.at)),
        ("index", index.as_ref().map(|said| said.at)),
        ("length", length.as_ref().map(|said| said.at)),
        ("sql_type", sql_type.as_ref().map(|said| said.at)),
        ("server_default", server_default.as_ref().map(|said| said.at)),
        ("comment", comment.as_ref().map(|said| said.at)),
        ("check", check.as_ref().map(|said| said.at)),
        ("column", column.as_ref().map(|said| said.at)),
    ];
    said.into_iter().filter_map(|(name, at)| Some((name, at?))).collect()
}

/// Checks a field of an embedded struct; `false` for one that can't be in it.
pub fn inner(field: &Field, diagnostics: &mut Diagnostics) -> bool {
    let what = match &field.kind {
        Kind::Auto(_) => Some("a value that the database makes (`Auto`)"),
        Kind::Reference { .. } => Some("a foreign key (`Ref`)"),
        Kind::Collection { .. } => Some("a relationship (`Many`, `One`)"),
        Kind::Plain | Kind::Nullable | Kind::Embedded { .. } => None,
    };
    if let Some(what) = what {
        let message = format!("{what} can't be embedded; make it a field of the model");
        diagnostics.push(Error::new_spanned(&field.ty, message));
        return false;
    }
    let Attributes {
        primary_key,
        computed,
        on_update,
        on_delete,
        on_update_key,
        back_populates,
        secondary,
        cascade,
        passive_deletes,
        order_by,
        ..
    } = &field.attributes;
    let of_models = [
        ("primary_key", primary_key.as_ref().map(|said| said.at)),
        ("computed", computed.as_ref().map(|said| said.at)),
        ("on_update", on_update.as_ref().map(|said| said.at)),
        ("on_update", on_update_key.as_ref().map(|said| said.at)),
        ("on_delete", on_delete.as_ref().map(|said| said.at)),
        ("back_populates", back_populates.as_ref().map(|said| said.at)),
        ("secondary", secondary.as_ref().map(|said| said.at)),
        ("cascade", cascade.as_ref().map(|said| said.at)),
        ("passive_deletes", passive_deletes.as_ref().map(|said| said.at)),
        ("order_by", order_by.as_ref().map(|said| said.at)),
    ];
    let mut fits = true;
    for (name, at) in of_models {
        if let Some(at) = at {
            fits = false;
            let message = format!(
                "`{name}` can't be said in an embedded struct; make the field one of the model"
            );
            diagnostics.error(at, message);
        }
    }
    if let Some(said) = &field.attributes.check
        && !field.is_embedded()
        && !said.value.contains(COLUMN)
    {
        let message = "the column's name depends on where the struct is embedded; write `{column}` \
                       for it: `check = \"{column} > 0\"`";
        diagnostics.error(said.at, message);
    }
    fits
}
