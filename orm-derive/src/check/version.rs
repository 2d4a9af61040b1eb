//! `version`: one field, a column of its own, which the flush alone writes. Whether its type can be one
//! is asked by the emitted code (`expand::assertions`).

use crate::ast::{Attributes, Field, Kind, Model, Version};
use crate::diagnostics::Diagnostics;
use crate::parse::kind;
use proc_macro2::Span;
use syn::Error;

/// `version = xmin`: a column that is there, of one type, and of which nothing else can be said.
fn of_the_system(field: &Field, diagnostics: &mut Diagnostics) {
    let inner = match &field.kind {
        Kind::Auto(inner) => kind::simple_name(inner),
        _ => None,
    };
    if inner.is_none_or(|name| name != "i64") {
        let message = "`version = xmin` is the number of the transaction that wrote the row; write its \
                       type `Auto<i64>`";
        diagnostics.push(Error::new_spanned(&field.ty, message));
        return;
    }
    let attributes = &field.attributes;
    let others = [
        ("primary_key", attributes.primary_key.as_ref().map(|said| said.at)),
        ("unique", attributes.unique.as_ref().map(|said| said.at)),
        ("index", attributes.index.as_ref().map(|said| said.at)),
        ("length", attributes.length.as_ref().map(|said| said.at)),
        ("check", attributes.check.as_ref().map(|said| said.at)),
        ("comment", attributes.comment.as_ref().map(|said| said.at)),
        ("column", attributes.column.as_ref().map(|said| said.at)),
        ("sql_type", attributes.sql_type.as_ref().map(|said| said.at)),
        ("computed", attributes.computed.as_ref().map(|said| said.at)),
        ("default", attributes.default.as_ref().map(|said| said.at)),
        ("server_default", attributes.server_default.as_ref().map(|said| said.at)),
        ("on_update", attributes.on_update.as_ref().map(|said| said.at)),
    ];
    for (name, at) in others {
        if let Some(at) = at {
            let message = format!("`xmin` is a column that PostgreSQL makes; leave `{name}` out");
            diagnostics.error(at, message);
            return;
        }
    }
}

/// Checks the fields that say it.
pub fn version(model: &Model, diagnostics: &mut Diagnostics) {
    let mut first: Option<&str> = None;
    for field in model.fields.iter().filter(|field| !field.is_collection()) {
        let Attributes { version, primary_key, default, on_update, server_default, .. } =
            &field.attributes;
        let Some(said) = version else { continue };
        if let Some(first) = first {
            let message = format!(
                "`{}` is a second version, and `{first}` is one already; keep one of them",
                field.name
            );
            diagnostics.error(said.at, message);
            continue;
        }
        first = Some(&field.name);
        if said.value == Version::System {
            of_the_system(field, diagnostics);
            continue;
        }
        if field.is_reference() {
            let message = "a `Ref` can't be a version; add a field: `#[orm(version)] version: i64`";
            diagnostics.error(said.at, message);
            continue;
        }
        if primary_key.is_some() {
            let message = "a primary key can't be a version: it stays what it is; add a field: \
                           `#[orm(version)] version: i64`";
            diagnostics.error(said.at, message);
        }
        let mut refuse = |name: &str, at: Option<Span>| {
            if let Some(at) = at {
                let message = format!(
                    "a `version` is filled by the flush, for new rows and for changed ones; leave \
                     `{name}` out"
                );
                diagnostics.error(at, message);
            }
        };
        refuse("default", default.as_ref().map(|said| said.at));
        refuse("on_update", on_update.as_ref().map(|said| said.at));
        refuse("server_default", server_default.as_ref().map(|said| said.at));
    }
}
