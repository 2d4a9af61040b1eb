//! `version`: one field, a column of its own, which the flush alone writes. Whether its type can be one
//! is asked by the emitted code (`expand::assertions`).

use crate::ast::{Attributes, Model};
use crate::diagnostics::Diagnostics;
use proc_macro2::Span;

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
